<?php

namespace App\Providers;

class AppServiceProvider extends \Illuminate\Support\ServiceProvider
{
    public function boot(): void
    {
        if (($_SERVER['argv'][1] ?? '') === 'queue:work') {
            config(['mail.default' => 'log']);
        }
    }
}
