<?php

return [
    'default' => 'database',
    'connections' => ['database' => ['driver' => 'database', 'table' => 'jobs']],
    'failed' => ['table' => 'failures', 'database' => 'second'],
];
