<?php

// Included by config/queue.php, whose variables it sees.
return [
    'letters' => ['driver' => 'database', 'table' => $table, 'queue' => 'letters'],
    'none' => ['driver' => 'null'],
];
