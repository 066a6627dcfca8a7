<?php
use Illuminate\Support\Str;

return [
    'default' => since(11) ? env('CACHE_STORE', 'database') : env('CACHE_DRIVER', 'file'),
    'stores' => [
        'array' => ['driver' => 'array', 'serialize' => false],
        'database' => [
            'driver' => 'database',
            'connection' => since(11) ? env('DB_CACHE_CONNECTION') : null,
            'table' => since(11) ? env('DB_CACHE_TABLE', 'cache') : 'cache',
            'lock_connection' => since(11) ? env('DB_CACHE_LOCK_CONNECTION') : null,
            'lock_table' => since(11) ? env('DB_CACHE_LOCK_TABLE') : null,
        ],
        'file' => [
            'driver' => 'file',
            'path' => storage_path('framework/cache/data'),
            'lock_path' => storage_path('framework/cache/data'),
        ],
        'redis' => [
            'driver' => 'redis',
            'connection' => since(11) ? env('REDIS_CACHE_CONNECTION', 'cache') : 'cache',
            'lock_connection' => since(11) ? env('REDIS_CACHE_LOCK_CONNECTION', 'default') : 'default',
        ],
    ],
    'prefix' => env('CACHE_PREFIX', since(13)
        ? Str::slug((string) env('APP_NAME', 'laravel')) . '-cache-'
        : Str::slug((string) env('APP_NAME', 'laravel'), '_') . (since(9) ? '_cache_' : '_cache')),
];
