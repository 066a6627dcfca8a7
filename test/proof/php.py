"""php: the scenarios of jobs that facteur gives to a PHP process. Each row: a name, what test/proof/zoo/dispatch.php
dispatches, the command lines, and what is expected: the same, or what doc/differences.md tells."""
from scenario import Scenario

ALL = []
EMPTY = "queue:work --stop-when-empty --sleep=0"
ONCE = "queue:work --once --sleep=0"


def add(name, zoo, *commands, **more):
    ALL.append(Scenario(name, (), commands or (EMPTY,), zoo=zoo, **more))


# === how a job ends ===

add("a job", "ok")
add("two jobs", "two")
add("a job, once", "two", ONCE)
add("a job without any of Laravel's traits", "plain")
add("a job with arguments by the container", "injected")
add("an exception in the last attempt", "throws")
add("an exception, attempts are left", "throws three times")
add("an exception, once", "throws", ONCE)
add("a failed job, again", "throws", EMPTY, "queue:retry all", EMPTY)
add("an exception in each of three attempts", "throws three times", EMPTY, "sql update jobs set available_at=0", EMPTY,
    "sql update jobs set available_at=0", EMPTY)
add("tries and backoff by methods", "throws, by methods", EMPTY, "sql update jobs set available_at=0", EMPTY, since=10)
add("an exception, without a try of its own, --tries", "throws", f"{EMPTY} --tries=2 --backoff=4")
add("--tries=0", "throws", f"{ONCE} --tries=0 --backoff=4")
add("retryUntil is not over", "throws until", f"{ONCE} --tries=1")
add("retryUntil is over", "until is over")
add("more attempts than tries", "attempts exceeded")
add("maxExceptions: one", "throws, max exceptions")
add("maxExceptions: the second of two", "throws, max two exceptions")
add("an error instead of an exception", "throws an error")
add("an exception with bytes that are no text", "throws bytes", since=9)
add("an exception of a megabyte", "throws much")
add("release", "releases")
add("release without a delay", "releases at once", f"{EMPTY} --max-jobs=2")
add("release to a time", "releases to a time")
add("release by an interval", "releases by an interval")
add("delete", "deletes")
add("fail with an exception", "fails itself")
add("fail with a text", "fails with a text", since=9)
add("fail with nothing", "fails with nothing")
add("failed() throws", "failed() throws")
for steps in ("delete throw", "fail throw", "delete fail", "fail delete", "release throw"):
    add(f"{steps.replace(' ', ', then ')}", f"ends {steps}")
add("delete, then release", "ends delete release")
add("fail, then release", "ends fail release")

# === what a job knows, says and leaves ===

add("what a job says", "speaks")
add("what a job knows of its worker", "knows")
add("what a job knows of its worker, once", "knows", ONCE)
add("scoped instances and singletons", "counts")
add("state that a job leaves in the process", "leaves state")
add("what a job logs", "logs")
add("a job on sync inside a job", "runs another")
add("a job on sync inside a job, which fails", "runs another that fails")
add("a job dispatches others", "dispatches others", f"{EMPTY} --queue=default,other")
add("a job dispatches itself", "dispatches itself")

# === dispatching ===

add("a job delayed to now", "delayed to now")
add("queues in order", "queues", f"{EMPTY} --queue=high,low")
add("dispatchIf and dispatchUnless", "if")
add("a closure", "closure")
add("a closure that fails, with catch", "closure with catch")
add("a queued mail", "mail")
add("a mail for later", "mail later")
add("a mail that cannot be built", "failing mail", f"{EMPTY} --backoff=3")
add("a queued notification", "notification", since=9)
add("a notification that fails", "failing notification")
add("a queued listener", "listener")
add("a queued listener that fails", "failing listener", EMPTY, "sql update jobs set available_at=0", EMPTY)

# === options of the worker ===

