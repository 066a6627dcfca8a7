<?php

namespace App\Providers;

class CatchServiceProvider extends \Illuminate\Support\ServiceProvider implements \Illuminate\Contracts\Support\DeferrableProvider
{
    public function register(): void
    {
        config(['mail.default' => 'log']);
    }

    public function provides(): array
    {
        return [];
    }
}
