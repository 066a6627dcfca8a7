<?php

return [
    'default' => 'database',
    'connections' => ['database' => ['driver' => 'database', 'table' => 'jobs']],
    'failed' => ['driver' => null, 'table' => 'failed_jobs'],
];
