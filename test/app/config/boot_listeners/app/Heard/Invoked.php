<?php

namespace App\Heard;

class Invoked
{
    // function handle(\Illuminate\Mail\Events\MessageSent $e)
    public function __invoke(\Illuminate\Database\Events\QueryExecuted $event) {}

    public function handle(Ordered $event) {}
}
