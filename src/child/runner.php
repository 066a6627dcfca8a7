<?php
// runner.php: the PHP process beside a slot of facteur. It boots the app as `artisan queue:work` does and
// then runs each job that facteur claimed with the app's own worker. It changes no row of the queue itself:
// where Laravel deletes, releases or fails a job, facteur is asked, and the job goes on when that is committed.
//
// Descriptor 3 brings frames from facteur, 4 takes frames to it; 0, 1 and 2 are the job's own. A frame is
//   u32 (big-endian) length of the JSON, u32 length of the raw bytes, the JSON (an object), the raw bytes
//   to PHP    open {v, base, connection, queues, once, argv, options, lines}; job {n, row} + payload;
//             fail {n, row, why, text} + payload; settled {n, owned}; printed {n}; end {status, reason};
//             describe {key, settings, models, jobs, storage} + the text of describe.php;
//             prove {payload, connection, queue, models, table, club, teacher} + the text of prove.php
//   from PHP  hello; unbootable {class, message, file, line} + text; event and other {n, e, …}; failing {n,
//             class, message, code} + exception; later {n, how, delay}; settle {n, how, delay} (+ exception);
//             timed_out {n}; refused {n, text}; files {n, files}; gone {n, how, text, settled, memory};
//             done {n, settled, rolled_back, memory, peak, lost, open_transactions}; error {text};
//             described {rows, settings}; proved {refused, failed, begun, ended, rows, lines, mails, views} + bytes
// `options` are Laravel's WorkerOptions by the names of its constructor. Unknown fields are ignored.
//
// facteur prints the worker's lines, jobs print what they like, both to the same place. Where `lines` says that
// the order matters, the job goes on when its RUNNING is `printed`. `other` is an event of another job inside
// the one at hand (on the connection sync): queue:work prints its lines, too.
//
// What jobs start inherits 3 and 4: PHP can neither close a descriptor that it was born with nor mark it
// close-on-exec. So an end of file tells facteur nothing; the process does.
//
// Laravel 8 runs on PHP 7.3: this file keeps to its syntax.

namespace Facteur;

use Closure;
use Throwable;

const VERSION = 1;
const TO_PHP_MAX = 64 << 20;
const TEXT_MAX = 8 << 20;      // of an exception
const MESSAGE_MAX = 1 << 20;   // of an exception's message, which JSON may make six times as long
const FATAL = E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR;

/** What facteur said cannot be understood, or comes at the wrong time. */
final class ProtocolError extends \RuntimeException
{
}

/** The two pipes. No signal's handler runs between the halves of a frame: what it would say comes after. */
final class Wire
{
    private $in;
    private $out;
    private $busy = false;
    private $held;
    private $pid;

    public function __construct()
    {
        $this->pid = getmypid();
        $this->in = fopen('php://fd/3', 'r');
        $this->out = fopen('php://fd/4', 'w');
        if (! $this->in || ! $this->out) {
            throw new ProtocolError('descriptors 3 and 4 are no pipes from and to facteur');
        }
        stream_set_read_buffer($this->in, 0);
        stream_set_write_buffer($this->out, 0);
    }

    /** The next frame from facteur: its fields, and the raw bytes as `raw`. */
    public function read(): array
    {
        $length = unpack('Njson/Nraw', $this->bytes(8));
        if ($length['json'] + $length['raw'] > TO_PHP_MAX) {
            throw new ProtocolError("a frame of {$length['json']} and {$length['raw']} bytes");
        }
        $fields = json_decode($this->bytes($length['json']), true);
        if (! is_array($fields) || ! isset($fields['t'])) {
            throw new ProtocolError('a frame that is no JSON object with a type');
        }

        return ['raw' => $this->bytes($length['raw'])] + $fields;
    }

    public function write(string $type, array $fields, string $raw = ''): void
    {
        $this->alone(function () use ($type, $fields, $raw) {
            $this->send(['t' => $type] + $fields, $raw);
        });
    }

    /** Sends a question and waits for its answer. */
    public function ask(string $type, array $fields, string $raw = ''): array
    {
        return $this->alone(function () use ($type, $fields, $raw) {
            $this->send(['t' => $type] + $fields, $raw);

            return $this->read();
        });
    }

