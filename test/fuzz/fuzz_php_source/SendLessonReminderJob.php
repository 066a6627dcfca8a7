<?php

namespace App\Jobs;

use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Queue\Queueable;

class SendLessonReminderJob implements ShouldQueue
{
    use LeavesMark, Queueable;

    public function __construct(public int $lessonId, public string $when = 'demain à 14 h') {}

    public function handle(): void
    {
        $this->leaveMark("leçon {$this->lessonId}, {$this->when}");
    }
}
