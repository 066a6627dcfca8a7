<?php

return [
    'default' => 'database',
    'connections' => [
        'database' => [
            'driver' => 'database',
            'table' => secret_table(),
            'retry_after' => 90,
        ],
        'other' => ['driver' => 'database', 'table' => 'jobs', 'queue' => 'o'],
    ],
];