add("--max-jobs", "two", "queue:work --max-jobs=1 --sleep=0")
add("--name", "ok", f"{EMPTY} --name=other")
add("--quiet", "ok", f"{EMPTY} --quiet")
add("-v", "ok", f"{EMPTY} -v")
add("--json", "ok", f"{EMPTY} --json", since=12)
add("--json of a failure", "throws", f"{EMPTY} --json", since=12)
add("--json of a release", "throws three times", f"{EMPTY} --json", since=12)
add("--json of a job that ends itself", "deletes", f"{EMPTY} --json", since=12)
add("--env", "knows", f"{EMPTY} --env=testing")

# === transactions ===

LEFT = "a PHP job that leaves a transaction open"
ROLLED_BACK = "a PHP job that ends in a transaction that is rolled back"


def undone(name, zoo, **more):
    add(name, zoo, differs=(ROLLED_BACK, "stdout log"), says={"stdout": "was not committed", "jobs": "reserved_at=NOW"}, **more)


for how in ("delete", "release", "fail"):
    add(f"{how} in a transaction that is committed", f"{how}, committed")
    undone(f"{how} in a transaction that is rolled back", f"{how}, rolled back")
    add(f"{how} in a transaction that holds its row", f"{how}, own row locked")
undone("delete in a transaction that throws", "delete, throwing transaction")
undone("release in a transaction that throws", "release, throwing transaction")
add("delete in a transaction that is tried twice", "repeated transaction")
add("delete in an inner transaction", "inner transaction")
undone("delete in an inner transaction that is rolled back", "inner transaction rolled back")
add("release in a transaction of another connection", "foreign transaction")
add("dispatches after the commit", "after commit")
add("ShouldQueueAfterCommit", "waits for commit", since=11)

# === locks ===

for does in ("nothing", "throw", "release", "delete", "fail", "itself"):
    add(f"a unique job: {does}", f"unique, {does}")
add("a unique job twice", "unique")
add("a unique job throws, attempts are left", "unique, throw, tries left", f"{EMPTY} --backoff=3")
add("a unique job has been tried too often", "unique, attempts exceeded")
add("a lock that is over before its job", "unique for a second", "wait 1.2", f"{EMPTY} --backoff=3")
add("a unique job whose lock is in files", "unique in files")
add("a unique job of a model", "unique of a model")
add("a unique job of a model that is not there", "unique of a missing model")
add("a unique job that failed, again", "unique, throw", EMPTY, "queue:retry all", EMPTY)
add("a unique job in a chain", "unique in a chain")
add("unique until processing", "unique until processing")
add("unique until processing, and it throws", "unique until processing, throws", f"{EMPTY} --backoff=3")
add("unique until processing, and it dispatches itself", "unique until processing, itself", f"{EMPTY} --max-jobs=2")

# === middleware ===

# The limit's window is counted in seconds of the clock.
WINDOW = "sql update jobs set available_at = created_at + 63 where available_at between created_at + 60 and created_at + 63"
add("WithoutOverlapping", "alone")
add("WithoutOverlapping, another runs", "alone, busy")
add("WithoutOverlapping, another runs, dontRelease", "alone, busy, does not release")
add("RateLimited", "limited", EMPTY, WINDOW)
add("RateLimited, dontRelease", "limited, does not release")
add("ThrottlesExceptions", "throttled", EMPTY, WINDOW)
add("ThrottlesExceptions of others", "throttled, others")
add("ThrottlesExceptions, deleteWhen", "deleted when throttled", since=12)
add("middleware of the app", "fenced")
add("middleware of the app releases", "fenced off")
add("middleware of the dispatch", "through")
add("Skip", "skipped", since=11)
add("FailOnException", "fails on some", since=12)
add("FailOnException of others", "fails on others", since=12)

# === batches and chains ===

