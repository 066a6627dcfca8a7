<?php

namespace App\Listeners\Mail;

use Illuminate\Auth\Events\Login;
use Illuminate\Mail\Events\MessageSending as Sending;

class AddArchive
{
    public function handle(Sending $event): void {}

    public function handleJobs(#[\SensitiveParameter] \Illuminate\Queue\Events\JobProcessing|\Illuminate\Queue\Events\JobFailed $event): void {}

    public function handleLogin(Login $event): void {}

    public function other(Sending $event): void {}

    private function text(): string
    {
        return 'function handle(\Illuminate\Mail\Events\MessageSent $e)';
    }
}
