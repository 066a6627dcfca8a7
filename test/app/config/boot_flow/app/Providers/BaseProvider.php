<?php

namespace App\Providers;

use Illuminate\Support\ServiceProvider;

abstract class BaseProvider extends ServiceProvider
{
    protected $port = 1025;

    public function boot()
    {
        $this->redirect(\App\Support\Names::of($this->app->environment()), $this->port);
        if (! $this->app->environment('prod*', 'stag*')) {
            config()->set('mail.from.name', 'Test '.config('mail.from.name'));
        }
    }

    abstract protected function redirect(string $host, int $port);
}