    /** Calls it now, or when the frame at hand is through. */
    public function whenFree(Closure $f): void
    {
        if ($this->busy) {
            $this->held = $f;
        } else {
            $f();
        }
    }

    private function alone(Closure $f)
    {
        $this->busy = true;
        $answer = $f();
        $this->busy = false;
        if ($held = $this->held) {
            $this->held = null;
            $held();
        }

        return $answer;
    }

    /** Whether this is the process that facteur has started, and no fork of it that a job has made. */
    public function isOwn(): bool
    {
        return getmypid() === $this->pid;
    }

    private function send(array $fields, string $raw): void
    {
        if (! $this->isOwn()) {
            leave(); // it came back out of the job, which is not its to end; nor are the sessions that it shares
        }
        $json = json_encode($fields, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES
            | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR);
        $bytes = pack('NN', strlen($json), strlen($raw)).$json.$raw;
        for ($at = 0, $misses = 0; $at < strlen($bytes); ) {
            $n = @fwrite($this->out, $at ? substr($bytes, $at) : $bytes);
            if ($n) {
                [$at, $misses] = [$at + $n, 0];
            } elseif (++$misses > 1000) { // a signal interrupts once; a pipe without a reader fails for ever
                leave();
            }
        }
    }

    private function bytes(int $n): string
    {
        for ($bytes = ''; strlen($bytes) < $n; ) {
            $more = fread($this->in, $n - strlen($bytes));
            if ($more === '' || $more === false) {
                if (feof($this->in)) {
                    leave();
                }
                continue; // a signal
            }
            $bytes .= $more;
        }

        return $bytes;
    }
}

/** Facteur is gone: nothing of a job may go on, no shutdown function either. */
function leave(): void
{
    if (function_exists('posix_kill')) {
        posix_kill(getmypid(), SIGKILL);
    }
    exit(1);
}

/** The text of an exception that failed_jobs keeps; Laravel 8 fails a job with anything that is a text, too. */
function text_of($e): string
{
    try {
        $text = (string) $e;
    } catch (Throwable $worse) {
        $text = get_class($e).': '.$e->getMessage();
    }

    return mb_strcut((string) mb_convert_encoding($text, 'UTF-8'), 0, TEXT_MAX, 'UTF-8');
}

/** What else is told of it. */
function fields_of($e): array
{
    $known = $e instanceof Throwable;

    return ['class' => $known ? get_class($e) : null,
        'message' => mb_strcut($known ? $e->getMessage() : (string) $e, 0, MESSAGE_MAX, 'UTF-8'),
        'code' => $known && is_int($e->getCode()) ? $e->getCode() : 0];
}

/** Rolls back to a level. Where that cannot be done the session is given up, and the server does it. */
function roll_back($connection, int $level): void
{
    try {
        $connection->rollBack($level);
    } catch (Throwable $e) {
        $connection->disconnect();
        inside($connection, \Illuminate\Database\Connection::class, function () {
            $this->transactions = 0;
        });
    }
}

/** What makes a DatabaseJob ask facteur where Laravel's changes rows by itself. */
trait AsksFacteur
{
    /** @var Child */
    public $child;
    /** @var string|null what became of the row: delete, release or fail */
    public $settled;
    /** @var mixed the exception that it fails with */
    public $why;
    /** @var string[] what was decided inside a transaction that is still open, or was rolled back */
    public $later = [];

    private $decided = 0;
    private $killed = false;

    public function fire()
    {
        $before = $this->transactions();
        try {
            parent::fire();
        } catch (Throwable $e) {
            $this->endTransactions($before);
            throw $e;
        }
        if ($left = $this->endTransactions($before)) {
            // What it wrote is not there and never will be: that is no success.
            throw new \LogicException("The job left $left database transaction(s) open; they were rolled back.");
        }
    }

    public function delete()
    {
        \Illuminate\Queue\Jobs\Job::delete();
        if (! $this->hasFailed()) { // fail() calls it too, and only then runs failed() and tells listeners
            $this->settle('delete');
        }
    }

    public function release($delay = 0)
    {
        \Illuminate\Queue\Jobs\Job::release($delay);
        $this->settle('release', is_numeric($delay) ? (int) $delay : $this->secondsTo($delay));
    }

