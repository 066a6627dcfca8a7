<?php
use Illuminate\Support\Str;

return [
    'default' => env('DB_CONNECTION', since(11) ? 'sqlite' : 'mysql'),
    'connections' => [
        'sqlite' => [
            'driver' => 'sqlite',
            'url' => since(11) ? env('DB_URL') : env('DATABASE_URL'),
            'database' => env('DB_DATABASE', database_path('database.sqlite')),
            'prefix' => '',
            'foreign_key_constraints' => env('DB_FOREIGN_KEYS', true),
        ],
        'mysql' => [
            'driver' => 'mysql',
            'url' => since(11) ? env('DB_URL') : env('DATABASE_URL'),
            'host' => env('DB_HOST', '127.0.0.1'),
            'port' => env('DB_PORT', '3306'),
            'database' => env('DB_DATABASE', since(11) ? 'laravel' : 'forge'),
            'username' => env('DB_USERNAME', since(11) ? 'root' : 'forge'),
            'password' => env('DB_PASSWORD', ''),
            'unix_socket' => env('DB_SOCKET', ''),
            'charset' => since(11) ? env('DB_CHARSET', 'utf8mb4') : 'utf8mb4',
            'collation' => since(11) ? env('DB_COLLATION', 'utf8mb4_unicode_ci') : 'utf8mb4_unicode_ci',
            'prefix' => '',
            'prefix_indexes' => true,
            'strict' => true,
            'engine' => null,
            'options' => array_filter([1009 => env('MYSQL_ATTR_SSL_CA')]), // PDO's SSL_CA
        ],
        'mariadb' => since(11) ? [
            'driver' => 'mariadb',
            'url' => env('DB_URL'),
            'host' => env('DB_HOST', '127.0.0.1'),
            'port' => env('DB_PORT', '3306'),
            'database' => env('DB_DATABASE', 'laravel'),
            'username' => env('DB_USERNAME', 'root'),
            'password' => env('DB_PASSWORD', ''),
            'unix_socket' => env('DB_SOCKET', ''),
            'charset' => env('DB_CHARSET', 'utf8mb4'),
            'collation' => env('DB_COLLATION', 'utf8mb4_unicode_ci'),
            'prefix' => '',
            'prefix_indexes' => true,
            'strict' => true,
            'engine' => null,
            'options' => array_filter([1009 => env('MYSQL_ATTR_SSL_CA')]),
        ] : null,
        // Not MySQL: facteur needs no more of them than their driver, to refuse it.
        'pgsql' => ['driver' => 'pgsql'],
        'sqlsrv' => ['driver' => 'sqlsrv'],
    ],
    'migrations' => since(11) ? ['table' => 'migrations', 'update_date_on_publish' => true] : 'migrations',
    'redis' => [
        'client' => env('REDIS_CLIENT', 'phpredis'),
        'options' => [
            'cluster' => env('REDIS_CLUSTER', 'redis'),
            'prefix' => env('REDIS_PREFIX', since(13)
                ? Str::slug((string) env('APP_NAME', 'laravel')) . '-database-'
                : Str::slug((string) env('APP_NAME', 'laravel'), '_') . '_database_'),
        ],
        'default' => [
            'url' => env('REDIS_URL'),
            'host' => env('REDIS_HOST', '127.0.0.1'),
            'username' => since(9) ? env('REDIS_USERNAME') : null,
            'password' => env('REDIS_PASSWORD'),
            'port' => env('REDIS_PORT', '6379'),
            'database' => env('REDIS_DB', '0'),
        ],
        'cache' => [
            'url' => env('REDIS_URL'),
            'host' => env('REDIS_HOST', '127.0.0.1'),
            'username' => since(9) ? env('REDIS_USERNAME') : null,
            'password' => env('REDIS_PASSWORD'),
            'port' => env('REDIS_PORT', '6379'),
            'database' => env('REDIS_CACHE_DB', '1'),
        ],
    ],
];
