<?php
// How a job ends by what it does itself.

namespace App\Zoo;

use Illuminate\Foundation\Bus\Dispatchable;
use Illuminate\Support\Facades\Log;
use Illuminate\Support\Facades\Queue;

class Ok extends Animal
{
    public function __construct(public string $name = 'ok') {}

    public function handle() { noted("ok $this->name"); }
}

class Throws extends Animal
{
    public function __construct(public string $text = 'boom') {}

    public function handle()
    {
        noted('throws');
        throw new \DomainException($this->text, 7, new \LogicException('inner é'));
    }
}

class ThrowsThreeTimes extends Throws
{
    public $tries = 3;
    public $backoff = [4, 9];
}

class ThrowsBackoffMethod extends Throws
{
    public function tries() { return 3; }

    public function backoff() { return [5, 8]; }
}

class ThrowsUntil extends Throws
{
    public function retryUntil() { return now()->addSeconds(60); }
}

class ThrowsMaxExceptions extends Throws
{
    public $tries = 5;
    public $maxExceptions = 1;
}

class ThrowsMaxTwoExceptions extends Throws
{
    public $tries = 5;
    public $maxExceptions = 2;
}

class ThrowsBytes extends Animal
{
    public function handle() { throw new \DomainException("bad \xff\xfe bytes"); }
}

class ThrowsMuch extends Animal
{
    public function handle() { throw new \DomainException(str_repeat('much ', 240000)); }
}

class ThrowsError extends Animal
{
    public function handle() { nothing_of_this_name(); }
}

class Releases extends Animal
{
    public $tries = 3;

    public function __construct(public int $seconds = 7) {}

    public function handle()
    {
        $this->release($this->seconds);
        noted('released', ['rows' => rows(), 'size' => Queue::size()]);
    }
}

class ReleasesToTime extends Animal
{
    public $tries = 3;

    public function handle() { $this->release(now()->addSeconds(9)); }
}

class ReleasesByInterval extends Animal
{
    public $tries = 3;

    public function handle() { $this->release(new \DateInterval('PT20S')); }
}

class Deletes extends Animal
{
    public function handle()
    {
        $this->delete();
        noted('deleted', ['rows' => rows(), 'size' => Queue::size()]);
    }
}

class FailsItself extends Animal
{
    public $tries = 3;

    public function handle()
    {
        $this->fail(new \RuntimeException('by hand'));
        noted('after fail', ['rows' => rows()]);
    }
}

class FailsWithText extends Animal
{
    public function handle() { $this->fail('a text alone'); }
}

class FailsWithNothing extends Animal
{
    public function handle() { $this->fail(); }
}

/** Several endings in one job, in the order of their names. */
class Ends extends Animal
{
    public function __construct(public string $steps, public int $tries = 3) {}

    public function handle()
    {
        foreach (explode(' ', $this->steps) as $step) {
            match ($step) {
                'delete' => $this->delete(),
                'release' => $this->release(7),
                'later' => $this->release(9),
                'fail' => $this->fail(new \RuntimeException('by hand')),
                'throw' => throw new \DomainException("after $this->steps"),
            };
        }
    }
}

class FailedThrows extends Throws
{
    public function failed($e)
    {
        noted('failed() throws');
        throw new \LogicException('from failed()');
    }
}

class Speaks extends Animal
{
    public function handle()
    {
        echo "said by echo\n";
        fwrite(STDERR, "said on stderr\n");
        fwrite(STDOUT, "said on stdout\n");
        error_log('said by error_log');
        print 'without an end of line';
    }
}