add("a batch", "batch")
add("a batch with before and progress", "batch, before and progress", since=11)
add("a batch fails", "batch fails")
add("a batch that allows failures", "batch allows failures")
add("a batch's callback throws", "batch, callback throws")
add("a batch's callback dispatches", "batch dispatches")
add("a batch of closures", "batch of closures")
add("a batch grows", "batch adds")
add("a batch is cancelled", "batch cancels")
add("a batch is cancelled, SkipIfBatchCancelled", "batch skips", since=9)
add("a batch is looked at", "batch looks")
add("a batch on another queue", "batch on a queue", f"{EMPTY} --queue=other")
add("a batch, and a model is not there", "batch, model missing")
add("a batch whose job is released", "batch, released", f"{EMPTY} --max-jobs=3")
add("a batch whose job has been tried too often", "batch, attempts exceeded")
add("a batch's failed jobs, again", "batch fails", EMPTY, "queue:retry all", EMPTY)
add("queue:retry-batch", "batch fails", EMPTY, "queue:retry-batch {BATCH}", EMPTY)
add("queue:retry-batch of one that allows failures", "batch allows failures", EMPTY, "queue:retry-batch {BATCH}", EMPTY)
add("a chain", "chain")
add("a chain, once", "chain", ONCE)
add("a chain fails", "chain fails")
add("a chain fails, with catch", "chain with catch")
add("a chain's failed job, again", "chain fails at once", EMPTY, "queue:retry all", EMPTY)
add("a chain's job is released", "chain released", f"{EMPTY} --max-jobs=2")
add("a chain's job deletes itself", "chain deletes")
add("a chain's job fails itself", "chain fails itself")
add("a chain on another queue", "chain on a queue", f"{EMPTY} --queue=other")
add("a chain with a delay", "chain, delayed")
add("a chain, one more in front", "chain, prepended", since=9)
add("a chain, one more behind", "chain, appended", since=9)
add("what the first of a chain leaves to the last", "chain leaves to the last")
add("a chain, and a model is not there", "chain, model missing")
add("a chain in a batch", "chain in a batch")
add("a chain in a batch fails", "chain in a batch fails")
add("a batch in a chain", "batch in a chain", since=10)
add("a batch in a chain fails", "batch in a chain fails", since=10)

# === payloads ===

add("an encrypted job", "encrypted")
add("an encrypted chain", "encrypted chain")
add("a job of a model", "model")
add("a job of models", "models")
add("a job of a model that is not there", "missing model")
add("a job of a model that is not there, deleted", "missing model deletes")
add("a job without a class of its own", "old")
add("a job without a class of its own, by a method", "old, another method")
add("a job without a class of its own fails", "old, fails")
add("a class that is not there", "class gone")
add("a handler that is not there", "handler gone")
add("a command that is cut", "command cut")
add("the log context of a dispatch", "context", since=11)
add("debouncing", "debounced", since=13)
add("attributes of a class", "attributes", EMPTY, "sql update jobs set available_at=0", EMPTY, since=13)

# === listeners, and what the app tells its workers ===


def heard(name, zoo, php, *commands, **more):
    """With listeners of the app."""
    add(name, zoo, *commands, files={"storage/listeners.php": f"<?php\n{php}\n"}, **more)


def listen(event, body):
    return f"app('events')->listen('Illuminate\\\\Queue\\\\Events\\\\{event}', function ($e) {{ {body} }});"


FAILURE = "a failure of a PHP job is one commit"
THROWS = "throw new RangeException('of a listener');"
heard("a listener of JobProcessing deletes the job", "two", listen("JobProcessing", "$e->job->delete();"))
heard("a listener of JobProcessing fails the job", "two",
      listen("JobProcessing", "$e->job->fail(new RangeException('of a listener'));"))
heard("a listener of JobProcessing throws", "two", listen("JobProcessing", THROWS))
heard("a listener of JobProcessing prints", "ok", listen("JobProcessing", "echo \"before it\\n\";"))
heard("a listener of JobProcessed throws", "two", listen("JobProcessed", THROWS))
heard("a listener of JobProcessed prints", "two", listen("JobProcessed", "echo \"after it\\n\";"))
heard("a listener of JobExceptionOccurred throws", "throws three times", listen("JobExceptionOccurred", THROWS))
heard("a listener of JobReleasedAfterException throws", "throws three times", listen("JobReleasedAfterException", THROWS), since=9)
heard("a listener of JobFailed throws", "throws", listen("JobFailed", THROWS), differs=(FAILURE, "stdout failed_jobs events"),
      says={"failed_jobs": "LogicException: inner"})
heard("a listener of JobFailed ends the event", "throws", listen("JobFailed", "return false;"),
      differs=(FAILURE, "stdout failed_jobs events"), says={"failed_jobs": "LogicException: inner"})
