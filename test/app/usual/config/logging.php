<?php

use Monolog\Handler\NullHandler;
use Monolog\Level;
use Psr\Log\LogLevel;

$days = ['production' => 30, 'local' => 2][env('APP_ENV', 'production')] ?? 14;
$channel = fn (string $name, string $level = LogLevel::DEBUG) => [
    'driver' => 'daily',
    'path' => storage_path("logs/{$name}.log"),
    'level' => $level,
    'days' => $days,
];

return [
    'default' => env('LOG_CHANNEL', 'stack'),
    'channels' => [
        'stack' => ['driver' => 'stack', 'channels' => explode(',', (string) env('LOG_STACK', 'mail,queue'))],
        'mail' => $channel('mail'),
        'queue' => $channel('queue', LogLevel::ERROR),
        'null' => ['driver' => 'monolog', 'handler' => NullHandler::class],
        'numbers' => ['level' => \Monolog\Logger::WARNING],
    ],
];
