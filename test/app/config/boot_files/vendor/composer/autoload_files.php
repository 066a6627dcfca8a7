<?php

$vendorDir = dirname(__DIR__);
$baseDir = dirname($vendorDir);

return array(
    'a' => $vendorDir . '/laravel/framework/src/Illuminate/Support/helpers.php',
    'b' => $baseDir . '/app/helpers.php',
    'c' => $baseDir . '/app/spaced.php',
);
