<?php
// Jobs whose process does not live, or does not come to an end in time.

namespace App\Zoo;

use Illuminate\Support\Facades\DB;

class Exits extends Animal
{
    public function __construct(public int $status, public int $tries = 1) {}

    public function handle()
    {
        noted('exits');
        exit($this->status);
    }
}

class EatsMemory extends Animal
{
    public function handle()
    {
        noted('eats');
        ini_set('memory_limit', '80M');
        for ($all = []; ; ) {
            $all[] = str_repeat('x', 1 << 20);
        }
    }
}

class Recurses extends Animal
{
    public function handle()
    {
        ini_set('memory_limit', '100M');
        $f = function () use (&$f) {
            $x = str_repeat('a', 100);

            return $f().$x;
        };
        $f();
    }
}

class Crashes extends Animal
{
    public function __construct(public int $tries = 1, public $backoff = null) {}

    public function handle()
    {
        noted('crashes');
        posix_kill(getmypid(), SIGSEGV);
        sleep(1);
    }
}

class Sleeps extends Animal
{
    public $timeout = 1;
    public $mark;

    public function __construct(public int $tries = 1, public $backoff = null) {}

    public function handle()
    {
        $this->mark = 1;
        noted('sleeps');
        for ($i = 0; $i < 50; $i++) {
            usleep(100000);
        }
        noted('slept');
    }
}

class SleepsAndFails extends Sleeps
{
    public $failOnTimeout = true;
}

class SleepsInTransaction extends Sleeps
{
    public function handle()
    {
        DB::transaction(function () {
            DB::table('users')->where('id', 101)->update(['updated_at' => now()]);
            noted('sleeps in a transaction');
            sleep(4);
        });
    }
}

class Blocked extends Sleeps
{
    public function handle()
    {
        noted('waits for the server');
        DB::select('select sleep(5)');
        noted('has waited');
    }
}

class WaitsForChild extends Sleeps
{
    public function handle()
    {
        noted('has a child');
        shell_exec('sleep 3; echo "the grandchild lives" >> '.storage_path('zoo.log'));
        noted('the child is over');
    }
}

class IgnoresAlarm extends Sleeps
{
    public function handle()
    {
        pcntl_signal(SIGALRM, SIG_IGN);
        noted('ignores');
        for ($i = 0; $i < 40; $i++) {
            usleep(100000);
        }
        noted('went on');
    }
}

class Spins extends Sleeps
{
    public function handle()
    {
        noted('spins');
        while (true) {
        }
    }
}

class FailedExits extends Throws
{
    public function failed($e)
    {
        noted('failed() exits');
        exit(9);
    }
}

class LosesConnection extends Animal
{
    public $tries = 2;

    public function handle()
    {
        try {
            DB::statement('kill connection_id()');
        } catch (\Throwable $e) {
            noted('killed');
        }
        noted('after it', ['users' => DB::table('users')->count() > 0]);
    }
}

class LosesConnectionInTransaction extends Animal
{
    public $tries = 2;
    public $backoff = 3;

    public function handle()
    {
        DB::transaction(function () {
            try {
                DB::statement('kill connection_id()');
            } catch (\Throwable $e) {
            }
            DB::table('users')->where('id', 101)->update(['updated_at' => now()]);
        });
    }
}