heard("callbacks of Queue", "throws", "foreach (['before', 'after', 'exceptionOccurred', 'failing'] as $when) {"
      " Illuminate\\Support\\Facades\\Queue::$when(function ($e) use ($when) { App\\Zoo\\noted($when, ['flags' => [$e->job->isDeleted(), $e->job->hasFailed()]]); }); }")
heard("failed jobs are kept by the app itself", "throws", "app()->extend('queue.failer', function () { return new App\\Zoo\\Ledger; });")
heard("failed jobs are kept by the app itself, by hand", "fails itself",
      "app()->extend('queue.failer', function () { return new App\\Zoo\\Ledger; });")
for driver in ("database-uuids", "file", "null"):
    add(f"a failed job in the store {driver}", "throws", EMPTY, env={"QUEUE_FAILED_DRIVER": driver}, since=11 if driver == "file" else 8)
add("the connection's after_commit", "after commit", EMPTY, files={"config/queue.php": """<?php return ['default' => 'database',
    'connections' => ['sync' => ['driver' => 'sync'], 'database' => ['driver' => 'database', 'table' => 'jobs', 'queue' => 'default',
        'retry_after' => 90, 'after_commit' => true]],
    'failed' => ['driver' => 'database-uuids', 'database' => 'mysql', 'table' => 'failed_jobs']];
"""})
REDIS = {"env": {"CACHE_STORE": "redis", "CACHE_DRIVER": "redis"}, "redis": True}
add("a unique job in Redis", "unique", **REDIS)
add("maxExceptions in Redis", "throws, max two exceptions", **REDIS)
add("WithoutOverlapping in Redis", "alone", **REDIS)
add("RateLimitedWithRedis", "limited by redis", EMPTY, WINDOW, **REDIS)

# === a worker that runs ===

RUN = "start queue:work --sleep=0.2"
BUSY = "until select count(*) = 1 from jobs where reserved_at is not null"
add("TERM in a job", "naps", RUN, BUSY, "wait 0.3", "signal TERM", "join")
add("a restart in a job", "naps", RUN, BUSY, "wait 0.3", "queue:restart", "join", slow=True)
add("down in a job", "naps", RUN, BUSY, "wait 0.3", "artisan down", "wait 2", "signal TERM", "join", slow=True)
add("--max-jobs in a chain", "chain", f"{EMPTY} --max-jobs=2")
add("--max-time is over in a job", "naps", "queue:work --max-time=1 --sleep=0.2", slow=True)
add("a reservation that is over", "two", "sql update jobs set attempts=1, reserved_at=unix_timestamp() - 91 where id % 2 = 0", f"{EMPTY} --tries=3")

add("--rest", "two", f"{EMPTY} --rest=0.2")
add("a job of Laravel 13 is told of the signal", "naps interruptibly", RUN, BUSY, "wait 0.3", "signal TERM", "join", since=13)
add("a dispatch after the response", "after response", before=13)  # 13 says before it that the worker stopped, facteur after it
add("deferred functions", "defers", since=11)
add("the memory of a process", "grows", f"{EMPTY} --memory=100", differs=("the memory of a PHP process", "stdout exit jobs events"),
    says={"exit": "^0$", "jobs": "^$", "events": '"WorkerStopping".*"has grown","jobs":1'})
add("a process that a job started", "starts a process", EMPTY, "wait 2.5", slow=True, differs=("what a PHP job starts", "events"),
    says={"events": '"started"(?!.*lives)'})
heard("a listener of Looping says no", "two", listen("Looping", "return false;"))
WORKERS = "a listener of the worker that throws"
heard("a listener of Looping throws", "two", listen("Looping", THROWS), differs=(WORKERS, "stdout exit events"),
      says={"exit": "^0$", "jobs": "attempts=0.*attempts=0", "log": "of a listener"})
heard("a listener of JobPopped throws", "two", listen("JobPopped", THROWS), since=10, differs=(WORKERS, "jobs"),
      says={"jobs": "attempts=0.*reserved_at=None.*attempts=0.*reserved_at=None"})
