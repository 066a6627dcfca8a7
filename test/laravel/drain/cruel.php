<?php
// cruel.php COUNT: jobs that end the processes that run them.

use App\Drain;

require 'vendor/autoload.php';
$app = require 'bootstrap/app.php';
$app->make(Illuminate\Contracts\Console\Kernel::class)->bootstrap();
class_exists(Drain\Provider::class); // the rest of its file with it

for ($i = 1; $i <= (int) $argv[1]; $i++) {
    Drain\Crash::dispatch($i);
    Drain\Quit::dispatch($i);
    Drain\Leak::dispatch($i);
    Drain\Sleep::dispatch($i);
    Drain\Hang::dispatch($i);
    Drain\Lock::dispatch($i);
}
