<?php

declare(strict_types=1);

use Illuminate\Support\Str;

$table = env('DB_QUEUE_TABLE', 'jobs');

if (env('QUEUE_PREFIXED', true)) {
    $table = Str::slug((string) env('APP_NAME', 'x'), '_').'_'.$table;
}

return [
    'default' => match (env('APP_ENV', 'production')) {
        'local', 'testing' => 'sync',
        default => env('QUEUE_CONNECTION') ?? 'letters',
    },
    'connections' => [
        'sync' => ['driver' => 'sync'],
        ...require __DIR__.'/../shared/queues.php',
        ...(file_exists(base_path('shared/missing.php')) ? require base_path('shared/missing.php') : []),
    ] + ['database' => ['driver' => 'database', 'table' => $table, 'retry_after' => (int) env('RETRY', '120')]],
    'failed' => array_merge(
        ['driver' => 'database-uuids', 'table' => 'failed_jobs'],
        array_filter(['database' => env('FAILED_DB'), 'table' => env('FAILED_TABLE')], fn ($v) => $v !== null),
    ),
    'watch' => array_map(fn (string $q) => trim($q), explode(',', env('QUEUES', 'default, letters'))),
    'is_local' => env('APP_ENV') === 'local',
    'password' => trim(file_get_contents(base_path('shared/secret'))),
];
