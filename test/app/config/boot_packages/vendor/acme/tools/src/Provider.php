<?php

namespace Acme\Tools;

use Illuminate\Queue\Events\JobProcessed;
use Illuminate\Queue\Events\JobQueued;
use Illuminate\Support\Facades\Blade;
use Illuminate\Support\Facades\Mail as Post;
use Illuminate\Support\Facades\View;

class Provider extends \Illuminate\Support\ServiceProvider
{
    public function boot(): void
    {
        // Mail::alwaysTo('comment@example.org');
        Post::alwaysTo('package@example.org');
        Post::raw('text');
        View::share('motto', 1);
        View::composer('tools::page', fn () => null);
        view()->composer('*', Composer::class);
        Blade::directive('motto', fn () => "Mail::alwaysTo('text')");
        $this->app['blade.compiler']->if('summer', fn () => true);
        $this->app->extend('mail.manager', fn ($m) => $m);
        $this->app->bind(\Illuminate\Contracts\Mail\Factory::class, fn () => null);
        $this->app->bind('tools', fn () => null);
        $this->app['events']->listen('eloquent.*', fn () => null);
        config(['mail.default' => 'log', 'tools.mail.default' => 1]);
        config()->set('queue.default', 'sync');
        (new Deep\Catcher)->catchAll();
        (new Catcher)->catchAll();
    }
}
