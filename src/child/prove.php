<?php
// prove.php: one letter, made by the app's own PHP as its worker would make it, and kept from leaving the house.
// runner.php evaluates it when facteur asks; the process that answers runs no jobs afterwards.
//
// The job of the payload is handled for real, but for its ways out: mails end in a transport that keeps them, rows
// in a transaction that is rolled back, log records in an event, files of storage/app in a folder that is removed.
// What cannot be kept in that way (a job that is pushed, a cache, another service) is told, and proves nothing.
//
// Answer: proved {refused, failed, begun, ended, rows, lines, mails: [{from, to, bytes}], views: [{path, bytes}]}, the
// bytes of mails and then of views in a row behind it. `begun` and `ended` are the seconds in which views were rendered.

namespace Facteur;

use Closure;
use Throwable;

const PROVED_MAX = 15 << 20; // bytes behind the answer

/** Something that cannot be kept in the house, and so is not done. */
final class NotProvable extends \RuntimeException
{
}

/** Renders as Blade's engine does, and keeps what came of it. A view inside another is part of it. */
final class WatchedEngine implements \Illuminate\Contracts\View\Engine
{
    private $engine;
    private $keep;
    private static $depth = 0;

    public function __construct($engine, Closure $keep)
    {
        $this->engine = $engine;
        $this->keep = $keep;
    }

    public function get($path, array $data = [])
    {
        $begun = time();
        self::$depth++;
        try {
            $html = $this->engine->get($path, $data);
        } finally {
            self::$depth--;
        }
        if (self::$depth === 0) {
            ($this->keep)($path, $html, $begun, time());
        }

        return $html;
    }

    public function __call($method, $arguments)
    {
        return $this->engine->$method(...$arguments);
    }
}

if (interface_exists(\Symfony\Component\Mailer\Transport\TransportInterface::class)) {
    final class KeepingTransport implements \Symfony\Component\Mailer\Transport\TransportInterface
    {
        private $keep;

        public function __construct(Closure $keep)
        {
            $this->keep = $keep;
        }

        public function send(\Symfony\Component\Mime\RawMessage $message, ?\Symfony\Component\Mailer\Envelope $envelope = null): ?\Symfony\Component\Mailer\SentMessage
        {
            $envelope = $envelope ?: \Symfony\Component\Mailer\Envelope::create($message);
            $sent = new \Symfony\Component\Mailer\SentMessage($message, $envelope);
            ($this->keep)($envelope->getSender()->getEncodedAddress(), array_map(function ($address) {
                return $address->getEncodedAddress();
            }, $envelope->getRecipients()), $sent->toString());

            return $sent;
        }

        public function __toString(): string
        {
            return 'facteur://proof';
        }
    }
} else { // Laravel 8
    final class KeepingTransport implements \Swift_Transport
    {
        private $keep;

        public function __construct(Closure $keep)
        {
            $this->keep = $keep;
        }

        public function isStarted()
        {
            return true;
        }

        public function start()
        {
        }

        public function stop()
        {
        }

        public function ping()
        {
            return true;
        }

        public function registerPlugin(\Swift_Events_EventListener $plugin)
        {
        }

        public function send(\Swift_Mime_SimpleMessage $message, &$failedRecipients = null)
        {
            $sender = $message->getReturnPath() ?: key((array) $message->getSender() ?: (array) $message->getFrom());
            $bcc = (array) $message->getBcc();
            $to = array_keys((array) $message->getTo() + (array) $message->getCc() + $bcc);
            $message->setBcc([]);
            ($this->keep)((string) $sender, array_map('strval', $to), $message->toString());
            $message->setBcc($bcc);

            return count($to);
        }
    }
}

final class Proof
{
    private const LEFT_S = 3600; // of a folder that nobody uses any more
    private const TRANSPORTS = ['array', 'failover', 'log', 'mail', 'mailgun', 'postmark', 'resend', 'roundrobin', 'sendmail',
        'ses', 'ses-v2', 'smtp'];

    private $app;
    private $asked;
    private $refused = [];
    private $failed;
    private $mails = [];
    private $views = [];
    private $log; // a handler
    private $times = [];
    private $connections = [];
    private $aside; // a folder

    public function __construct($app, array $asked)
    {
        $this->app = $app;
        $this->asked = $asked;
    }

