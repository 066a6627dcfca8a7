#!/bin/bash
# Letters with other jobs chained to them: what facteur dispatches next is, to the byte,
# what artisan dispatches; what only PHP can dispatch keeps the whole job with PHP.
. test/lib/servers.sh
. test/lib/app.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" --default-time-zone=+00:00 || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" --refuse="$REFUSED" || exit 1
app_schema && sql_file sql/schema/job_batches.sql &&
    app_new "$TMP/app" && app_own_classes || exit 1
jobs=$APP/app/Jobs

sed -i "s/    'failed' => \[/    'batching' => ['database' => 'mysql', 'table' => 'job_batches'],\n&/
        s/    'connections' => \[/&\n        'second' => ['driver' => 'database', 'connection' => null, 'table' => 'jobs', 'queue' => 'zweite', 'retry_after' => 90],/" \
    "$APP/config/queue.php"
sed -i 's/    use Dispatchable,/    use \\Illuminate\\Bus\\Batchable, Dispatchable,/' "$jobs/SendVolunteerLetterJob.php"

# Classes that say what a payload tells in every way that properties can.
cat >"$jobs/Full.php" <<'PHP'
<?php
namespace App\Jobs;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Queue\Queueable;
class Full implements ShouldQueue {
    use Settings, \Illuminate\Bus\Batchable, Queueable;
    public $tries = 7;
    public int $maxExceptions = self::TWO;
    public array $backoff = [1, 5, 10];
    const TWO = 2;
    private ?string $note = null;
    public bool $failOnTimeout = true;
    public function __construct(public string $text = 'é/"', protected array $list = ['a' => 1.5], private $none = null) {}
    public function handle() { $tries = 9; $this->tries = 1; }
}
PHP
sed -i 's/self::TWO/1 + 1/' "$jobs/Full.php"
cat >"$jobs/Settings.php" <<'PHP'
<?php
namespace App\Jobs;
trait Settings { public $timeout = 30; }
PHP
cat >"$jobs/Bare.php" <<'PHP'
<?php
namespace App\Jobs;
use Illuminate\Bus\Queueable;
use Illuminate\Contracts\Queue\ShouldQueue;
class Bare implements ShouldQueue {
    use Queueable;
    protected $tries = 4;
    private $secret = 'x';
    public function handle() {}
}
PHP
cat >"$jobs/Methods.php" <<'PHP'
<?php
namespace App\Jobs;
class Methods extends Full { public function retryUntil() { return now()->addHour(); } }
PHP

# chain 'PHP that dispatches one'
chain() {
    sql 'delete from job_batches; truncate jobs; delete from failed_jobs'
    cat >"$APP/chain.php" <<PHP
<?php
require __DIR__.'/vendor/autoload.php';
\$app = require __DIR__.'/bootstrap/app.php';
\$app->make(Illuminate\Contracts\Console\Kernel::class)->bootstrap();
use App\Jobs\Bare;
use App\Jobs\Full;
use App\Jobs\Methods;
use App\Jobs\GenerateInvoiceJob;
use App\Jobs\SendLessonReminderJob;
use Illuminate\Support\Facades\Bus;
use Illuminate\Support\Facades\Context;
use Illuminate\Support\Facades\Queue;
\$letter = fn (int \$teacher) => new App\Jobs\SendVolunteerLetterJob(1, \$teacher, 101);
$1;
PHP
    (cd "$APP" && clean php chain.php) || exit 1
    sql 'drop table if exists saved_jobs; create table saved_jobs as select * from jobs;
         drop table if exists saved_batches; create table saved_batches as select * from job_batches'
}

# Uuids and times are made anew; all else is compared byte by byte.
state() {
    sql "select 'job', queue, attempts, reserved_at is null, $WAITS,
            regexp_replace(regexp_replace(payload, '\"uuid\":\"[-0-9a-f]{36}\"', '\"uuid\":\"?\"'),
                '\"createdAt\":[0-9]+', '\"createdAt\":?') from jobs order by id;
         select 'uuids', count(distinct json_value(payload, '\$.uuid')) = count(*),
            max(abs(json_value(payload, '\$.createdAt') - cast(unix_timestamp() as signed)) < 30) from jobs;
         select 'failed', uuid from failed_jobs;
         select 'batch', pending_jobs, failed_jobs from job_batches;
         select 'send', teacher_id, status from volunteer_letter_sends order by id"
}

run() {
    local program=$1
    shift
    app_reset
    sql 'truncate jobs; insert into jobs select * from saved_jobs; delete from job_batches;
         insert into job_batches select * from saved_batches'
    $program queue:work "$@" >"$TMP/work.log" 2>&1
    state
}

# both NAME OPTION...
both() {
    local name=$1 php ours
    shift
    php=$(run artisan "$@")
    ours=$(run facteur "$@")
    same "$name" "$ours" "$php"
}

# shows NAME WORD...: the payloads that facteur left
shows() { has "$1" "$(sql 'select queue, payload from jobs')" "${@:2}"; }

# === dispatched exactly ===

chain 'Bus::chain([$letter(1), $letter(2), $letter(3)])->dispatch()'
both "the next letter, with the rest of the chain on it" --once
shows "is one" 'SendVolunteerLetterJob' '"maxTries":3' '"timeout":120' 'chained'
both "and the chain to its end" --stop-when-empty --sleep=0
equals "three letters" "$(mails), $(sql 'select count(*) from jobs')" "3, 0"

chain 'Bus::chain([$letter(1), new Full, new Bare])->onQueue("lettres")->dispatch()'
both "a class that says much, on the chain's queue" --once --queue=lettres
shows "what it says" '"maxTries":7,"maxExceptions":2,"failOnTimeout":true,"backoff":"1,5,10","timeout":30'
chain 'Bus::chain([$letter(1), new Bare, new Full])->onConnection("second")->dispatch()'
both "one that says nothing, on the chain's connection" --once --queue=zweite second
shows "its queue" zweite '"maxTries":null' '"backoff":null'
chain 'Bus::chain([$letter(1), (new Full)->onQueue("eigene")->onConnection("second")->delay(90), $letter(2)])->onQueue("lettres")->dispatch()'
both "its own queue, connection and delay come first" --once --queue=lettres
shows "its queue and delay" eigene '"delay":90'
chain 'Bus::chain([$letter(1), new SendLessonReminderJob(7), new GenerateInvoiceJob(App\Models\Club::find(1), 1.5)])->dispatch()'
both "a class of the test app" --once
chain 'Bus::chain([$letter(1), new GenerateInvoiceJob(App\Models\Club::find(1), 1.5)])->dispatch()'
both "one that carries a model" --once
chain '$full = new Full("x"); $full->tries = 1; $full->backoff = [3]; $full->timeout = 0; $full->retryUntil = 1900000000; Bus::chain([$letter(1), $full])->dispatch()'
both "values of the object beat those of the class" --once
chain 'App\Jobs\SendVolunteerLetterJob::withChain([new Full])->dispatch(1, 1)'
both "the older form of a chain" --once
chain 'Context::add("trace", "a/é"); Context::addHidden("who", [1]); Bus::chain([$letter(1), new Full])->dispatch()'
both "the log context goes on" --once
shows "in the payload" 'illuminate:log:context'
chain 'Context::add("a", 1); Bus::chain([$letter(1), new Full])->dispatch()'
both "an empty part is a list" --once
chain 'Bus::batch([[$letter(1), $letter(2)], $letter(3)])->dispatch()'
both "a chain in a batch" --once
shows "belongs to the batch" '"batchId":"'
both "and counts there" --stop-when-empty --sleep=0
chain 'Bus::chain([$letter(9999), new Full])->dispatch()'
both "a letter with nobody to write to is done, and its chain goes on" --once
chain 'Bus::chain([$letter(5), new Full])->dispatch()'
both "a released letter dispatches nothing" --once
sql "update saved_jobs set payload = json_set(payload, '\$.maxTries', 1)"
both "nor does a failed one" --once

# === middleware that a job carries ===

chain 'dispatch($letter(1)->through([new Illuminate\Queue\Middleware\Skip(true)])->chain([new Full]))'
both "a skipped letter counts as done" --once
equals "without a mail" "$(mails), $(sql 'select count(*) from jobs')" "0, 1"
chain 'dispatch($letter(1)->through([new Illuminate\Queue\Middleware\Skip(false), new Illuminate\Queue\Middleware\SkipIfBatchCancelled]))'
both "one that is not skipped is sent" --once
equals "with a mail" "$(mails)" 1

# === PHP's ===

# left NAME WHY: facteur leaves the job alone and says why.
left() {
    run facteur --stop-when-empty --sleep=0 >/dev/null
    equals "$1: nothing is sent or changed" \
        "$(mails), $(sql 'select count(*), sum(attempts), count(reserved_at) from jobs')" $'0, 1\t0\t0'
    has "$1: said" "$(tr -s ' \n' ' ' <"$TMP/work.log")" "a job of App\\Jobs\\SendVolunteerLetterJob " "$2"
}
chain 'Bus::chain([$letter(1), new Full])->catch(fn () => 1)->dispatch()'
left "a chain that calls back" "belongs to a chain whose failure calls back"
chain 'Bus::chain([$letter(1), new Methods])->dispatch()'
left "a class with methods" 'has another job chained to it, App\Jobs\Methods, that has methods'
chain 'Bus::chain([$letter(1), fn () => 1])->dispatch()'
left "a closure" 'has another job chained to it, Illuminate\Queue\CallQueuedClosure, that is not a class of the app'
chain 'Bus::chain([$letter(1), Bus::batch([new Full])])->dispatch()'
left "a batch" 'has another job chained to it, Illuminate\Bus\ChainedBatch, that'
chain 'Bus::chain([$letter(1), (new Full)->onConnection("sync")])->dispatch()'
left "a queue that is none" 'that goes to a queue that facteur does not work'
chain 'Bus::chain([$letter(1), (new Full)->delay(now()->addDay())])->dispatch()'
left "a moment" 'that has a delay that only PHP can tell'
chain 'Queue::createPayloadUsing(fn () => ["tracer" => "1"]); Bus::chain([$letter(1), new Full])->dispatch()'
left "hooks of the app" "that would get what the app's payload hooks add"
chain 'dispatch($letter(1)->through([new Illuminate\Queue\Middleware\WithoutOverlapping("a")]))'
left "middleware" 'has middleware (Illuminate\Queue\Middleware\WithoutOverlapping)'