    public function fail($e = null)
    {
        if (! $this->isDeleted()) {
            $this->why = $e ?: new \Illuminate\Queue\ManuallyFailedException;
            $this->child->write('failing', fields_of($this->why), text_of($this->why));
        }
        parent::fail($e);
    }

    /** Called where queue:work writes failed_jobs: by the last listener of JobFailed. */
    public function settleFailed($e): void
    {
        $this->why = $e;
        $this->settle('fail');
    }

    /** The worker's own handler is about to end this process, and with it every transaction. */
    public function rollBackToDie(): void
    {
        $this->killed = true;
        $this->endTransactions(0);
    }

    /** How many transactions are open on the queue's connection. */
    public function transactions(): int
    {
        return $this->connection()->transactionLevel();
    }

    private function settle(string $how, int $delay = 0): void
    {
        // In a transaction of the job, Laravel's change would be a part of it; and it may hold the row that
        // facteur would wait for. So the change comes with the commit, and goes with a rollback.
        if (! $this->killed && $this->transactions() > 0) {
            $this->settleAtCommit($how, $delay);
        } else {
            $this->settleNow($how, $delay);
        }
    }

    private function settleAtCommit(string $how, int $delay): void
    {
        $number = ++$this->decided;
        $this->later[$number] = $how;
        $atOnce = true;
        $this->connection()->afterCommit(function () use ($number, $how, $delay, &$atOnce) {
            if (isset($this->later[$number])) {
                unset($this->later[$number]);
                if ($atOnce) { // Laravel knows of no transaction: there will be no commit that it tells
                    $this->settleNow($how, $delay);
                } else {
                    $this->settle($how, $delay); // Laravel 8 and 9 may call at another connection's commit
                }
            }
        });
        $atOnce = false;
        if (isset($this->later[$number])) {
            $this->child->write('later', ['how' => $how, 'delay' => $delay]);
        }
    }

    private function settleNow(string $how, int $delay): void
    {
        // Gone is gone; a release after a release is facteur's to judge, and a failure after one.
        if ($this->settled !== null && ($how === 'delete' || ($how === 'fail' && $this->settled === 'fail'))) {
            return;
        }
        $fields = $how === 'fail' ? fields_of($this->why) : ['delay' => $delay];
        $text = $how === 'fail' ? text_of($this->why) : '';
        $this->settled = $how; // an alarm that came meanwhile is looked at before the answer is back here
        $owned = $this->child->ask('settle', ['how' => $how] + $fields, $text, 'settled')['owned'];
        if ($how === 'fail' && $owned) {
            $this->child->logFailed($this, $this->why);
        }
    }

    /** Rolls back what handle() left open; what it had decided in there is open again. */
    private function endTransactions(int $before): int
    {
        $left = $this->transactions() - $before;
        if ($left <= 0) {
            return 0;
        }
        roll_back($this->connection(), $before);
        $this->later = [];
        if ($this->settled === null && ! $this->hasFailed()) {
            $this->deleted = $this->released = false;
        }

        return $left;
    }

    private function connection()
    {
        return inside($this->database, \Illuminate\Queue\DatabaseQueue::class, function () {
            return $this->database;
        });
    }

    private function secondsTo($time): int
    {
        return inside($this->database, \Illuminate\Queue\DatabaseQueue::class, function () use ($time) {
            return $this->availableAt($time) - $this->currentTime();
        });
    }
}

/** Calls it as a method of the object: much that is needed is protected. */
function inside($object, string $class, Closure $f)
{
    return Closure::bind($f, $object, $class)();
}

/** The job's class has the app's own as its parent, so it exists only after the app's autoloader does. */
function declare_job(): void
{
    class Job extends \Illuminate\Queue\Jobs\DatabaseJob
    {
        use AsksFacteur;
    }
}

final class Child
{
    /** Failed jobs of these are written by facteur, in one commit with the row of the queue. */
    private const FAILERS = ['DatabaseFailedJobProvider', 'DatabaseUuidFailedJobProvider', 'FileFailedJobProvider',
        'NullFailedJobProvider'];

