<?php

use Illuminate\Foundation\Application;

return Application::configure(basePath: dirname(__DIR__))
    ->withEvents(discover: [__DIR__.'/../app/Listeners', __DIR__.'/../app/Heard'])
    ->withProviders(providers: ['App\Providers\AppServiceProvider'])
    ->create();
