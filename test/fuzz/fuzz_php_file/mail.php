<?php
return [
    'default' => env('MAIL_MAILER', since(11) ? 'log' : 'smtp'),
    'mailers' => [
        'smtp' => [
            'transport' => 'smtp',
            'scheme' => since(11) ? env('MAIL_SCHEME') : null,
            'url' => since(10) ? env('MAIL_URL') : null,
            'host' => env('MAIL_HOST', since(11) ? '127.0.0.1' : 'smtp.mailgun.org'),
            'port' => env('MAIL_PORT', since(11) ? 2525 : 587),
            'encryption' => since(11) ? null : env('MAIL_ENCRYPTION', 'tls'),
            'username' => env('MAIL_USERNAME'),
            'password' => env('MAIL_PASSWORD'),
            'timeout' => null,
            'local_domain' => since(11)
                ? env('MAIL_EHLO_DOMAIN', parse_url((string) env('APP_URL', 'http://localhost'), PHP_URL_HOST))
                : (since(9) ? env('MAIL_EHLO_DOMAIN') : null),
        ],
        'ses' => ['transport' => 'ses'],
        'postmark' => ['transport' => 'postmark'],
        'resend' => ['transport' => 'resend'],
        'sendmail' => [
            'transport' => 'sendmail',
            'path' => env('MAIL_SENDMAIL_PATH', since(9) ? '/usr/sbin/sendmail -bs -i' : '/usr/sbin/sendmail -t -i'),
        ],
        'log' => ['transport' => 'log', 'channel' => env('MAIL_LOG_CHANNEL')],
        'array' => ['transport' => 'array'],
        'failover' => ['transport' => 'failover', 'mailers' => ['smtp', 'log'], 'retry_after' => 60],
        'roundrobin' => ['transport' => 'roundrobin', 'mailers' => ['ses', 'postmark'], 'retry_after' => 60],
    ],
    'from' => [
        'address' => env('MAIL_FROM_ADDRESS', 'hello@example.com'),
        'name' => env('MAIL_FROM_NAME', 'Example'),
    ],
    'markdown' => [
        'theme' => since(11) ? env('MAIL_MARKDOWN_THEME', 'default') : 'default',
        'paths' => [resource_path('views/vendor/mail')],
    ],
];
