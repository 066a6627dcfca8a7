<?php

return [
    'default' => 'split',
    'connections' => [
        'split' => [
            'driver' => 'mysql',
            'read' => ['host' => ['replica']],
            'write' => ['host' => ['primary', 'other'], 'username' => 'writer'],
            'port' => '3306',
            'database' => 'club',
            'username' => 'reader',
            'password' => 'p',
        ],
        'list' => [
            'driver' => 'mysql',
            'url' => 'mysql://u:p@url-host:3307/d?options[1009]=/ca.pem&timezone=%2B02:00',
            'read' => [['host' => 'r1']],
            'write' => [['host' => 'w1']],
        ],
        'chance' => [
            'driver' => 'mysql',
            'username' => 'u',
            'read' => ['host' => 'r'],
            'write' => [['host' => 'w1'], ['host' => 'w2']],
        ],
        'hosts' => ['driver' => 'mysql', 'username' => 'u', 'host' => ['a', 'b'], 'sticky' => true],
        'no_hosts' => ['driver' => 'mysql', 'host' => []],
        'only_write' => ['driver' => 'mysql', 'username' => 'u', 'host' => 'h', 'write' => ['host' => 'ignored']],
        'blind' => ['driver' => 'mysql', 'username' => 'u', 'host' => 'h', 'options' => secret_options()],
        'blind_host' => ['driver' => 'mysql', 'host' => secret_host()],
        'odd_port' => ['driver' => 'mysql', 'port' => 'x'],
        'malformed' => ['driver' => 'mysql', 'url' => 'mysql://u:s3cret@:x'],
    ],
];
