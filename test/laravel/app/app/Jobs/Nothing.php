<?php

namespace App\Jobs;

use Illuminate\Contracts\Queue\ShouldQueue;

/** A job that costs nothing: what is left is the worker's own. */
class Nothing implements ShouldQueue
{
    public function handle(): void
    {
    }
}
