<?php
// dispatch.php APP NAME: dispatches what a scenario of test/proof/php.py begins with, by the app itself.
use App\Zoo as Z;
use Illuminate\Support\Facades\Bus;
use Illuminate\Support\Facades\Cache;
use Illuminate\Support\Facades\Context;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Mail;
use Illuminate\Support\Facades\Queue;

chdir($argv[1]);
require 'vendor/autoload.php';
$app = require 'bootstrap/app.php';
$app->make(Illuminate\Contracts\Console\Kernel::class)->bootstrap();

// Closures that are queued stand on lines of their own: Laravel tells two on one line not apart.
$closure = function () {
    Z\noted('a closure');
};
$thrower = function () {
    throw new DomainException('in a closure');
};
$caught = function ($e) {
    Z\noted('caught '.get_class($e).': '.$e->getMessage());
};
$before = function ($batch) {
    Z\noted('before the batch');
};
$progress = function ($batch) {
    Z\noted('progress', ['pending' => $batch->pendingJobs, 'rows' => Z\rows()]);
};
$then = function ($batch) {
    Z\noted('then', ['finished' => $batch->finished()]);
};
$catch = function ($batch, $e) {
    Z\noted('catch '.get_class($e), ['message' => substr($e->getMessage(), 0, 60)]);
};
$finally = function ($batch) {
    Z\noted('finally', ['pending' => $batch->pendingJobs, 'failed' => $batch->failedJobs]);
};
$throws = function ($batch) {
    throw new DomainException('in a callback of the batch');
};
$more = function ($batch) {
    Z\Ok::dispatch('after the batch');
};

$user = fn () => App\Models\User::query()->first();
$gone = function () {
    $user = new App\Models\User;
    $user->id = 999999;
    $user->exists = true;

    return $user;
};
$row = fn (string $payload) => DB::table('jobs')->insert(['queue' => 'default', 'payload' => $payload, 'attempts' => 0,
    'available_at' => time(), 'created_at' => time()]);
$change = function (callable $f) {
    $payload = json_decode(DB::table('jobs')->value('payload'), true);
    DB::table('jobs')->update(['payload' => json_encode($f($payload))]);
};
// A dispatch is pending until nobody holds it: what comes after it must not hold it.
$do = function (callable ...$steps) {
    foreach ($steps as $step) {
        $step();
    }
};
$all = fn ($batch) => $batch->then($then)->catch($catch)->finally($finally);