    /** Fields of the answer, and the bytes behind them. */
    public function run(): array
    {
        $this->keepLog(); // what follows may log
        $this->keepMails();
        $this->keepViews();
        $this->refuseTheRest();
        try {
            $this->keepRows();
            $this->keepFiles();
            $rows = $this->handled();
        } finally {
            foreach ($this->connections as $connection) {
                roll_back($connection, 0);
            }
            if ($this->aside) {
                $this->remove($this->aside);
            }
        }
        $parts = array_merge(array_column($this->mails, 'raw'), array_column($this->views, 'raw'));
        if (array_sum(array_map('strlen', $parts)) > PROVED_MAX) {
            $this->refuse('what it makes is larger than '.(PROVED_MAX >> 20).' MiB');
            $parts = $this->mails = $this->views = [];
        }
        $told = function (array $one) {
            return array_diff_key($one, ['raw' => 1]) + ['bytes' => strlen($one['raw'])];
        };

        return [['refused' => implode('; ', array_keys($this->refused)), 'failed' => $this->failed, 'rows' => $rows,
            'lines' => $this->lines(), 'begun' => $this->times ? min($this->times) : time(),
            'ended' => $this->times ? max($this->times) : time(), 'mails' => array_map($told, $this->mails),
            'views' => array_map($told, $this->views)], implode('', $parts)];
    }

    private function refuse(string $why): void
    {
        $this->refused[$why] = true;
    }

    // === the ways out ===

    private function keepLog(): void
    {
        $this->log = new \Monolog\Handler\TestHandler;
        foreach (inside($this->app['log'], \Illuminate\Log\LogManager::class, function () {
            return $this->channels;
        }) as $channel) {
            $logger = method_exists($channel, 'getLogger') ? $channel->getLogger() : $channel;
            if (! $logger instanceof \Monolog\Logger) {
                throw new NotProvable('a log of the app\'s own, '.get_class($logger));
            }
            if (array_filter($logger->getHandlers(), [$this, 'writes'])) {
                $logger->setHandlers([$this->log]);
            }
        }
        foreach ($this->app['config']['logging.channels'] ?: [] as $name => $channel) {
            if ($this->writes($channel['handler'] ?? '')) {
                $this->app['config']["logging.channels.$name"] = ['driver' => 'custom', 'via' => function () {
                    return new \Monolog\Logger('proof', [$this->log]);
                }];
            }
        }
    }

    /** Whether a handler writes at all; a line that none does is no line. */
    private function writes($handler): bool
    {
        return ! is_a($handler, \Monolog\Handler\NullHandler::class, true);
    }

    /** What the app logged, to whichever channel. */
    private function lines(): array
    {
        return array_map(function ($record) {
            return ['level' => strtolower($record['level_name']), 'message' => (string) $record['message'],
                'context' => $this->plain($record['context'])];
        }, $this->log->getRecords());
    }

    /** A log's context without what only PHP has. */
    private function plain($value)
    {
        if ($value instanceof Throwable) {
            return get_class($value).': '.$value->getMessage();
        }
        if (is_array($value)) {
            return array_map([$this, 'plain'], $value);
        }

        return is_object($value) && ! $value instanceof \JsonSerializable ? get_class($value) : $value;
    }

    private function keepMails(): void
    {
        $manager = $this->app['mail.manager'];
        $make = function () {
            return new KeepingTransport(function (string $from, array $to, string $raw) {
                $this->mails[] = ['from' => $from, 'to' => $to, 'raw' => $raw];
            });
        };
        // Those that exist keep what the app has made of them: the addresses that Mail::alwaysTo gave, and so on.
        foreach (inside($manager, \Illuminate\Mail\MailManager::class, function () {
            return $this->mailers;
        }) as $mailer) {
            if (method_exists($mailer, 'setSymfonyTransport')) {
                $mailer->setSymfonyTransport($make());
            } elseif (method_exists($mailer, 'setSwiftMailer')) {
                $mailer->setSwiftMailer(new \Swift_Mailer($make()));
            } else {
                throw new NotProvable('a mailer of the app\'s own, '.get_class($mailer));
            }
        }
        $used = array_column($this->app['config']['mail.mailers'] ?: [], 'transport');
        foreach (array_unique(array_merge(self::TRANSPORTS, array_filter($used, 'is_string'))) as $transport) {
            $manager->extend($transport, $make);
        }
    }

    private function keepViews(): void
    {
        $resolver = $this->app['view.engine.resolver'];
        $engine = $resolver->resolve('blade');
        $resolver->register('blade', function () use ($engine) {
            return new WatchedEngine($engine, function (string $path, string $html, int $begun, int $ended) {
                $this->views[] = ['path' => (string) realpath($path), 'raw' => $html];
                array_push($this->times, $begun, $ended);
            });
        });
    }

