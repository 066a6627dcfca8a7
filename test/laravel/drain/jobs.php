<?php
// jobs.php: the jobs of test/laravel/drain.sh and php_chaos.sh, of every kind that an app may have. Each run and each
// effect leaves a row that tells it from any other; nothing here refuses a second run.

namespace App\Drain;

use Illuminate\Bus\Batchable;
use Illuminate\Bus\Queueable;
use Illuminate\Contracts\Queue\ShouldBeEncrypted;
use Illuminate\Contracts\Queue\ShouldBeUnique;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Bus\Dispatchable;
use Illuminate\Mail\Mailable;
use Illuminate\Notifications\Notification;
use Illuminate\Queue\Events\JobProcessed;
use Illuminate\Queue\Events\JobProcessing;
use Illuminate\Queue\InteractsWithQueue;
use Illuminate\Queue\SerializesModels;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\ServiceProvider;

/** What was done: `kind` and `item` say what for. */
function did(string $kind, $item): void
{
    usleep(random_int(0, (int) (getenv('DRAIN_USLEEP') ?: 20000)));
    DB::table('effects')->insert(['kind' => $kind, 'item' => $item, 'pid' => getmypid()]);
}

class Provider extends ServiceProvider
{
    public function boot(): void
    {
        $note = function (string $what) {
            return function ($event) use ($what) {
                if ($event->connectionName !== 'sync') {
                    DB::table('runs')->insert(['uuid' => $event->job->uuid(), 'attempt' => $event->job->attempts(),
                        'class' => $event->job->resolveName(), 'what' => $what, 'pid' => getmypid()]);
                }
            };
        };
        $this->app['events']->listen(JobProcessing::class, $note('begun'));
        $this->app['events']->listen(JobProcessed::class, $note('done'));
        $this->app['events']->listen(Ordered::class, Packer::class);
    }
}

abstract class Work implements ShouldQueue
{
    use Batchable, Dispatchable, InteractsWithQueue, Queueable, SerializesModels;

    public $item;

    public function __construct($item)
    {
        $this->item = $item;
    }

    public function handle(): void
    {
        did(class_basename($this), $this->item);
    }
}

class Reminder extends Work
{
}

/** Asks another program, as PDF makers and backups do. It fails where that one does. */
class Invoice extends Work
{
    public function handle(): void
    {
        $p = proc_open(['sleep', '0.05'], [], $pipes);
        if (proc_close($p) !== 0) {
            throw new \RuntimeException('the other program failed');
        }
        parent::handle();
    }
}

/** Written and ended in one transaction of its own. */
class Booking extends Work
{
    public function handle(): void
    {
        DB::transaction(function () {
            parent::handle();
            $this->delete();
        });
    }
}

class Secret extends Work implements ShouldBeEncrypted
{
}

class Unique extends Work implements ShouldBeUnique
{
    public function uniqueId(): string
    {
        return (string) $this->item;
    }
}

class Link extends Work
{
}

class Member extends Work
{
}

/** Fails once, then not. */
class Flaky extends Work
{
    public function handle(): void
    {
        if ($this->attempts() === 1) {
            throw new \RuntimeException('not today');
        }
        parent::handle();
    }
}

/** Fails for good. */
class Doomed extends Work
{
    public $tries = 2;

    public function handle(): void
    {
        throw new \RuntimeException('never');
    }

    public function failed($e): void
    {
        did('Doomed', $this->item);
    }
}

/** Comes back later by its own will. */
class Later extends Work
{
    public function handle(): void
    {
        $this->attempts() === 1 ? $this->release(1) : parent::handle();
    }
}

class Letter extends Mailable implements ShouldQueue
{
    use Queueable;

    public $item;

    public function __construct($item)
    {
        $this->item = $item;
    }

    public function build()
    {
        return $this->subject("drain {$this->item}")->html("<p>{$this->item}</p>");
    }

    public function send($mailer)
    {
        $sent = parent::send($mailer);
        did('Mail', $this->item);

        return $sent;
    }
}

class Note extends Notification implements ShouldQueue
{
    use Queueable;

    public $item;

    public function __construct($item)
    {
        $this->item = $item;
    }

    public function via($notifiable): array
    {
        return [Channel::class];
    }
}

class Channel
{
    public function send($notifiable, $notification): void
    {
        did('Note', $notification->item);
    }
}

class Ordered
{
    public $item;

    public function __construct($item)
    {
        $this->item = $item;
    }
}

class Packer implements ShouldQueue
{
    public function handle(Ordered $event): void
    {
        did('Listener', $event->item);
    }
}

/** What ends a worker's process, the first time. */
abstract class Cruel extends Work
{
    abstract protected function first(): void;

    public function handle(): void
    {
        if ($this->attempts() === 1) {
            $this->first();
        }
        parent::handle();
    }
}

class Crash extends Cruel
{
    protected function first(): void
    {
        posix_kill(getmypid(), SIGSEGV);
        sleep(5);
    }
}

class Quit extends Cruel
{
    protected function first(): void
    {
        exit(3);
    }
}

class Leak extends Cruel
{
    protected function first(): void
    {
        ini_set('memory_limit', memory_get_usage(true) + (16 << 20));
        for ($all = []; ; ) {
            $all[] = str_repeat('x', 1 << 20);
        }
    }
}

/** Longer than its time. */
class Sleep extends Cruel
{
    public $timeout = 1;

    protected function first(): void
    {
        sleep(60);
    }
}

/** The same, and deaf, with a child that is, too. */
class Hang extends Cruel
{
    public $timeout = 1;

    protected function first(): void
    {
        pcntl_signal(SIGALRM, SIG_IGN);
        proc_open(['sleep', getenv('DRAIN_SLEEP') ?: '300'], [], $pipes);
        for (;;) {
            sleep(60);
        }
    }
}

/** Holds its own row by another session until its process is over with it. */
class Lock extends Work
{
    public function handle(): void
    {
        config(['database.connections.other' => config('database.connections.mysql')]);
        parent::handle();
        DB::connection('other')->beginTransaction();
        DB::connection('other')->table('jobs')->where('id', $this->job->getJobId())->lockForUpdate()->get();
    }
}
