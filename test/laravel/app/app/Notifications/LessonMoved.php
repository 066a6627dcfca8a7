<?php

namespace App\Notifications;

use Illuminate\Bus\Queueable;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Notifications\Notification;
use Illuminate\Support\Facades\DB;

/** A queued notification whose one channel is the table of done jobs. */
class LessonMoved extends Notification implements ShouldQueue
{
    use Queueable;

    public function via(object $notifiable): array
    {
        return [self::class];
    }

    public function send(object $notifiable, self $notification): void
    {
        DB::table('done_jobs')->insert([
            'uuid' => $notification->id,
            'class' => self::class,
            'what' => "déplacée, pour {$notifiable->name}",
        ]);
    }
}
