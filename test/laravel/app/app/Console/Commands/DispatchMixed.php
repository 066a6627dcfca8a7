<?php

namespace App\Console\Commands;

use App\Jobs\GenerateInvoiceJob;
use App\Jobs\SendLessonReminderJob;
use App\Jobs\SendVolunteerLetterJob;
use App\Models\Club;
use App\Models\Teacher;
use App\Notifications\LessonMoved;
use Illuminate\Console\Command;

class DispatchMixed extends Command
{
    protected $signature = 'jobs:mixed {count : Letters; as many of each other class} {--foreign-only}';

    protected $description = 'Fill the default queue with letters between jobs of other classes';

    public function handle(): int
    {
        $teachers = Teacher::with('user')->orderBy('id')->get();
        $clubs = Club::orderBy('id')->get();

        for ($i = 0; $i < (int) $this->argument('count'); $i++) {
            $teacher = $teachers[$i % $teachers->count()];
            $club = $clubs[$i % $clubs->count()];
            SendLessonReminderJob::dispatch($i);
            if (! $this->option('foreign-only')) {
                SendVolunteerLetterJob::dispatch($club->id, $teacher->id);
            }
            GenerateInvoiceJob::dispatch($club, 42.31 + $i);
            $teacher->user->notify(new LessonMoved);
        }

        return self::SUCCESS;
    }
}
