<?php

namespace App\Providers;

use Illuminate\Support\ServiceProvider;

class AppServiceProvider extends ServiceProvider
{
    public function boot()
    {
        if (env('MAIL_CATCH')) {
            config(['mail.default' => 'log']);
        }
    }
}