    private function refuseTheRest(): void
    {
        \Illuminate\Queue\Queue::createPayloadUsing(function () {
            $this->refuse('it pushes a job');
            throw new NotProvable('a job is pushed');
        });
        $this->app['events']->listen('Illuminate\\Http\\Client\\Events\\RequestSending', function () {
            $this->refuse('it asks another server (Http)');
            throw new NotProvable('another server is asked');
        });
        $config = $this->app['config'];
        foreach (array_keys($config['cache.stores'] ?: []) as $name) {
            $config["cache.stores.$name"] = ['driver' => 'array'];
        }
        inside($this->app['cache'], \Illuminate\Cache\CacheManager::class, function () {
            $this->stores = [];
        });
        $this->app['events']->listen('Illuminate\\Cache\\Events\\*', function () {
            $this->refuse('it uses the cache');
        });
        if (class_exists(\Illuminate\Process\Factory::class)) {
            $this->app->make(\Illuminate\Process\Factory::class)->fake([])->preventStrayProcesses();
        }
        $config['broadcasting.default'] = 'null';
    }

    /** The connections, each in a transaction. Another one is none of the letter's. */
    private function keepRows(): void
    {
        $db = $this->app['db'];
        foreach (array_merge([null], $this->asked['models']) as $class) {
            $connection = $db->connection($class && class_exists($class) ? (new $class)->getConnectionName() : null);
            if (! isset($this->connections[$connection->getName()])) {
                $this->connections[$connection->getName()] = $connection;
                $connection->beginTransaction();
            }
        }
        foreach (array_keys($this->app['config']['database.connections'] ?: []) as $name) {
            if (isset($this->connections[$name])) {
                continue;
            }
            try {
                $db->connection($name)->beforeExecuting(function () use ($name) {
                    $this->refuse("it uses the database connection $name");
                    throw new NotProvable("the database connection $name is used");
                });
            } catch (Throwable $e) { // one that cannot be opened, so nobody uses it
                continue;
            }
        }
    }

    /** storage/app is a folder of its own, which shows what is in the real one but the folder of temporary files. */
    private function keepFiles(): void
    {
        $storage = $this->app->storagePath();
        $aside = sys_get_temp_dir().'/facteur-proof-'.bin2hex(random_bytes(8));
        foreach (['' => ['app'], '/app' => ['temp', 'tmp']] as $folder => $own) {
            if (! mkdir($aside.$folder, 0700)) {
                throw new NotProvable("cannot make $aside$folder");
            }
            $this->aside = $aside;
            foreach (is_dir($storage.$folder) ? array_diff(scandir($storage.$folder), array_merge(['.', '..'], $own)) : [] as $name) {
                symlink("$storage$folder/$name", "$aside$folder/$name");
            }
        }
        $this->app->useStoragePath($aside);
        $this->removeOthers(fileowner($aside));
    }

    /** What a proof of the same user that was killed has left. In a folder of another nothing is safe to be removed. */
    private function removeOthers(int $owner): void
    {
        foreach (glob(sys_get_temp_dir().'/facteur-proof-*') ?: [] as $left) {
            $is = lstat($left);
            if ($is && ($is['mode'] & 0170777) === 040700 && $is['uid'] === $owner && $is['mtime'] < time() - self::LEFT_S) {
                $this->remove($left);
            }
        }
    }

    private function remove(string $path): void
    {
        if (is_link($path) || ! is_dir($path)) {
            unlink($path);

            return;
        }
        foreach (array_diff(scandir($path), ['.', '..']) as $name) {
            $this->remove("$path/$name");
        }
        rmdir($path);
    }

    // === the letter ===

    /** Handles the job; gives the rows that it wrote. */
    private function handled(): array
    {
        $rows = function (int $above) {
            return $this->app['db']->table($this->asked['table'])->where('id', '>', $above)
                ->where('club_id', $this->asked['club'])->where('teacher_id', $this->asked['teacher'])->orderBy('id')->get();
        };
        $before = (int) $this->app['db']->table($this->asked['table'])->max('id');
        $job = new \Illuminate\Queue\Jobs\SyncJob($this->app, $this->asked['payload'], $this->asked['connection'], $this->asked['queue']);
        try {
            $job->fire();
            if ($job->hasFailed() || $job->isReleased()) {
                $this->failed = 'the job '.($job->hasFailed() ? 'failed itself' : 'released itself');
            }
        } catch (Throwable $e) {
            $this->failed = mb_strcut(get_class($e).': '.$e->getMessage(), 0, 1000, 'UTF-8');
        }
        if ($this->waitsForCommit()) {
            $this->refuse('something waits for its commit');
        }

        return $rows($before)->map(function ($row) {
            return (array) $row;
        })->all();
    }

    private function waitsForCommit(): bool
    {
        if (! $this->app->bound('db.transactions')) {
            return false;
        }
        $transactions = inside($this->app['db.transactions'], \Illuminate\Database\DatabaseTransactionsManager::class, function () {
            return isset($this->pendingTransactions) ? $this->pendingTransactions : $this->transactions;
        });
        foreach ($transactions as $transaction) {
            if ($transaction->getCallbacks()) {
                return true;
            }
        }

        return false;
    }
}