    private $wire;
    private $open;
    private $app;
    private $kernel;
    private $input;
    private $worker;
    private $options;
    private $files = [];
    private $included = 0;
    private $booted = false;
    private $ended = false;
    private $answered = true;
    private $printsReleased;
    private $reserve; // given back when memory is exhausted

    /** @var Job|null the job at hand, and its number */
    private $job;
    private $n = 0;

    // === booting, as artisan does ===

    public function __construct(Wire $wire)
    {
        $this->wire = $wire;
        $this->reserve = str_repeat('x', 1 << 16);
        register_shutdown_function(function () {
            $this->shutdown();
        });
    }

    public function boot(): void
    {
        $this->open = $this->wire->read();
        if ($this->open['t'] !== 'open' || ($this->open['v'] ?? null) !== VERSION) {
            throw new ProtocolError('another version of facteur');
        }
        $began = microtime(true);
        $this->playArtisan();
        $this->app = load_app($this->open['base']);
        $this->input = new \Symfony\Component\Console\Input\ArgvInput;
        $this->kernel = $this->app->make(\Illuminate\Contracts\Console\Kernel::class);
        $this->kernel->bootstrap();
        $this->setUpWorker();
        declare_job();
        ignore_user_abort(true); // nobody reads what is printed: the work goes on
        $this->listen();
        $this->ignoreSignals();
        if (! $this->open['once']) {
            $this->call('listenForSignals');
            $this->call('raiseWorkerStartingEvent');
        }
        $this->booted = true;
        $this->hello($began);
    }

    /** Packages, and Laravel itself, ask the command line what this process is. */
    private function playArtisan(): void
    {
        $_SERVER['argv'] = $GLOBALS['argv'] = $this->open['argv'];
        $_SERVER['argc'] = $GLOBALS['argc'] = count($this->open['argv']);
        foreach (['PHP_SELF', 'SCRIPT_NAME', 'SCRIPT_FILENAME', 'PATH_TRANSLATED'] as $name) {
            $_SERVER[$name] = 'artisan';
        }
        chdir($this->open['base']);
        define('LARAVEL_START', microtime(true));
    }

    private function setUpWorker(): void
    {
        $options = $this->open['options'];
        $values = [];
        foreach ((new \ReflectionMethod(\Illuminate\Queue\WorkerOptions::class, '__construct'))->getParameters() as $p) {
            $values[] = array_key_exists($p->getName(), $options) ? $options[$p->getName()] : $p->getDefaultValue();
        }
        $this->options = new \Illuminate\Queue\WorkerOptions(...$values);
        $this->worker = $this->app['queue.worker'];
        $this->worker->setName($this->options->name);
        $this->worker->setCache($this->app['cache.store']);
    }

    /** The last listeners, as those of queue:work are: it prints and writes failed_jobs after the app's own. */
    private function listen(): void
    {
        $told = ['JobProcessing' => 'processing', 'JobProcessed' => 'processed',
            'JobReleasedAfterException' => 'released', 'JobFailed' => 'failed'];
        foreach ($told as $class => $name) {
            $this->app['events']->listen("Illuminate\\Queue\\Events\\$class", function ($event) use ($name) {
                $this->heard($name, $event);
                if ($name === 'failed' && $event->job === $this->job) {
                    $this->job->settleFailed($event->exception);
                } elseif ($name === 'failed') {
                    $this->log($event->connectionName, $event->job, $event->exception);
                }
            });
        }
    }

    /** Tells what queue:work would print now. */
    private function heard(string $name, $event): void
    {
        if (empty($this->open['lines'])) {
            return; // nobody prints them
        }
        $job = $event->job;
        $fields = ['e' => $name, 'released' => $job->isReleased() && $this->printsReleased(), 'result' => $job->isDeleted() ? 'deleted'
            : ($job->isReleased() ? 'released' : ($job->hasFailed() ? 'failed' : ''))];
        if ($name === 'failed') {
            $fields += fields_of($event->exception);
        }
        $own = $job === $this->job;
        if (! $own) {
            $fields += ['name' => $job->resolveName(), 'id' => (string) $job->getJobId(), 'uuid' => $job->uuid(),
                'connection' => $job->getConnectionName(), 'queue' => $job->getQueue(), 'attempts' => $job->attempts()];
        }
        if ($this->answered && (! $own || $name === 'processing')) {
            $this->ask($own ? 'event' : 'other', $fields, '', 'printed');
        } else {
            $this->write($own ? 'event' : 'other', $fields);
        }
    }