/** What a job can know of the worker around it. */
class Knows extends Animal
{
    public function handle()
    {
        $job = $this->job;
        $record = method_exists($job, 'getJobRecord') ? $job->getJobRecord() : null;
        $fields = ['id', 'queue', 'payload', 'attempts', 'reserved_at', 'available_at', 'created_at'];
        noted('knows', [
            'database job' => $job instanceof \Illuminate\Queue\Jobs\DatabaseJob, 'id' => gettype($job->getJobId()),
            'record' => $record ? array_map(fn ($f) => gettype($record->$f), array_combine($fields, $fields)) : null,
            'attempts' => $this->attempts(), 'connection' => $job->getConnectionName(), 'queue' => $job->getQueue(),
            'name' => $job->getName(), 'resolved' => $job->resolveName(), 'uuid' => strlen($job->uuid()),
            'tries' => $job->maxTries(), 'timeout' => $job->timeout(), 'until' => $job->retryUntil(),
            'argv' => array_slice($_SERVER['argv'], 0, 2), 'in console' => app()->runningInConsole(),
            'queue:work' => method_exists(app(), 'runningConsoleCommand') ? app()->runningConsoleCommand('queue:work') : null,
            'in the app' => getcwd() === base_path(), 'environment' => app()->environment(), 'streams' => defined('STDIN'),
            'terminal' => stream_isatty(STDIN), 'limit' => ini_get('max_execution_time'),
            'asynchronous' => pcntl_async_signals(),
        ]);
    }
}

class Counts extends Animal
{
    public function handle() { noted('counts', ['scoped' => ++app('zoo.scoped')->n, 'single' => ++app('zoo.single')->n]); }
}

/** State that a job leaves in the process is there for the next one, in both. */
class LeavesState extends Animal
{
    public static $visits = 0;

    public function handle()
    {
        noted('state', ['visits' => ++self::$visits, 'locale' => app()->getLocale(), 'config' => config('app.name')]);
        app()->setLocale('nl');
        config(['app.name' => 'changed']);
    }
}

class Injected extends Animal
{
    public function handle(\Illuminate\Contracts\Cache\Repository $cache, \Illuminate\Contracts\Config\Repository $config)
    {
        noted('injected', ['cache' => get_class($cache), 'queue' => $config->get('queue.default')]);
    }
}

/** No trait of the queue's: such a job knows nothing of itself. */
class Plain implements \Illuminate\Contracts\Queue\ShouldQueue
{
    use Dispatchable;

    public function handle() { noted('plain'); }
}

class DispatchesOthers extends Animal
{
    public function handle()
    {
        Ok::dispatch('first of a job');
        Ok::dispatch('second of a job')->onQueue('other');
        dispatch_sync(new Ok('at once'));
        noted('dispatched', ['rows' => rows()]);
    }
}

class DispatchesItself extends Animal
{
    public function __construct(public int $more = 3) {}

    public function handle()
    {
        noted("more $this->more");
        if ($this->more > 0) {
            self::dispatch($this->more - 1);
        }
    }
}

class Naps extends Animal
{
    public function handle()
    {
        noted('naps');
        usleep(1500000);
        noted('has napped');
    }
}

/** Memory that a job leaves in the process. */
class Grows extends Animal
{
    public static $all = [];

    public function handle()
    {
        self::$all[] = str_repeat('x', 90 << 20);
        noted('has grown', ['jobs' => count(self::$all)]);
    }
}

/** What it starts goes on without it. */
class StartsProcess extends Animal
{
    public function handle()
    {
        exec('(sleep 2; echo "the process lives" >> '.storage_path('zoo.log').') >/dev/null 2>&1 &');
        noted('started');
    }
}

class DispatchesAfterResponse extends Animal
{
    public function handle()
    {
        dispatch(function () {
            noted('after the response');
        })->afterResponse();
        noted('before it');
    }
}

class Defers extends Animal
{
    public function __construct(public bool $fails = false) {}

    public function handle()
    {
        \Illuminate\Support\defer(fn () => noted('deferred'));
        \Illuminate\Support\defer(fn () => noted('deferred always'))->always();
        noted('at once');
        if ($this->fails) {
            throw new \DomainException('after defer');
        }
    }
}

class Logs extends Animal
{
    public function handle() { Log::info('a job logs', ['n' => 1]); }
}

/** A job on the connection sync inside a job: its events are not the outer one's. */
class RunsAnother extends Animal
{
    public function __construct(public bool $fails = false) {}

    public function handle()
    {
        try {
            dispatch(($this->fails ? new Throws('inside') : new Ok('inside'))->onConnection('sync'));
        } catch (\DomainException $e) {
            noted('caught '.$e->getMessage());
        }
        noted('after the other', ['rows' => rows()]);
    }
}