heard("popping is the app's own", "two", "Illuminate\\Queue\\Worker::popUsing('default', function ($pop, $queue) { return $pop($queue); });",
      differs=("an app that takes its jobs itself", "stdout jobs log events"),
      says={"stdout": "Worker::popUsing", "jobs": "attempts=0.*reserved_at=None.*attempts=0.*reserved_at=None"})

# === a process starts with its first job ===

START = "a PHP process starts with its first job"
for name, zoo, before in (("a delayed job", "delayed", ()), ("a batch of none", "batch of none", ()), ("down before a job", "two", ("artisan down",))):
    add(name, zoo, *before, EMPTY, differs=(START, "events"), says={"events": "^$"})
add("queue:pause before a job", "two", "queue:pause default", EMPTY, since=12, differs=(START, "events"), says={"events": "^$"})

# === ends that contradict each other ===

TWICE = "a PHP job that ends twice"
add("release, then delete", "ends release delete")
add("release, then release later", "ends release later", differs=(TWICE, "jobs events"), says={"jobs": r"^id=#1(?!.*id=).*created_at\+9"})
add("release, then fail", "ends release fail", differs=(TWICE, "jobs events"), says={"jobs": "^$", "failed_jobs": "by hand"})
add("release, then an exception in the last attempt", "ends release throw, last", differs=(TWICE, "jobs events"),
    says={"jobs": "^$", "failed_jobs": "after release throw"})

# === deaths ===

DIED = "a PHP job whose process dies"
ONE_FAILED = r"(?=.*pending_jobs=1\D)(?=.*failed_jobs=1\D)"
FAILED = r"(RUNNING\n.* FAIL|Processing:.*\n.*Failed: .*)\n"


def dies(name, zoo, how, parts="", **says):
    """In the last attempt: failed at once, by a process of its own."""
    add(name, zoo, differs=(DIED, f"stdout exit jobs failed_jobs events log {parts}"),
        says={"exit": "^0$", "log": f"its PHP process {how}", "stdout": FAILED, "failed_jobs": f"^id=#1.*exception=RuntimeException: [^ ]*: its PHP process {how}",
              "events": r'"failed\(\) of.*"what":"JobFailed"', "jobs": "^$", **says})


def dies_early(name, zoo, parts="", **says):
    """Attempts are left: released at once."""
    add(name, zoo, differs=(DIED, f"stdout exit jobs log {parts}"),
        says={"exit": "^0$", "log": "its PHP process", "stdout": "its PHP process", "jobs": "reserved_at=None", "failed_jobs": "^$", **says})


dies("exit(3)", "exits", r"ended with status 3 \(")
dies("exit(3) in each of two attempts", "exits, tries left", r"ended with status 3 \(", events='"what":"exits".*"what":"exits".*JobFailed')
dies("exit(0)", "exits with 0", r"ended with status 0 \(")
dies("memory is exhausted", "eats memory", r"ended with status 255 \(Allowed memory size")
dies("a recursion without end", "recurses", r"ended with status 255 \(Allowed memory size")
dies("a segmentation fault", "crashes", "was killed by signal 11")
dies_early("a segmentation fault, attempts are left", "crashes, tries left", jobs=r"available_at=created_at\+4")
add("failed() calls exit()", "failed() exits", differs=(FAILURE, "stdout exit failed_jobs log"),
    says={"exit": "^0$", "failed_jobs": "LogicException: inner"})
dies("a batch whose job crashes", "batch, crash", "was killed by signal 11", "job_batches",
     events='"catch .*"what":"ok two".*"what":"finally","pending":1,"failed":1', job_batches=ONE_FAILED)
dies("a chain whose job crashes, with catch", "chain, catch of a crash", "was killed by signal 11", events='"what":"ok first".*"what":"caught ')
dies("a unique job crashes", "unique, crashes", "was killed by signal 9", "cache_locks", cache_locks="^$")
dies("a unique job crashes in each of two attempts", "unique, crashes, tries left", "was killed by signal 9", "cache_locks", cache_locks="^$")
dies("WithoutOverlapping, and its job dies", "alone, dies", "ended with status 3", cache_locks="overlap")
LOST = "a connection that a PHP job lost"
add("a connection is lost", "loses its connection")
add("a connection is lost in a transaction", "loses its connection in a transaction", differs=(LOST, "stdout jobs log events"),
    says={"jobs": r"^id=#1(?!.*id=).*reserved_at=None.*created_at\+3"})

