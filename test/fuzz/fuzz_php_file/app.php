<?php
// What an app has that says nothing else. since(N) holds from Laravel N on.
return [
    'name' => env('APP_NAME', 'Laravel'),
    'env' => env('APP_ENV', 'production'),
    'debug' => (bool) env('APP_DEBUG', false),
    'url' => env('APP_URL', 'http://localhost'),
    'asset_url' => env('ASSET_URL'),
    // Only Laravel 11 asks the environment.
    'timezone' => since(11) && !since(12) ? env('APP_TIMEZONE', 'UTC') : 'UTC',
    'locale' => since(11) ? env('APP_LOCALE', 'en') : 'en',
    'fallback_locale' => since(11) ? env('APP_FALLBACK_LOCALE', 'en') : 'en',
    'cipher' => 'AES-256-CBC',
    'key' => env('APP_KEY'),
    'previous_keys' => since(11) ? [...array_filter(explode(',', (string) env('APP_PREVIOUS_KEYS', '')))] : [],
    'maintenance' => [
        'driver' => since(11) ? env('APP_MAINTENANCE_DRIVER', 'file') : 'file',
        'store' => since(11) ? env('APP_MAINTENANCE_STORE', 'database') : null,
    ],
];
