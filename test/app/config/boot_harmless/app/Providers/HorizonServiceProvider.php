<?php

namespace App\Providers;

use Illuminate\Support\Facades\Gate;
use Laravel\Horizon\Horizon;
use Laravel\Horizon\HorizonApplicationServiceProvider;

class HorizonServiceProvider extends HorizonApplicationServiceProvider
{
    public function boot(): void
    {
        parent::boot();

        Horizon::routeMailNotificationsTo('admin@example.org');
    }

    protected function gate(): void
    {
        Gate::define('viewHorizon', fn ($user) => in_array($user->email, ['admin@example.org']));
    }
}
