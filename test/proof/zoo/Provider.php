<?php

namespace App\Zoo;

use Illuminate\Cache\RateLimiting\Limit;
use Illuminate\Support\Facades\RateLimiter;
use Illuminate\Support\ServiceProvider;

/** A keeper of failed jobs that is none of Laravel's. */
class Ledger implements \Illuminate\Queue\Failed\FailedJobProviderInterface
{
    public function log($connection, $queue, $payload, $exception)
    {
        noted('logged', ['of' => $connection, 'queue' => $queue, 'uuid' => strlen(json_decode($payload, true)['uuid']),
            'exception' => get_class($exception), 'rows' => rows()]);
    }

    public function ids($queue = null) { return []; }

    public function all() { return []; }

    public function find($id) { return null; }

    public function forget($id) { return false; }

    public function flush($hours = null) {}
}

/** What the jobs need of the app, and listeners that note each event of the worker with the rows that they see. */
class Provider extends ServiceProvider
{
    /** Looping and JobPopping are not among them: how often a worker asks is its own. */
    private const EVENTS = ['JobPopped', 'JobProcessing', 'JobProcessed', 'JobExceptionOccurred', 'JobFailed',
        'JobReleasedAfterException', 'JobReleased', 'JobAttempted', 'JobTimedOut', 'JobDebounced', 'WorkerStarting',
        'WorkerStopping'];

    public function register(): void
    {
        $this->app->scoped('zoo.scoped', fn () => (object) ['n' => 0]);
        $this->app->singleton('zoo.single', fn () => (object) ['n' => 0]);
    }

    public function boot(): void
    {
        config(['database.connections.other' => config('database.connections.mysql')]);
        RateLimiter::for('zoo', fn () => Limit::perMinute(1));
        $this->app['events']->listen(Fed::class, Keeper::class);
        foreach (self::EVENTS as $name) {
            $this->app['events']->listen("Illuminate\\Queue\\Events\\$name", fn ($event) => $this->heard($name, $event));
        }
        if (is_file($more = storage_path('listeners.php'))) { // a scenario's own
            require $more;
        }
    }

    private function heard(string $name, $event): void
    {
        $job = $event->job ?? null;
        $more = [];
        if ($job) {
            $flags = array_filter(['deleted' => $job->isDeleted(), 'released' => $job->isReleased(), 'failed' => $job->hasFailed()]);
            $more = ['job' => class_basename($job->resolveName()), 'attempts' => $job->attempts(),
                'flags' => implode(' ', array_keys($flags)), 'rows' => rows()];
        }
        foreach (['exception', 'exceptionOccurred', 'backoff', 'status', 'timeout'] as $field) {
            if (isset($event->$field)) {
                $value = $event->$field;
                $more[$field] = is_object($value) ? get_class($value) : $value;
            }
        }
        noted($name, $more);
    }
}
