<?php
// Laravel's middleware of jobs, and an app's own.

namespace App\Zoo;

use Illuminate\Queue\Middleware\RateLimited;
use Illuminate\Queue\Middleware\ThrottlesExceptions;
use Illuminate\Queue\Middleware\WithoutOverlapping;

class Alone extends Animal
{
    public function __construct(public string $else = 'release', public int $tries = 3) {}

    public function middleware()
    {
        $one = (new WithoutOverlapping('k'))->expireAfter(60);

        return [$this->else === 'release' ? $one->releaseAfter(6) : $one->dontRelease()];
    }

    public function handle() { noted('alone', ['locks' => locks()]); }
}

class AloneAndDies extends Alone
{
    public function handle()
    {
        noted('alone', ['locks' => locks()]);
        exit(3);
    }
}

class Limited extends Animal
{
    public $tries = 5;

    public function __construct(public bool $releases = true) {}

    public function middleware()
    {
        $limit = new RateLimited('zoo');

        return [$this->releases ? $limit : $limit->dontRelease()];
    }

    public function handle() { noted('limited'); }
}

class LimitedByRedis extends Limited
{
    public function middleware() { return [new \Illuminate\Queue\Middleware\RateLimitedWithRedis('zoo')]; }
}

class Throttled extends Animal
{
    public $tries = 5;

    public function middleware() { return [(new ThrottlesExceptions(1, 60))->backoff(1)]; }

    public function handle()
    {
        noted('throttled');
        throw new \DomainException('again');
    }
}

class ThrottledOthers extends Throttled
{
    public function middleware()
    {
        return [(new ThrottlesExceptions(1, 60))->when(fn ($e) => $e instanceof \LogicException && $e instanceof \OutOfRangeException)];
    }
}

/** An app's own: before and after the job, or instead of it. */
class Fence
{
    public function __construct(private bool $opens = true) {}

    public function handle($job, $next)
    {
        noted('before', ['rows' => rows()]);
        $this->opens ? $next($job) : $job->release(5);
        noted('after', ['rows' => rows()]);
    }
}

class Fenced extends Animal
{
    public $tries = 3;

    public function __construct(public bool $opens = true) {}

    public function middleware() { return [new Fence($this->opens)]; }

    public function handle() { noted('fenced'); }
}

/** Middleware that the dispatch gave. */
class Through extends Animal
{
    public function handle() { noted('through'); }
}