    /** Whether this Laravel's queue:work has a word of its own for a job that was released: its source tells. */
    private function printsReleased(): bool
    {
        if ($this->printsReleased === null) {
            $command = (new \ReflectionClass(\Illuminate\Queue\Console\WorkCommand::class))->getFileName();
            $this->printsReleased = strpos((string) file_get_contents($command), "'RELEASED'") !== false;
        }

        return $this->printsReleased;
    }

    /**
     * Signals are the slot's; the job at hand is let finish. Laravel's own handlers, which come over these, tell
     * jobs and listeners of those that the slot passes on. Not SIG_IGN: what a job starts would inherit that.
     */
    private function ignoreSignals(): void
    {
        if (! function_exists('pcntl_async_signals')) {
            return;
        }
        pcntl_async_signals(true);
        foreach ([SIGTERM, SIGQUIT, SIGINT, SIGUSR2] as $signal) {
            pcntl_signal($signal, static function () {
            });
        }
    }

    private function hello(float $began): void
    {
        $this->newFiles();
        $this->wire->write('hello', [
            'v' => VERSION, 'pid' => getmypid(), 'php' => PHP_VERSION, 'laravel' => $this->app->version(),
            'boot_ms' => (int) round((microtime(true) - $began) * 1000), 'memory' => memory_get_usage(true),
            'pcntl' => function_exists('pcntl_alarm'), 'worker' => get_class($this->worker),
            'queue' => get_class($this->queue()), 'failer' => get_class($this->app['queue.failer']),
            'logs' => $this->logsItself(), 'pop' => $this->poppers(),
            'restartable' => (bool) $this->ofWorker('restartable', true),
            'pausable' => (bool) $this->ofWorker('pausable', true),
            'memory_code' => $this->ofWorker('memoryExceededExitCode'), 'files' => $this->files,
        ]);
    }

    private function queue()
    {
        return $this->app['queue']->connection($this->open['connection']);
    }

    /**
     * Whether a failed job is for the app's own provider to keep: one of a class that facteur does not stand in for, or
     * that is not as Laravel makes it of the configuration, which facteur goes by, too.
     */
    private function logsItself(): bool
    {
        $failer = $this->app['queue.failer'];
        $known = in_array(get_class($failer), array_map(function ($name) {
            return "Illuminate\\Queue\\Failed\\$name";
        }, self::FAILERS), true);

        return ! $known || $this->formOf($this->plainFailer()) != $this->formOf($failer);
    }

    /** The provider of failed jobs as Laravel makes it in an app that has bound none. */
    private function plainFailer()
    {
        $plain = new class($this->app) extends \Illuminate\Container\Container
        {
            private $app;

            public function __construct($app)
            {
                $this->app = $app;
            }

            public function __call($method, $arguments)
            {
                return $this->app->$method(...$arguments);
            }
        };
        foreach (['config', 'db', 'cache'] as $name) {
            $plain->bind($name, function () use ($name) {
                return $this->app[$name];
            });
        }
        $provider = new \Illuminate\Queue\QueueServiceProvider($plain);
        inside($provider, \Illuminate\Queue\QueueServiceProvider::class, function () {
            $this->registerFailedJobServices();
        });

        return $plain['queue.failer'];
    }

    /** What can be compared of a provider: its class, and its fields but for closures, each of which is another. */
    private function formOf($failer): array
    {
        return [get_class($failer), array_filter((array) $failer, function ($field) {
            return ! $field instanceof Closure;
        })];
    }

    /** The names of the workers whose popping the app has replaced. */
    private function poppers(): array
    {
        return inside($this->worker, \Illuminate\Queue\Worker::class, function () {
            return property_exists(static::class, 'popCallbacks') ? array_map('strval', array_keys(static::$popCallbacks)) : [];
        });
    }

    /** A static that the app may have set; an older Laravel does not have it. */
    private function ofWorker(string $name, $without = null)
    {
        return property_exists($this->worker, $name) ? $this->worker::$$name : $without;
    }

