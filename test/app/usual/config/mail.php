<?php

const RETRIES = 3;
define('MAIL_DOMAIN', 'example.org');

foreach (['smtp', 'backup'] as $i => $name) {
    if ($name === 'never') {
        continue;
    }
    $mailers[$name] = [
        'transport' => 'smtp',
        'host' => getenv(strtoupper($name).'_HOST') ?: "{$name}.".MAIL_DOMAIN,
        'port' => $_ENV['MAIL_PORT'] ?? 2525 + $i,
        'timeout' => RETRIES * 5,
    ];
}

$mailers['all'] = ['transport' => 'failover', 'mailers' => array_keys($mailers)];

return [
    'default' => env('MAIL_MAILER', 'all'),
    'mailers' => $mailers,
    'from' => ['address' => 'club@'.MAIL_DOMAIN, 'name' => config('app.name', 'Club')],
    'signature' => <<<EOT
        Kind regards,
          {$mailers['smtp']['host']}
        EOT,
    'options' => [
        \PDO::MYSQL_ATTR_SSL_VERIFY_SERVER_CERT => false,
        ...[\PDO::ATTR_PERSISTENT => true],
    ],
];
