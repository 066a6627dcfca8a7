<?php
// The counterpart of test/tools/cache_ops.c: the same lines, by Laravel's own Cache, and
// `lock NAME OWNER SECONDS`. php cache_ops.php APP STORE
require "$argv[1]/vendor/autoload.php";
$app = require "$argv[1]/bootstrap/app.php";
$app->make(Illuminate\Contracts\Console\Kernel::class)->bootstrap();
$store = Illuminate\Support\Facades\Cache::store($argv[2] ?: null);
while (($line = fgets(STDIN)) !== false) {
    $w = explode("\t", rtrim($line, "\n"));
    $result = match ($w[0]) {
        'read' => $store->get($w[1]),
        'put' => $w[3] === '0' ? $store->forever($w[1], json_decode($w[2], true))
            : $store->put($w[1], json_decode($w[2], true), (int) $w[3]),
        'increment' => (int) $store->increment($w[1]),
        'forget' => $store->forget($w[1]) || true,
        'lock' => $store->lock($w[1], (int) $w[3], $w[2])->get(),
        'unlock' => (($w[2] ?? '') === '' ? $store->lock($w[1])->forceRelease()
            : $store->restoreLock($w[1], $w[2])->release()) || true,
    };
    echo json_encode($result, JSON_UNESCAPED_SLASHES), "\n";
}
