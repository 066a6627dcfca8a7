<?php

return [
    'default' => 'database',
    'connections' => ['database' => ['driver' => 'database', 'table' => 'jobs']],
    'failed' => ['driver' => 'database', 'table' => 'failed_jobs'],
];