# === time runs out ===

TIMEOUT = "a PHP job that overruns its timeout"


def late(name, zoo, parts="", *commands, **says):
    """The job that hung is failed, and the worker goes on."""
    add(name, zoo, *commands, slow=True, differs=(TIMEOUT, f"exit stdout log {parts}"), says={"exit": "^0$", "failed_jobs": "has timed out|its time of 1 s was over|run too long", **says})


late("a timeout in the last attempt", "sleeps")
late("a timeout, attempts are left", "sleeps, tries left", "stdout jobs", jobs=r"reserved_at=None.*created_at\+4", failed_jobs="^$")
late("a timeout with failOnTimeout", "sleeps and fails")
late("a timeout in a transaction", "sleeps in a transaction", "jobs failed_jobs", jobs="^$")  # Laravel 8 rolls its own failure back
late("a timeout while the server is waited for", "blocked", "failed_jobs events", events="waits for the server(?!.*has waited).*JobFailed(.*JobTimedOut)?")
late("a timeout while a process is waited for", "waits for a child", "failed_jobs events", events="has a child(?!.*lives).*JobFailed(.*JobTimedOut)?")
add("a timeout that the job ignores", "ignores the alarm", slow=True, differs=(TIMEOUT, "stdout failed_jobs log events"),
    says={"failed_jobs": "its time of 1 s was over", "events": "ignores(?!.*went on).*JobFailed(.*JobTimedOut)?"})
late("a timeout of a loop in each of three attempts", "spins", "stdout jobs failed_jobs events", jobs="^$",
     events='("spins".*){3}JobFailed(.*JobTimedOut)?')
add("--timeout of a job with one of its own", "ignores the alarm", f"{ONCE} --timeout=1", slow=True)
late("a timeout of a unique job", "unique, timeout", cache_locks="^$")
for where in ("", " in a transaction"):
    late(f"a timeout{where} in a batch", f"batch, timeout{where}", "stdout jobs failed_jobs job_batches events", jobs="^$",
         job_batches=ONE_FAILED, events='"ok two".*"finally","pending":1,"failed":1')
late("a timeout in a chain, with catch", "chain, catch of a timeout", events='"what":"caught ')

# === transactions that are left open ===

add("a transaction is left open", "leaves a transaction", differs=(LEFT, "stdout jobs failed_jobs log events"),
    says={"failed_jobs": "The job left 1 database transaction", "jobs": "^$", "events": '"sees","level":0'})
add("an exception with an open transaction", "leaves a transaction and throws", differs=(LEFT, "jobs failed_jobs events"),
    says={"failed_jobs": "with an open transaction", "jobs": "^$", "events": '"sees","level":0'})

# === rows that no job is ===

UNREADABLE = "a payload that nobody can read"
for name, zoo in (("text that is no JSON", "no json"), ("a payload that is null", "json null"), ("a payload without a job", "no job")):
    add(name, zoo, differs=(UNREADABLE, "stdout jobs failed_jobs log events"), says={"jobs": "^$", "failed_jobs": "^id=#1", "events": "ok next"})
add("a payload without a uuid", "no uuid", differs=(UNREADABLE, "stdout jobs failed_jobs log events"), says={"jobs": "^$", "failed_jobs": "^id=#1"})
add("a uuid twice", "uuid twice", differs=(FAILURE, "stdout jobs failed_jobs log events"), says={"jobs": "^$", "failed_jobs": "id=#1.*id=#2"})
add("a job without a class of its own, which does not end", "old, kept", differs=(ROLLED_BACK, "stdout log"),
    says={"stdout": "neither ended", "jobs": "reserved_at=NOW"})
add("an exception with bytes that are no text, in Laravel 8", "throws bytes", before=9, says={"failed_jobs": r"bad \?\? bytes"},
    differs=(FAILURE, "failed_jobs log events"))
