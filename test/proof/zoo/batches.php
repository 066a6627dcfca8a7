<?php
// Jobs in batches and chains.

namespace App\Zoo;

class Adds extends Animal
{
    public function handle() { $this->batch()->add([new Ok('added 1'), new Ok('added 2')]); }
}

class Cancels extends Animal
{
    public function handle()
    {
        $this->batch()->cancel();
        noted('cancelled', ['is' => $this->batch()->fresh()->cancelled()]);
    }
}

class Looks extends Animal
{
    public function handle()
    {
        if ($this->batch()->cancelled()) {
            noted('nothing to do');

            return;
        }
        $batch = $this->batch();
        noted('looks', ['name' => $batch->name, 'total' => $batch->totalJobs, 'pending' => $batch->pendingJobs,
            'done' => $batch->processedJobs(), 'progress' => $batch->progress()]);
    }
}

/** What a chain's job may do to those behind it. */
class AltersChain extends Animal
{
    public function __construct(public string $how) {}

    public function handle()
    {
        noted("$this->how to the chain");
        $this->how === 'prepend' ? $this->prependToChain(new Ok('prepended')) : $this->appendToChain(new Ok('appended'));
    }
}

/** What the first of a chain leaves in the cache is the last one's to read. */
class Leaves extends Animal
{
    public function handle() { cache()->put('left', ['by' => 'the first', 'n' => 7], 300); }
}

class Finds extends Animal
{
    public function handle() { noted('finds', ['left' => cache()->pull('left'), 'queue' => $this->job->getQueue()]); }
}

/** Leaves a row of the database, in a transaction that its end does not belong to. */
class LeavesRow extends Animal
{
    public function handle()
    {
        \DB::table('done_jobs')->insert(['uuid' => 'left', 'class' => static::class, 'what' => 'left']);
    }
}

class FindsRow extends Animal
{
    public function handle() { noted('finds', ['rows' => \DB::table('done_jobs')->where('uuid', 'left')->count()]); }
}
