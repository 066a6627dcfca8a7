<?php

namespace App\Jobs;

use Illuminate\Support\Facades\DB;

/** A job that ran leaves a row; its key refuses a second run of the same job. */
trait LeavesMark
{
    private function leaveMark(string $what): void
    {
        DB::table('done_jobs')->insert([
            'uuid' => $this->job->uuid(),
            'class' => static::class,
            'what' => $what,
        ]);
    }
}
