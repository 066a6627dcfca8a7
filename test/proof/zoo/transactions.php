<?php
// Jobs and the transactions around what they do.

namespace App\Zoo;

use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Queue;

/** Ends inside a transaction of its own, which is committed or rolled back. */
class EndsInTransaction extends Animal
{
    public $tries = 3;

    public function __construct(public string $how, public bool $commits, public bool $locksItself = false) {}

    public function handle()
    {
        DB::beginTransaction();
        if ($this->locksItself) {
            DB::table('jobs')->where('id', $this->job->getJobId())->update(['created_at' => 1]);
        }
        match ($this->how) {
            'delete' => $this->delete(),
            'release' => $this->release(7),
            'fail' => $this->fail(new \RuntimeException('in a transaction')),
        };
        noted('inside', ['rows' => rows()]);
        $this->commits ? DB::commit() : DB::rollBack();
        noted('outside', ['rows' => rows()]);
    }
}

/** The same by a closure that throws: the exception takes the ending with it. */
class EndsInThrowingTransaction extends Animal
{
    public $tries = 3;

    public function __construct(public string $how) {}

    public function handle()
    {
        DB::transaction(function () {
            $this->how === 'delete' ? $this->delete() : $this->release(7);
            throw new \DomainException('rolled back');
        });
    }
}

/** The second of two tries of one transaction deletes, too. */
class EndsInRepeatedTransaction extends Animal
{
    public function handle()
    {
        $try = 0;
        DB::transaction(function () use (&$try) {
            $this->delete();
            if (++$try === 1) {
                throw new \PDOException('SQLSTATE[40001]: Deadlock found when trying to get lock; try restarting transaction');
            }
        }, 2);
        noted("committed at try $try", ['rows' => rows()]);
    }
}

class EndsInInnerTransaction extends Animal
{
    public $tries = 3;

    public function __construct(public bool $commits) {}

    public function handle()
    {
        DB::beginTransaction();
        DB::beginTransaction();
        $this->delete();
        $this->commits ? DB::commit() : DB::rollBack();
        noted('inner one over', ['rows' => rows()]);
        DB::commit();
        noted('outer one over', ['rows' => rows()]);
    }
}

/** Ends in a transaction of another connection, which is none of the queue's. */
class EndsInForeignTransaction extends Animal
{
    public $tries = 3;

    public function handle()
    {
        DB::connection('other')->beginTransaction();
        $this->release(7);
        DB::connection('other')->rollBack();
        noted('released', ['rows' => rows()]);
    }
}

class LeavesTransaction extends Animal
{
    public function __construct(public string $how = 'return') {}

    public function handle()
    {
        DB::beginTransaction();
        DB::table('users')->where('id', 101)->update(['updated_at' => now()]);
        noted('leaves a transaction', ['level' => DB::transactionLevel()]);
        if ($this->how === 'throw') {
            throw new \DomainException('with an open transaction');
        }
    }
}

class SeesTransactions extends Animal
{
    public function handle() { noted('sees', ['level' => DB::transactionLevel()]); }
}

class DispatchesAfterCommit extends Animal
{
    public function handle()
    {
        DB::transaction(function () {
            Ok::dispatch('after commit')->afterCommit();
            Ok::dispatch('before commit');
            noted('inside', ['size' => Queue::size(), 'rows' => rows()]);
        });
        noted('outside', ['rows' => rows()]);
        try {
            DB::transaction(function () {
                Ok::dispatch('never')->afterCommit();
                Ok::dispatch('neither');
                throw new \LogicException('rolled back');
            });
        } catch (\LogicException $e) {
        }
        noted('rolled back', ['rows' => rows()]);
    }
}
