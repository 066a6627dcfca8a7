<?php

use Illuminate\Foundation\Application;

return Application::configure(basePath: dirname(__DIR__))
    ->withEvents(false)
    ->withExceptions(function ($exceptions) {
        $exceptions->dontFlash(['password']);
        $exceptions->dontReport([\RuntimeException::class]);
    })
    ->create();
