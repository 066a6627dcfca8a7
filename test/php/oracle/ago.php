<?php
// ago.php SEED N VENDOR: what Carbon's diffForHumans says: then, now, locale, text; one case
// a line. `then` is taken in UTC, as queue:monitor takes it.
require $argv[3].'/autoload.php';
use Illuminate\Support\Carbon;

date_default_timezone_set('Europe/Paris');
mt_srand((int) $argv[1]);
$steps = [1, 59, 60, 3599, 3600, 86399, 86400, 604800, 2592000, 2678400, 31536000, 31622400, 400000000];
for ($i = 0; $i < (int) $argv[2]; $i++) {
    $now = 1700000000 + mt_rand(0, 100000000);
    $then = $now - ($i % 3 ? mt_rand(0, $steps[array_rand($steps)]) : $steps[array_rand($steps)] - mt_rand(0, 1));
    $locale = ['en', 'fr', 'nl', 'de', 'fr_BE'][mt_rand(0, 4)];
    Carbon::setLocale($locale);
    Carbon::setTestNow(Carbon::createFromTimestamp($now));
    echo $then, "\t", $now, "\t", $locale, "\t", Carbon::createFromTimestamp($then)->diffForHumans(), "\n";
}
