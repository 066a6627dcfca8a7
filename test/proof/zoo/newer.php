<?php
// What not every Laravel has. A class whose parts are missing is not declared.

namespace App\Zoo;

use Illuminate\Queue\Middleware\FailOnException;
use Illuminate\Queue\Middleware\Skip;
use Illuminate\Queue\Middleware\SkipIfBatchCancelled;
use Illuminate\Queue\Middleware\ThrottlesExceptions;
use Illuminate\Support\Facades\Context;
use Illuminate\Support\Facades\Log;

class Skipped extends Animal
{
    public function __construct(public bool $skips = true) {}

    public function middleware() { return [Skip::when($this->skips)]; }

    public function handle() { noted('not skipped'); }
}

class SkipsCancelled extends Animal
{
    public function middleware() { return [new SkipIfBatchCancelled]; }

    public function handle() { noted('not cancelled'); }
}

class FailsOnSome extends Animal
{
    public $tries = 3;

    public function __construct(public bool $on) {}

    public function middleware() { return [new FailOnException([$this->on ? \DomainException::class : \RangeException::class])]; }

    public function handle() { throw new \DomainException('some'); }
}

class DeletedWhenThrottled extends Animal
{
    public $tries = 5;

    public function middleware() { return [(new ThrottlesExceptions(1, 60))->deleteWhen(\DomainException::class)]; }

    public function handle() { throw new \DomainException('thrown away'); }
}

class HasContext extends Animal
{
    public function __construct(public bool $fails = false) {}

    public function handle()
    {
        noted('context', ['all' => Context::all(), 'hidden' => Context::getHidden('h')]);
        Log::info('with its context');
        Context::add('later', 1);
        Ok::dispatch('with the context of a job');
        if ($this->fails) {
            throw new \DomainException('with its context');
        }
    }

    public function failed($e) { noted('failed() with context', ['all' => Context::all()]); }
}

if (interface_exists(\Illuminate\Contracts\Queue\ShouldQueueAfterCommit::class)) {
    class WaitsForCommit extends Animal implements \Illuminate\Contracts\Queue\ShouldQueueAfterCommit
    {
        public function handle() { noted('after the commit'); }
    }

    class DispatchesWaiting extends Animal
    {
        public function handle()
        {
            \DB::transaction(function () {
                WaitsForCommit::dispatch();
                WaitsForCommit::dispatch()->beforeCommit();
                noted('inside', ['size' => \Queue::size(), 'rows' => rows()]);
            });
            noted('outside', ['rows' => rows()]);
        }
    }
}

if (interface_exists(\Illuminate\Contracts\Queue\Interruptible::class)) {
    class NapsInterruptibly extends Naps implements \Illuminate\Contracts\Queue\Interruptible
    {
        public function interrupted(int $signal): void { noted("interrupted by $signal"); }
    }
}

#[\Illuminate\Queue\Attributes\DebounceFor(1)]
class Debounced extends Animal
{
    public function __construct(public string $name) {}

    public function debounceId() { return 'all'; }

    public function handle() { noted("debounced $this->name"); }
}

#[\Illuminate\Queue\Attributes\Tries(3)]
#[\Illuminate\Queue\Attributes\Backoff([4, 8])]
#[\Illuminate\Queue\Attributes\MaxExceptions(2)]
class HasAttributes extends Animal
{
    public function handle()
    {
        noted('has attributes', ['attempts' => $this->attempts()]);
        throw new \DomainException('with attributes');
    }
}
