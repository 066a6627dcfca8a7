<?php
// dispatch.php APP CLUB:TEACHER[:USER]...: the app dispatches its letters.
chdir($argv[1]);
require 'vendor/autoload.php';
$app = require 'bootstrap/app.php';
$app->make(Illuminate\Contracts\Console\Kernel::class)->bootstrap();

foreach (array_slice($argv, 2) as $letter) {
    App\Jobs\SendVolunteerLetterJob::dispatch(...array_map('intval', explode(':', $letter)));
}