    /** Whether more of the app's own files are loaded than were told. Compiled views are checked by Laravel. */
    private function newFiles(): bool
    {
        $all = get_included_files();
        if (count($all) === $this->included) {
            return false;
        }
        $this->included = count($all);
        $base = realpath($this->open['base']).'/';
        $before = count($this->files);
        $this->files = array_values(array_filter($all, function ($file) use ($base) {
            return strpos($file, $base) === 0 && strpos($file, $base.'vendor/') !== 0
                && strpos($file, $base.'storage/') !== 0;
        }));

        return count($this->files) > $before;
    }

    // === from frame to frame ===

    public function serve(): void
    {
        for (;;) {
            $m = $this->wire->read();
            switch ($m['t']) {
            case 'job':
                $this->run($m);
                break;
            case 'fail':
                $this->failDead($m);
                break;
            case 'describe':
                $this->describe($m);
                break;
            case 'prove':
                $this->prove($m);
                break;
            case 'end':
                $this->end($m);
                // no break: it does not come back
            default:
                throw new ProtocolError("a frame {$m['t']}");
            }
        }
    }

    /** What the app has become. The text that finds it out comes along: who runs jobs need not compile it. */
    private function describe(array $m): void
    {
        eval('?>'.$m['raw']);
        $description = new Description($this->app, $m);
        $this->wire->write('described', ['rows' => $description->rows(), 'settings' => $description->settings()]);
    }

    /** One letter, which stays in the house; the text that makes it comes along, too. */
    private function prove(array $m): void
    {
        eval('?>'.$m['raw']);
        try {
            $answer = (new Proof($this->app, $m))->run();
        } catch (Throwable $e) {
            $answer = [['refused' => get_class($e).': '.$e->getMessage()], ''];
        }
        $this->wire->write('proved', ...$answer);
    }

    private function run(array $m): void
    {
        $this->n = $m['n'];
        try {
            if (! $this->begin()) {
                $this->write('refused', ['text' => 'a listener of Looping said no']);

                return;
            }
            $job = $this->take($m);
            $this->call('raiseAfterJobPopEvent');
        } catch (Throwable $e) { // of a listener; the job has not begun
            $this->job = null;
            $this->report($e);
            $this->write('refused', ['text' => get_class($e).': '.$e->getMessage()]);

            return;
        }
        $this->arm($job);
        $this->call('runJob');
        $this->disarm();
        $this->over($job);
    }

    /** What queue:work does before it asks for a job. Whether it would ask. */
    private function begin(): bool
    {
        if (! $this->open['once']) {
            $looping = new \Illuminate\Queue\Events\Looping($this->open['connection'], $this->open['queues'],
                $this->options);
            if ($this->app['events']->until($looping) === false) {
                return false;
            }
            $this->resetScope();
        }
        $this->call('raiseBeforeJobPopEvent');

        return true;
    }

    private function resetScope(): void
    {
        inside($this->worker, \Illuminate\Queue\Worker::class, function () {
            if (isset($this->resetScope)) {
                ($this->resetScope)();
            }
        });
    }

    /** The job of a frame becomes the one at hand. */
    private function take(array $m)
    {
        $row = (object) ($m['row'] + ['payload' => $m['raw']]);
        $record = class_exists(\Illuminate\Queue\Jobs\DatabaseJobRecord::class)
            ? new \Illuminate\Queue\Jobs\DatabaseJobRecord($row) : $row;
        $job = new Job($this->app, $this->queue(), $record, $this->open['connection'], $row->queue);
        $job->child = $this;
        $this->n = $m['n'];

        return $this->job = $job;
    }

    /** Laravel's alarm. Its handler fails the job if that is due, tells listeners and kills this process. */
    private function arm($job): void
    {
        if (! function_exists('pcntl_alarm') || $this->open['once']) {
            return;
        }
        $this->call('registerTimeoutHandler');
        $handler = pcntl_signal_get_handler(SIGALRM);
        pcntl_signal(SIGALRM, function () use ($job, $handler) {
            $this->wire->whenFree(function () use ($job, $handler) {
                if ($job === $this->job && $job->settled === null) { // else it is decided, or long over
                    $this->write('timed_out', []);
                    if ($this->ofWorker('killOnTimeout') !== false) { // else, in Laravel 13, it throws into the job
                        $job->rollBackToDie();
                    }
                    $handler();
                }
            });
        }, true);
    }

