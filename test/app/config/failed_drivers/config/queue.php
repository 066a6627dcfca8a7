<?php

return [
    'default' => 'database',
    'connections' => ['database' => ['driver' => 'database', 'retry_after' => '45', 'queue' => 'letters', 'connection' => 'second']],
    'failed' => ['driver' => 'file', 'path' => storage_path('failed.json')],
];