$dispatch = [
    // how a job ends
    'ok' => fn () => Z\Ok::dispatch(),
    'two' => fn () => [Z\Ok::dispatch('one'), Z\Ok::dispatch('two')],
    'plain' => fn () => Z\Plain::dispatch(),
    'injected' => fn () => Z\Injected::dispatch(),
    'throws' => fn () => Z\Throws::dispatch(),
    'throws three times' => fn () => Z\ThrowsThreeTimes::dispatch(),
    'throws, by methods' => fn () => Z\ThrowsBackoffMethod::dispatch(),
    'throws until' => fn () => Z\ThrowsUntil::dispatch(),
    'throws, max exceptions' => fn () => Z\ThrowsMaxExceptions::dispatch(),
    'throws, max two exceptions' => fn () => Z\ThrowsMaxTwoExceptions::dispatch(),
    'throws bytes' => fn () => Z\ThrowsBytes::dispatch(),
    'throws much' => fn () => Z\ThrowsMuch::dispatch(),
    'throws an error' => fn () => Z\ThrowsError::dispatch(),
    'failed() throws' => fn () => Z\FailedThrows::dispatch(),
    'releases' => fn () => Z\Releases::dispatch(),
    'releases at once' => fn () => Z\Releases::dispatch(0),
    'releases to a time' => fn () => Z\ReleasesToTime::dispatch(),
    'releases by an interval' => fn () => Z\ReleasesByInterval::dispatch(),
    'deletes' => fn () => Z\Deletes::dispatch(),
    'fails itself' => fn () => Z\FailsItself::dispatch(),
    'fails with a text' => fn () => Z\FailsWithText::dispatch(),
    'fails with nothing' => fn () => Z\FailsWithNothing::dispatch(),
    'speaks' => fn () => Z\Speaks::dispatch(),
    'knows' => fn () => Z\Knows::dispatch(),
    'counts' => fn () => [Z\Counts::dispatch(), Z\Counts::dispatch()],
    'leaves state' => fn () => [Z\LeavesState::dispatch(), Z\LeavesState::dispatch()],
    'naps' => fn () => [Z\Naps::dispatch(), Z\Ok::dispatch('after it')],
    'grows' => fn () => [Z\Grows::dispatch(), Z\Grows::dispatch()],
    'starts a process' => fn () => Z\StartsProcess::dispatch(),
    'after response' => fn () => [Z\DispatchesAfterResponse::dispatch(), Z\Ok::dispatch('next')],
    'defers' => fn () => [Z\Defers::dispatch(), Z\Defers::dispatch(true)],
    'naps interruptibly' => fn () => Z\NapsInterruptibly::dispatch(),
    'logs' => fn () => Z\Logs::dispatch(),
    'runs another' => fn () => Z\RunsAnother::dispatch(),
    'runs another that fails' => fn () => Z\RunsAnother::dispatch(true),
    'dispatches others' => fn () => Z\DispatchesOthers::dispatch(),
    'dispatches itself' => fn () => Z\DispatchesItself::dispatch(),
    'delayed' => fn () => Z\Ok::dispatch('delayed')->delay(60),
    'delayed to now' => fn () => Z\Ok::dispatch('delayed')->delay(now()),
    'queues' => fn () => [Z\Ok::dispatch('low')->onQueue('low'), Z\Ok::dispatch('high')->onQueue('high')],
    'if' => fn () => [Z\Ok::dispatchIf(true, 'if'), Z\Ok::dispatchUnless(true, 'unless')],
    'attempts exceeded' => fn () => $do(fn () => Z\ThrowsThreeTimes::dispatch(), fn () => DB::table('jobs')->update(['attempts' => 3])),
    'until is over' => fn () => $do(fn () => Z\ThrowsUntil::dispatch(), fn () => $change(fn ($p) => ['retryUntil' => 100] + $p)),
    // closures, mails, notifications, listeners
    'closure' => fn () => dispatch($closure),
    'closure with catch' => fn () => dispatch($thrower)->catch($caught),
    'mail' => fn () => Mail::to('a@example.org')->queue(new Z\Postcard),
    'mail later' => fn () => Mail::to('a@example.org')->later(0, new Z\Postcard),
    'failing mail' => fn () => Mail::to('a@example.org')->queue(new Z\FailingPostcard),
    'notification' => fn () => $user()->notify(new Z\Called),
    'failing notification' => fn () => $user()->notify(new Z\Called(true)),
    'listener' => fn () => event(new Z\Fed('hay')),
    'failing listener' => fn () => event(new Z\Fed('stones')),
    // transactions
    'leaves a transaction' => fn () => [Z\LeavesTransaction::dispatch(), Z\SeesTransactions::dispatch()],
    'leaves a transaction and throws' => fn () => [Z\LeavesTransaction::dispatch('throw'), Z\SeesTransactions::dispatch()],
    'repeated transaction' => fn () => Z\EndsInRepeatedTransaction::dispatch(),
    'inner transaction' => fn () => Z\EndsInInnerTransaction::dispatch(true),
    'inner transaction rolled back' => fn () => Z\EndsInInnerTransaction::dispatch(false),
    'foreign transaction' => fn () => Z\EndsInForeignTransaction::dispatch(),
    'after commit' => fn () => Z\DispatchesAfterCommit::dispatch(),
    'delete, throwing transaction' => fn () => Z\EndsInThrowingTransaction::dispatch('delete'),
    'release, throwing transaction' => fn () => Z\EndsInThrowingTransaction::dispatch('release'),
    // deaths
    'exits' => fn () => Z\Exits::dispatch(3),
    'exits, tries left' => fn () => Z\Exits::dispatch(3, 2),
    'exits with 0' => fn () => Z\Exits::dispatch(0),
    'eats memory' => fn () => Z\EatsMemory::dispatch(),
    'recurses' => fn () => Z\Recurses::dispatch(),
    'crashes' => fn () => Z\Crashes::dispatch(),
    'crashes, tries left' => fn () => Z\Crashes::dispatch(2, 4),
    'sleeps' => fn () => Z\Sleeps::dispatch(),
    'sleeps, tries left' => fn () => Z\Sleeps::dispatch(3, 4),
    'sleeps and fails' => fn () => Z\SleepsAndFails::dispatch(3),
    'sleeps in a transaction' => fn () => Z\SleepsInTransaction::dispatch(),
    'blocked' => fn () => Z\Blocked::dispatch(),
    'waits for a child' => fn () => Z\WaitsForChild::dispatch(),
    'ignores the alarm' => fn () => Z\IgnoresAlarm::dispatch(),
    'spins' => fn () => Z\Spins::dispatch(3),
    'failed() exits' => fn () => Z\FailedExits::dispatch(),
    'loses its connection' => fn () => [Z\LosesConnection::dispatch(), Z\Ok::dispatch('after it')],
    'loses its connection in a transaction' => fn () => [Z\LosesConnectionInTransaction::dispatch(), Z\Ok::dispatch('after it')],
    // locks
    'unique' => fn () => [Z\Unique::dispatch(), Z\Unique::dispatch()],
    'unique until processing' => fn () => [Z\UniqueUntilProcessing::dispatch(), Z\UniqueUntilProcessing::dispatch()],
    'unique until processing, throws' => fn () => Z\UniqueUntilProcessing::dispatch('throw'),
    'unique until processing, itself' => fn () => Z\UniqueUntilProcessing::dispatch('itself'),
    'unique, crashes' => fn () => Z\Unique::dispatch('crash'),
    'unique, crashes, tries left' => fn () => Z\Unique::dispatch('crash', 2),
    'unique, timeout' => fn () => Z\UniqueTimedOut::dispatch('sleep'),
    'unique, attempts exceeded' => fn () => $do(fn () => Z\Unique::dispatch(), fn () => DB::table('jobs')->update(['attempts' => 5])),
    'unique for a second' => fn () => Z\UniqueForASecond::dispatch('throw', 2),
    'unique in files' => fn () => Z\UniqueInFiles::dispatch(),
    'unique of a model' => fn () => Z\UniqueOfModel::dispatch($user()),
    'unique of a missing model' => fn () => Z\UniqueOfModel::dispatch($gone()),
    'unique in a chain' => fn () => Bus::chain([new Z\Ok('first'), new Z\Unique, new Z\Ok('last')])->dispatch(),
    // middleware
    'alone' => fn () => Z\Alone::dispatch(),
    'alone, busy' => fn () => [Cache::lock('laravel-queue-overlap:'.Z\Alone::class.':k', 60)->get(), Z\Alone::dispatch()],
    'alone, busy, does not release' => fn () => [Cache::lock('laravel-queue-overlap:'.Z\Alone::class.':k', 60)->get(), Z\Alone::dispatch('leave')],
    'alone, dies' => fn () => Z\AloneAndDies::dispatch('release', 1),
    'limited' => fn () => [Z\Limited::dispatch(), Z\Limited::dispatch()],
    'limited, does not release' => fn () => [Z\Limited::dispatch(false), Z\Limited::dispatch(false)],
    'limited by redis' => fn () => [Z\LimitedByRedis::dispatch(), Z\LimitedByRedis::dispatch()],
    'throttled' => fn () => [Z\Throttled::dispatch(), Z\Throttled::dispatch()],
    'throttled, others' => fn () => Z\ThrottledOthers::dispatch(),
    'fenced' => fn () => Z\Fenced::dispatch(),
    'fenced off' => fn () => Z\Fenced::dispatch(false),
    'through' => fn () => dispatch((new Z\Through)->through([new Z\Fence])),
    'skipped' => fn () => [Z\Skipped::dispatch(), Z\Skipped::dispatch(false)],
    'fails on some' => fn () => Z\FailsOnSome::dispatch(true),
    'fails on others' => fn () => Z\FailsOnSome::dispatch(false),
    'deleted when throttled' => fn () => Z\DeletedWhenThrottled::dispatch(),
    // batches and chains
    'batch' => fn () => $all(Bus::batch([new Z\Ok('one'), new Z\Ok('two')]))->name('two')->dispatch(),
    'batch, before and progress' => fn () => Bus::batch([new Z\Ok('one'), new Z\Ok('two')])->before($before)->progress($progress)->dispatch(),
    'batch fails' => fn () => $all(Bus::batch([new Z\Throws, new Z\Ok('two')]))->dispatch(),
    'batch allows failures' => fn () => $all(Bus::batch([new Z\Throws, new Z\Ok('two')]))->allowFailures()->dispatch(),
    'batch, timeout' => fn () => $all(Bus::batch([new Z\Sleeps, new Z\Ok('two')]))->allowFailures()->dispatch(),
    'batch, timeout in a transaction' => fn () => $all(Bus::batch([new Z\SleepsInTransaction, new Z\Ok('two')]))->allowFailures()->dispatch(),
    'batch, crash' => fn () => $all(Bus::batch([new Z\Crashes, new Z\Ok('two')]))->allowFailures()->dispatch(),
    'batch, callback throws' => fn () => Bus::batch([new Z\Ok('one')])->then($throws)->finally($finally)->dispatch(),
    'batch dispatches' => fn () => Bus::batch([new Z\Ok('one')])->then($more)->dispatch(),
    'batch of closures' => fn () => $all(Bus::batch([$closure, $closure]))->dispatch(),
    'batch adds' => fn () => $all(Bus::batch([new Z\Adds, new Z\Ok('two')]))->dispatch(),
    'batch cancels' => fn () => $all(Bus::batch([new Z\Cancels, new Z\Looks]))->dispatch(),
    'batch skips' => fn () => $all(Bus::batch([new Z\Cancels, new Z\SkipsCancelled]))->dispatch(),
    'batch looks' => fn () => Bus::batch([new Z\Looks, new Z\Looks])->name('looked at')->dispatch(),
    'batch of none' => fn () => $all(Bus::batch([]))->dispatch(),
    'batch on a queue' => fn () => $all(Bus::batch([new Z\Ok('one')]))->onQueue('other')->dispatch(),
    'batch, model missing' => fn () => $all(Bus::batch([new Z\OfModelOrNone($gone()), new Z\Ok('two')]))->dispatch(),
    'batch, released' => fn () => $all(Bus::batch([new Z\Releases(0), new Z\Ok('two')]))->allowFailures()->dispatch(),
    'batch, attempts exceeded' => fn () => [$all(Bus::batch([new Z\Ok('one')]))->dispatch(), DB::table('jobs')->update(['attempts' => 5])],
    'chain' => fn () => Bus::chain([new Z\Ok('first'), $closure, new Z\Ok('last')])->dispatch(),
    'chain fails' => fn () => Bus::chain([new Z\Ok('first'), new Z\Throws, new Z\Ok('last')])->dispatch(),
    'chain fails at once' => fn () => Bus::chain([new Z\Throws, new Z\Ok('last')])->catch($caught)->dispatch(),
    'chain with catch' => fn () => Bus::chain([new Z\Ok('first'), new Z\Throws, new Z\Ok('last')])->catch($caught)->dispatch(),
    'chain, catch of a crash' => fn () => Bus::chain([new Z\Ok('first'), new Z\Crashes, new Z\Ok('last')])->catch($caught)->dispatch(),
    'chain, catch of a timeout' => fn () => Bus::chain([new Z\Sleeps, new Z\Ok('last')])->catch($caught)->dispatch(),
    'chain released' => fn () => Bus::chain([new Z\Releases(0), new Z\Ok('last')])->catch($caught)->dispatch(),
    'chain deletes' => fn () => Bus::chain([new Z\Deletes, new Z\Ok('last')])->dispatch(),
    'chain fails itself' => fn () => Bus::chain([new Z\FailsItself, new Z\Ok('last')])->catch($caught)->dispatch(),
    'chain on a queue' => fn () => Bus::chain([new Z\Ok('first'), new Z\Ok('last')])->onQueue('other')->dispatch(),
    'chain, delayed' => fn () => Bus::chain([new Z\Ok('first'), (new Z\Ok('last'))->delay(60)])->dispatch(),
    'chain, prepended' => fn () => Bus::chain([new Z\AltersChain('prepend'), new Z\Ok('last')])->dispatch(),
    'chain, appended' => fn () => Bus::chain([new Z\AltersChain('append'), new Z\Ok('last')])->dispatch(),
    'chain leaves to the last' => fn () => Bus::chain([new Z\Leaves, new Z\LeavesRow, new Z\Ok('between'), new Z\FindsRow, new Z\Finds])->dispatch(),
    'chain, model missing' => fn () => Bus::chain([new Z\OfModelOrNone($gone()), new Z\Ok('last')])->dispatch(),
    'chain in a batch' => fn () => $all(Bus::batch([[new Z\Ok('chained one'), new Z\Ok('chained two')], new Z\Ok('alone')]))->dispatch(),
    'chain in a batch fails' => fn () => $all(Bus::batch([[new Z\Throws, new Z\Ok('chained two')], new Z\Ok('alone')]))->dispatch(),
    'batch in a chain' => fn () => Bus::chain([new Z\Ok('first'), Bus::batch([new Z\Ok('one'), new Z\Ok('two')]), new Z\Ok('last')])->dispatch(),
    'batch in a chain fails' => fn () => Bus::chain([new Z\Ok('first'), Bus::batch([new Z\Ok('one'), new Z\Throws]), new Z\Ok('last')])->catch($caught)->dispatch(),
    // payloads
    'encrypted' => fn () => Z\Secret::dispatch('s3cret'),
    'encrypted chain' => fn () => Bus::chain([new Z\Secret('s3cret'), new Z\Secret('m0re')])->dispatch(),
    'model' => fn () => Z\OfModel::dispatch($user()),
    'models' => fn () => Z\OfModels::dispatch(App\Models\User::query()->orderBy('id')->take(3)->get()),
    'missing model' => fn () => Z\OfModel::dispatch($gone()),
    'missing model deletes' => fn () => Z\OfModelOrNone::dispatch($gone()),
    'old' => fn () => Queue::push(Z\Old::class, ['a' => 1, 'then' => 'delete']),
    'old, kept' => fn () => Queue::push(Z\Old::class, ['a' => 1]),
    'old, another method' => fn () => Queue::push(Z\Old::class.'@other', ['a' => 1]),
    'old, fails' => fn () => Queue::push(Z\Old::class.'@fails', ['a' => 1]),
    'class gone' => function () {
        Z\Ok::dispatch();
        $payload = DB::table('jobs')->value('payload');
        DB::table('jobs')->update(['payload' => strtr($payload, ['Zoo\\\\Ok' => 'Zoo\\\\No'])]);
    },
    'handler gone' => fn () => $do(fn () => Z\Ok::dispatch(), fn () => $change(fn ($p) => ['job' => 'App\\Zoo\\Nobody@x'] + $p)),
    'command cut' => fn () => $do(fn () => Z\Ok::dispatch(), fn () => $change(function ($p) {
        $p['data']['command'] = 'O:9:"broken';

        return $p;
    })),
    'no json' => fn () => [$row('{"uuid":"x'), Z\Ok::dispatch('next')],
    'json null' => fn () => [$row('null'), Z\Ok::dispatch('next')],
    'no job' => fn () => [$row('{"uuid":"3f1b1f6e-0000-4000-8000-000000000001"}'), Z\Ok::dispatch('next')],
    'no uuid' => fn () => $row('{"displayName":"X","job":"App\\\\Zoo\\\\Nobody@x","data":{}}'),
    'uuid twice' => fn () => $do(fn () => Z\Throws::dispatch(), fn () => $row(DB::table('jobs')->value('payload'))),
    // newer
    'context' => function () {
        Context::add('k', ['x' => 1]);
        Context::addHidden('h', 'hid');
        Z\HasContext::dispatch();
        Context::flush();
        Z\HasContext::dispatch(true);
    },
    'waits for commit' => fn () => Z\DispatchesWaiting::dispatch(),
    'debounced' => fn () => $do(fn () => Z\Debounced::dispatch('one'), fn () => Z\Debounced::dispatch('two'),
        fn () => DB::table('jobs')->update(['available_at' => time()])),
    'attributes' => fn () => Z\HasAttributes::dispatch(),
];
// Combinations that are all alike.
foreach (['nothing', 'throw', 'release', 'delete', 'fail', 'itself'] as $does) {
    $dispatch["unique, $does"] = fn () => Z\Unique::dispatch($does);
}
$dispatch['unique, throw, tries left'] = fn () => Z\Unique::dispatch('throw', 2);
foreach (['release throw', 'delete throw', 'fail throw', 'delete release', 'release delete', 'release later', 'fail release',
    'release fail', 'delete fail', 'fail delete'] as $steps) {
    $dispatch["ends $steps"] = fn () => Z\Ends::dispatch($steps);
}
$dispatch['ends release throw, last'] = fn () => Z\Ends::dispatch('release throw', 1);
foreach (['delete', 'release', 'fail'] as $how) {
    $dispatch["$how, committed"] = fn () => Z\EndsInTransaction::dispatch($how, true);
    $dispatch["$how, rolled back"] = fn () => Z\EndsInTransaction::dispatch($how, false);
    $dispatch["$how, own row locked"] = fn () => Z\EndsInTransaction::dispatch($how, true, true);
}

$dispatch[$argv[2]]();
