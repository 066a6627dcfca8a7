<?php

namespace App\Console\Commands;

use App\Jobs\SendVolunteerLetterJob;
use Illuminate\Console\Command;

class DispatchLetters extends Command
{
    protected $signature = 'letters:dispatch
        {club : Id of the club}
        {teacher* : Ids of teachers}
        {--user= : Id of the user who asks for it}
        {--queue= : Queue to use instead of the connection\'s own}
        {--delay= : Seconds to wait}
        {--strings : Ids as strings, as a form sends them}';

    protected $description = 'Dispatch the letters of some teachers';

    public function handle(): int
    {
        $id = fn ($value) => $value === null || $this->option('strings') ? $value : (int) $value;

        foreach ($this->argument('teacher') as $teacher) {
            $job = SendVolunteerLetterJob::dispatch(
                $id($this->argument('club')),
                $id($teacher),
                $id($this->option('user')),
            );
            if ($this->option('queue') !== null) {
                $job->onQueue($this->option('queue'));
            }
            if ($this->option('delay') !== null) {
                $job->delay((int) $this->option('delay'));
            }
        }

        return self::SUCCESS;
    }
}
