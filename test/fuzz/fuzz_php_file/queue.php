<?php
return [
    'default' => env('QUEUE_CONNECTION', since(11) ? 'database' : 'sync'),
    'connections' => [
        'sync' => ['driver' => 'sync'],
        'database' => [
            'driver' => 'database',
            'connection' => since(11) ? env('DB_QUEUE_CONNECTION') : null,
            'table' => since(11) ? env('DB_QUEUE_TABLE', 'jobs') : 'jobs',
            'queue' => since(11) ? env('DB_QUEUE', 'default') : 'default',
            'retry_after' => since(11) ? (int) env('DB_QUEUE_RETRY_AFTER', 90) : 90,
            'after_commit' => false,
        ],
        'redis' => [
            'driver' => 'redis',
            'connection' => since(11) ? env('REDIS_QUEUE_CONNECTION', 'default') : 'default',
            'queue' => env('REDIS_QUEUE', 'default'),
            'retry_after' => since(11) ? (int) env('REDIS_QUEUE_RETRY_AFTER', 90) : 90,
            'block_for' => null,
            'after_commit' => false,
        ],
        // What facteur does not work on needs no more than its driver, to be refused.
        'beanstalkd' => ['driver' => 'beanstalkd'],
        'sqs' => ['driver' => 'sqs'],
        'deferred' => since(12) ? ['driver' => 'deferred'] : null,
        'background' => since(13) ? ['driver' => 'background'] : null,
        'failover' => since(12) ? ['driver' => 'failover', 'connections' => ['database', 'deferred']] : null,
    ],
    'batching' => since(10) ? [
        'database' => env('DB_CONNECTION', since(11) ? 'sqlite' : 'mysql'),
        'table' => 'job_batches',
    ] : null,
    'failed' => [
        'driver' => env('QUEUE_FAILED_DRIVER', 'database-uuids'),
        'database' => env('DB_CONNECTION', since(11) ? 'sqlite' : 'mysql'),
        'table' => 'failed_jobs',
    ],
];