    private function disarm(): void
    {
        if (function_exists('pcntl_alarm')) {
            pcntl_alarm(0);
        }
    }

    /**
     * A job whose process died, or was killed, at its last attempt is failed here: failed(), the batch, the
     * chain, the lock, the listeners.
     */
    private function failDead(array $m): void
    {
        $this->resetScope();
        $job = $this->take($m);
        if (class_exists(\Illuminate\Support\Facades\Context::class)) { // JobProcessing does it for others
            \Illuminate\Support\Facades\Context::hydrate($job->payload()['illuminate:log:context'] ?? null);
        }
        try {
            $job->fail($this->deathOf($job, $m));
        } catch (Throwable $e) {
            $this->report($e);
        }
        if ($m['why'] === 'timeout' && class_exists(\Illuminate\Queue\Events\JobTimedOut::class)) {
            $this->app['events']->dispatch(new \Illuminate\Queue\Events\JobTimedOut($this->open['connection'], $job,
                $this->call('timeoutForJob')));
        }
        $this->over($job);
    }

    /** The exception that Laravel's next worker would fail it with, after what facteur knows. */
    private function deathOf($job, array $m): Throwable
    {
        $class = 'Illuminate\\Queue\\TimeoutExceededException';
        if ($m['why'] !== 'timeout' || ! class_exists($class)) {
            $class = 'Illuminate\\Queue\\MaxAttemptsExceededException';
        }
        $e = method_exists($class, 'forJob') ? $class::forJob($job)
            : new $class($job->resolveName().' has been attempted too many times or run too long. The job may have previously timed out.');
        // forJob takes no previous one, and no closure can be bound to a class of PHP's own.
        $previous = new \ReflectionProperty(\Exception::class, 'previous');
        if (PHP_VERSION_ID < 80100) {
            $previous->setAccessible(true);
        }
        $previous->setValue($e, new \RuntimeException($m['text']));

        return $e;
    }

    /** The job came back. What it leaves behind is told, and does not reach the next one. */
    private function over($job): void
    {
        $open = $this->rollBackAll();
        if ($job->hasFailed() && $job->settled === null && (! $job->later || $open)) {
            $job->settleFailed($job->why); // failed() or a listener threw before ours was told
        }
        $lost = $this->afterJob();
        $this->job = null;
        if ($this->newFiles()) {
            $this->write('files', ['files' => $this->files]);
        }
        $this->write('done', ['settled' => $job->settled, 'rolled_back' => $job->later ? reset($job->later) : null,
            'memory' => memory_get_usage(true), 'peak' => memory_get_peak_usage(true), 'lost' => $lost,
            'open_transactions' => $open]);
    }

    private function rollBackAll(): int
    {
        $open = 0;
        foreach ($this->app->resolved('db') ? $this->app['db']->getConnections() : [] as $connection) {
            if ($level = $connection->transactionLevel()) {
                $open += $level;
                roll_back($connection, 0);
            }
        }

        return $open;
    }

    /** The worker's own book; whether it would end itself now: Laravel 8 to 11 and 12 keep that in different places. */
    private function afterJob(): bool
    {
        return inside($this->worker, \Illuminate\Queue\Worker::class, function () {
            if (property_exists($this, 'jobsProcessed')) {
                $this->jobsProcessed++;
                $this->lastJobProcessedAt = $this->currentTime();
            }
            $lost = $this->shouldQuit || ! empty($this->lostConnection);
            $this->shouldQuit = $this->paused = false;
            if (isset($this->lostConnection)) {
                $this->lostConnection = false;
            }

            return $lost;
        });
    }

    private function end(array $m): void
    {
        $status = $m['status'] ?? 0;
        $this->answered = false; // facteur prints what jobs after the response say, but answers no more
        if (! $this->open['once']) {
            $reason = 'Illuminate\\Queue\\WorkerStopReason'; // an enum, of Laravel 12
            $reason = isset($m['reason']) && class_exists($reason) ? $reason::tryFrom($m['reason']) : null;
            $this->call('stop', ['status' => $status, 'reason' => $reason]);
        }
        $this->kernel->terminate($this->input, $status);
        $this->ended = true;
        exit(0);
    }

