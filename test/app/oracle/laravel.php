<?php
// laravel.php VENDOR BASE config|log: the app in BASE as the real Laravel sees it.
// config: its configuration, serialised. log: some records to its channels.
[, $vendor, $base, $what] = $argv;
require "$vendor/autoload.php";

$app = new Illuminate\Foundation\Application($base);
$app->bootstrapWith([
    Illuminate\Foundation\Bootstrap\LoadEnvironmentVariables::class,
    Illuminate\Foundation\Bootstrap\LoadConfiguration::class,
]);

if ($what === 'config') {
    echo serialize($app['config']->all());
    exit;
}

$log = $app['log'];
foreach (['stack', 'plain', 'daily', 'nested', 'closed', 'swallowed', 'quiet', 'list', 'php'] as $channel) {
    foreach (['debug', 'warning', 'error'] as $level) {
        $log->channel($channel)->log($level, "$channel {who} {list}", ['who' => 'Zoé', 'list' => [1, 2.0, null], 7 => true]);
    }
}
$log->info('default');
