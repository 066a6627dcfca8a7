<?php

namespace App\Providers;

use Illuminate\Auth\Events\Registered;
use Illuminate\Foundation\Support\Providers\EventServiceProvider as ServiceProvider;
use Illuminate\Mail\Events\MessageSending;

class EventServiceProvider extends ServiceProvider
{
    protected $listen = [
        Registered::class => [\App\Listeners\Welcome::class],
        MessageSending::class => [\App\Listeners\AddFooter::class],
    ];

    protected $observers = [\App\Models\Teacher::class => [\App\Observers\TeacherObserver::class]];

    public function boot()
    {
        parent::boot();
    }

    public function shouldDiscoverEvents()
    {
        return false;
    }
}
