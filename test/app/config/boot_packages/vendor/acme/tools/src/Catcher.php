<?php

namespace Acme\Tools;

class Catcher
{
    public function catchAll(): void
    {
        app('queue')->createPayloadUsing(fn () => []);
        \Illuminate\Support\Facades\Event::listen(\Illuminate\Mail\Events\MessageSending::class, fn () => false);
    }
}
