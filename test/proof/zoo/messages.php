<?php
// What Laravel queues by itself: mails, notifications, listeners.

namespace App\Zoo;

use Illuminate\Bus\Queueable;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Mail\Mailable;
use Illuminate\Notifications\Messages\MailMessage;
use Illuminate\Notifications\Notification;
use Illuminate\Queue\SerializesModels;

class Postcard extends Mailable implements ShouldQueue
{
    use Queueable, SerializesModels;

    public function build()
    {
        noted('a mail is built');

        return $this->subject('Postcard')->html('<p>Greetings from the zoo</p>');
    }
}

class FailingPostcard extends Mailable implements ShouldQueue
{
    use Queueable, SerializesModels;

    public $tries = 2;

    public function build() { throw new \DomainException('no stamp'); }

    public function failed($e) { noted('failed() of the mail', ['because' => $e->getMessage()]); }
}

class Called extends Notification implements ShouldQueue
{
    use Queueable;

    public function __construct(public bool $fails = false) {}

    public function via($who) { return ['mail']; }

    public function toMail($who)
    {
        noted('a notification is made');
        if ($this->fails) {
            throw new \DomainException('no voice');
        }

        return (new MailMessage)->subject('Called')->line('From the zoo');
    }

    public function failed($e) { noted('failed() of the notification', ['because' => $e->getMessage()]); }
}

class Fed
{
    public function __construct(public string $with) {}
}

class Keeper implements ShouldQueue
{
    public $tries = 2;
    public $backoff = 3;

    public function handle(Fed $event)
    {
        noted("fed with $event->with");
        if ($event->with === 'stones') {
            throw new \DomainException('not eaten');
        }
    }

    public function failed(Fed $event, $e) { noted('failed() of the listener', ['with' => $event->with, 'because' => $e->getMessage()]); }
}
