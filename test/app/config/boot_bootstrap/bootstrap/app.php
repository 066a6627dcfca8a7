<?php

use App\Providers\CatchServiceProvider;
use Illuminate\Foundation\Application;
require __DIR__.'/mailer.php';

return Application::configure(basePath: dirname(__DIR__))
    ->withProviders([CatchServiceProvider::class])
    ->withRouting(web: __DIR__.'/../routes/web.php')
    ->withSingletons(['mailer' => \App\Mailer::class])
    ->booted(function (Application $app) {
        if ($app->isLocal()) {
            config(['mail.from.name' => 'Local']);
        }
    })
    ->create();
