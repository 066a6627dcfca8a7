<?php
use Monolog\Handler\NullHandler;
use Monolog\Handler\StreamHandler;
use Monolog\Processor\PsrLogMessageProcessor;

return [
    'default' => env('LOG_CHANNEL', 'stack'),
    'channels' => [
        'stack' => [
            'driver' => 'stack',
            'channels' => since(11) ? explode(',', (string) env('LOG_STACK', 'single')) : ['single'],
            'ignore_exceptions' => false,
        ],
        'single' => [
            'driver' => 'single',
            'path' => storage_path('logs/laravel.log'),
            'level' => env('LOG_LEVEL', 'debug'),
            'replace_placeholders' => since(10),
        ],
        'daily' => [
            'driver' => 'daily',
            'path' => storage_path('logs/laravel.log'),
            'level' => env('LOG_LEVEL', 'debug'),
            'days' => since(11) ? env('LOG_DAILY_DAYS', 14) : 14,
            'replace_placeholders' => since(10),
        ],
        'monthly' => since(13) ? [
            'driver' => 'monthly',
            'path' => storage_path('logs/laravel.log'),
            'level' => env('LOG_LEVEL', 'debug'),
            'max_files' => 3,
            'replace_placeholders' => true,
        ] : null,
        'slack' => ['driver' => 'slack', 'level' => env('LOG_LEVEL', 'critical')],
        'papertrail' => ['driver' => 'monolog', 'handler' => 'Monolog\Handler\SyslogUdpHandler'],
        'stderr' => [
            'driver' => 'monolog',
            'level' => env('LOG_LEVEL', 'debug'),
            'handler' => StreamHandler::class,
            'formatter' => env('LOG_STDERR_FORMATTER'),
            'handler_with' => ['stream' => 'php://stderr'],
            'processors' => since(10) ? [PsrLogMessageProcessor::class] : [],
        ],
        'syslog' => ['driver' => 'syslog', 'level' => env('LOG_LEVEL', 'debug')],
        'errorlog' => [
            'driver' => 'errorlog',
            'level' => env('LOG_LEVEL', 'debug'),
            'replace_placeholders' => since(10),
        ],
        'null' => ['driver' => 'monolog', 'handler' => NullHandler::class],
        'emergency' => ['path' => storage_path('logs/laravel.log')],
    ],
];
