<?php

return [
    'default' => env('MAIL_MAILER', 'smtp'),
    'mailers' => ['smtp' => ['transport' => 'smtp', 'host' => 'relay'], 'log' => ['transport' => 'log']],
    'from' => ['address' => 'club@example.org', 'name' => 'Club'],
];
