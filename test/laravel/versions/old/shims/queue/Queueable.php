<?php

namespace Illuminate\Foundation\Queue;

/** What Laravel 11 has: the four traits of a job in one. */
trait Queueable
{
    use \Illuminate\Bus\Queueable, \Illuminate\Foundation\Bus\Dispatchable,
        \Illuminate\Queue\InteractsWithQueue, \Illuminate\Queue\SerializesModels;
}
