<?php
// retry.php VENDOR: what the real worker decides for many payloads and options: payload,
// --tries, --backoff, attempts, now, then whether the attempt may not begin, whether it is
// the last, and the wait; one case a line.
require $argv[1].'/autoload.php';
use Illuminate\Queue\Jobs\Job;
use Illuminate\Queue\Worker;
use Illuminate\Queue\WorkerOptions;
use Illuminate\Support\Carbon;

class OracleJob extends Job
{
    public function __construct(private string $raw, private int $attempt)
    {
    }

    public function getJobId()
    {
        return 1;
    }

    public function getRawBody()
    {
        return $this->raw;
    }

    public function attempts()
    {
        return $this->attempt;
    }

    public function resolveName()
    {
        return 'Oracle';
    }

    public function fail($e = null)
    {
        $this->markAsFailed();
    }
}

$worker = (new ReflectionClass(Worker::class))->newInstanceWithoutConstructor();
function ask(string $method, ...$arguments)
{
    global $worker;

    return (new ReflectionMethod(Worker::class, $method))->invoke($worker, ...$arguments);
}

$now = 1764079509;
Carbon::setTestNow(Carbon::createFromTimestamp($now));
$more = [];
foreach ([[], ['maxTries' => null], ['maxTries' => 3], ['maxTries' => 0], ['maxTries' => '2'],
    ['retryUntil' => null], ['retryUntil' => 0], ['retryUntil' => $now],
    ['retryUntil' => $now - 1], ['retryUntil' => $now + 1], ['retryUntil' => (string) $now],
    ['maxTries' => 5, 'retryUntil' => $now + 9]] as $tries) {
    foreach ([[], ['backoff' => null], ['backoff' => '4'], ['backoff' => '1,5,10'],
        ['backoff' => ''], ['backoff' => 6], ['backoff' => '3s, 8'], ['backoff' => null, 'delay' => 30],
        ['delay' => 0], ['delay' => '12'], ['backoff' => '2,', 'delay' => 30],
        ['backoff' => true], ['backoff' => '1e2']] as $waits) {
        $more[] = $tries + $waits;
    }
}
foreach ($more as $keys) {
    $raw = json_encode(['uuid' => 'u', 'displayName' => 'X'] + $keys);
    foreach ([0, 1, 3, -1] as $tries) {
        foreach (['0', '7', '1,2,3'] as $backoff) {
            foreach ([1, 2, 3, 4, 200] as $attempts) {
                $before = new OracleJob($raw, $attempts);
                try {
                    ask('markJobAsFailedIfAlreadyExceedsMaxAttempts', 'database', $before, $tries);
                } catch (Throwable) {
                    $before->markAsFailed();
                }
                $after = new OracleJob($raw, $attempts);
                ask('markJobAsFailedIfWillExceedMaxAttempts', 'database', $after, $tries, new Exception);
                $options = new WorkerOptions(backoff: $backoff);
                $wait = ask('calculateBackoff', new OracleJob($raw, $attempts), $options);
                echo implode("\t", [$raw, $tries, $backoff, $attempts, $now,
                    (int) $before->hasFailed(), (int) $after->hasFailed(), $wait]), "\n";
            }
        }
    }
}