    /** PHP ends: because of `end`, or because the job, or a listener, called exit() or met a fatal error. */
    private function shutdown(): void
    {
        $this->reserve = null;
        if ($this->ended || ! $this->wire->isOwn()) {
            return;
        }
        @ini_set('memory_limit', (string) (memory_get_usage(true) + (16 << 20)));
        $e = error_get_last();
        $fatal = $e && $e['type'] & FATAL;
        $text = $fatal ? "{$e['message']} in {$e['file']}:{$e['line']}" : null;
        if (! $this->booted) {
            $this->unbootable($text ?: 'exit() was called while the app was booted');
        } else {
            $this->wire->write('gone', ['n' => $this->job ? $this->n : 0, 'how' => $fatal ? 'fatal' : 'exit', 'text' => $text,
                'settled' => $this->job ? $this->job->settled : null, 'memory' => memory_get_peak_usage(true)]);
        }
    }

    /** Tells why there will be no hello: an exception, or what PHP said last. The polyfill of mb may not be there. */
    public function unbootable($why): void
    {
        $this->ended = true;
        $thrown = $why instanceof Throwable;
        $this->wire->write('unbootable', ['class' => $thrown ? get_class($why) : null,
            'message' => substr($thrown ? $why->getMessage() : $why, 0, 1 << 16),
            'file' => $thrown ? $why->getFile() : null, 'line' => $thrown ? $why->getLine() : null],
            substr((string) $why, 0, 1 << 16));
    }

    /** What facteur sent makes no sense: better no child than a wrong one. */
    public function error(Throwable $e): void
    {
        $this->ended = true;
        $this->wire->write('error', ['text' => $e->getMessage()]);
        exit(1);
    }

    // === for the job ===

    /** Tells something of the job at hand. */
    public function write(string $type, array $fields, string $raw = ''): void
    {
        $this->wire->write($type, ['n' => $this->n] + $fields, $raw);
    }

    public function ask(string $type, array $fields, string $raw, string $expected): array
    {
        try {
            $answer = $this->wire->ask($type, ['n' => $this->n] + $fields, $raw);
            if ($answer['t'] === $expected && $answer['n'] === $this->n) {
                return $answer;
            }
            throw new ProtocolError("{$answer['t']} for an answer");
        } catch (ProtocolError $e) { // the job must not catch it
            $this->error($e);
        }
    }

    /** A provider of failed jobs that is not Laravel's is the app's to call; the row of the queue is gone by now. */
    public function logFailed($job, $e): void
    {
        if ($this->logsItself()) {
            $this->log($this->open['connection'], $job, $e);
        }
    }

    private function log(string $connection, $job, $e): void
    {
        $this->app['queue.failer']->log($connection, $job->getQueue(), $job->getRawBody(), $e);
    }

    private function report(Throwable $e): void
    {
        $this->app[\Illuminate\Contracts\Debug\ExceptionHandler::class]->report($e);
    }

    /** Calls a method of the worker, if this Laravel has it, with the arguments that it takes there, by their names. */
    private function call(string $method, array $more = [])
    {
        $known = $more + ['connectionName' => $this->open['connection'], 'queue' => $this->open['queues'],
            'options' => $this->options, 'job' => $this->job];

        return inside($this->worker, \Illuminate\Queue\Worker::class, function () use ($method, $known) {
            if (! method_exists($this, $method)) {
                return null;
            }
            $arguments = [];
            foreach ((new \ReflectionMethod($this, $method))->getParameters() as $p) {
                $arguments[] = array_key_exists($p->getName(), $known) ? $known[$p->getName()] : $p->getDefaultValue();
            }

            return $this->$method(...$arguments);
        });
    }
}

/** The app, from a scope with nothing in it that its files could see or change. */
function load_app(string $base)
{
    require $base.'/vendor/autoload.php';

    return require $base.'/bootstrap/app.php';
}

$child = new Child(new Wire);
try {
    $child->boot();
} catch (ProtocolError $e) {
    $child->error($e);
} catch (Throwable $e) {
    $child->unbootable($e);
    exit(1);
}
try {
    $child->serve();
} catch (ProtocolError $e) {
    $child->error($e);
}
