<?php
// Unique jobs, and where their locks go.

namespace App\Zoo;

use Illuminate\Contracts\Queue\ShouldBeUnique;
use Illuminate\Contracts\Queue\ShouldBeUniqueUntilProcessing;
use Illuminate\Support\Facades\Cache;

class Unique extends Animal implements ShouldBeUnique
{
    public $uniqueFor = 300;

    public function __construct(public string $does = 'nothing', public int $tries = 1) {}

    public function uniqueId() { return 'one'; }

    public function handle()
    {
        noted('unique', ['locks' => locks()]);
        match ($this->does) {
            'nothing' => null,
            'throw' => throw new \DomainException('unique'),
            'release' => $this->release(7),
            'delete' => $this->delete(),
            'fail' => $this->fail(new \RuntimeException('by hand')),
            'crash' => posix_kill(getmypid(), SIGKILL) && sleep(1),
            'sleep' => sleep(5),
            'itself' => [self::dispatch(), noted('dispatched itself', ['rows' => rows()])],
        };
    }
}

class UniqueTimedOut extends Unique
{
    public $timeout = 1;
}

class UniqueForASecond extends Unique
{
    public $uniqueFor = 1;
}

class UniqueInFiles extends Unique
{
    public function uniqueVia() { return Cache::store('file'); }
}

class UniqueUntilProcessing extends Animal implements ShouldBeUniqueUntilProcessing
{
    public function __construct(public string $does = 'nothing', public int $tries = 2) {}

    public function handle()
    {
        noted('unique until now', ['locks' => locks()]);
        if ($this->does === 'throw') {
            throw new \DomainException('until');
        }
        if ($this->does === 'itself') {
            self::dispatch();
            noted('dispatched itself', ['locks' => locks(), 'rows' => rows()]);
        }
    }
}

class UniqueOfModel extends Animal implements ShouldBeUnique
{
    public $deleteWhenMissingModels = true;

    public function __construct(public \App\Models\User $user) {}

    public function uniqueId() { return $this->user->id; }

    public function handle() { noted('of '.$this->user->id, ['locks' => locks()]); }
}
