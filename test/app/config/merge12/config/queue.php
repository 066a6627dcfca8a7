<?php

return [
    'default' => 'mine',
    'connections' => [
        'mine' => ['driver' => 'database', 'table' => 'my_jobs', 'retry_after' => null],
        'database' => ['driver' => 'database', 'retry_after' => '120'],
    ],
    'failed' => ['driver' => 'database'],
];
