"""scenarios: the table of the proof. Each row: a name, the rows it begins with, the command lines (run by
artisan, then, on the same rows, by facteur), and what is expected: the same, or what doc/differences.md tells."""
from scenario import DROP, Failed, From, Job, Scenario

ALL = []


def add(name, jobs=(), *commands, **more):
    ALL.append(Scenario(name, jobs, commands, **more))


EMPTY = "queue:work --stop-when-empty --sleep=0"
ONCE = "queue:work --once --sleep=0"


def refused(name, jobs, *commands, **more):
    """A letter whose address, or in Laravel 8 whose message, the mail server refuses."""
    add(name, jobs, *commands, refused=True, **more)


# === letters ===

add("a letter", [Job("letter")], ONCE)
add("a letter, byte for byte", [Job("letter")], ONCE, raw=True, differs=("the bytes of a mail", "raw"), says="boundary=")
add("quotes and angle brackets in the name", [Job("quotes")], ONCE)
add("a club with nothing but a name", [Job("bare")], ONCE)
add("ids as strings", [Job("strings")], ONCE)
add("a teacher who was deleted", [Job("deleted")], ONCE)
add("a club that is not there", [Job("missing")], ONCE)
add("a user without an address", [Job("no address")], ONCE)
refused("a refused address", [Job("refused")], ONCE)
add("a refused recipient in Laravel 8", [Job("refused")], ONCE, before=9,
    differs=("a refused recipient in Laravel 8", "jobs stdout volunteer_letter_sends log"), says="Expected response code 250/251/252 but got code")
add("a mail server that refuses the message, in several lines", [Job("letter")], ONCE, env={"MAIL_PORT": "{STRICT_PORT}"})
add("a mail server that is not there", [Job("letter")], ONCE, env={"MAIL_PORT": "1"})
add("several letters", [Job("letter"), Job("quotes"), Job("bare")], EMPTY)
add("an empty queue", [], EMPTY)
add("an empty queue, once", [], ONCE)

# === attempts, backoff, delay ===

refused("a first attempt of three is released", [Job("refused")], f"{ONCE} --tries=3")
refused("released with the option's backoff", [Job("refused")], f"{ONCE} --tries=3 --backoff=7")
refused("released with the first of a list", [Job("refused")], f"{ONCE} --tries=3 --backoff=7,20")
refused("released with the second of a list", [Job("refused", attempts=1)], f"{ONCE} --tries=3 --backoff=7,20")
refused("released with the last of a list", [Job("refused", attempts=4, maxTries=9)], f"{ONCE} --backoff=7,20")
refused("a backoff with blanks and words in the list", [Job("refused")], f"{ONCE} '--backoff= 7, x,9'")
refused("--delay is the older name of --backoff", [Job("refused")], f"{ONCE} --tries=3 --delay=4")
refused("the larger of --delay and --backoff", [Job("refused")], f"{ONCE} --tries=3 --delay=4 --backoff=3")
refused("the payload's backoff", [Job("refused", backoff="3,9")], f"{ONCE} --backoff=50")
refused("a payload's backoff of 0", [Job("refused", backoff="0")], f"{ONCE} --backoff=50")
refused("the dispatch's delay is a backoff", [Job("delayed", available=0, delay=4)], f"{ONCE} --backoff=77")
refused("three attempts, then failed", [Job("refused")], f"{EMPTY} --tries=3")
refused("the payload's tries count before --tries", [Job("refused", maxTries=2)], f"{EMPTY} --tries=5")
refused("without tries of its own, --tries", [Job("refused", maxTries=None)], f"{EMPTY} --tries=2")
refused("without any tries, one", [Job("refused", maxTries=None)], EMPTY)
refused("the last attempt", [Job("refused", maxTries=1)], ONCE)
refused("the third of three", [Job("refused", attempts=2)], ONCE)
refused("tries of 0 are without end", [Job("refused", maxTries=0, attempts=7)], ONCE)
refused("--tries=0 is without end", [Job("refused", maxTries=None, attempts=7)], f"{ONCE} --tries=0")
add("more attempts than tries", [Job("refused", attempts=3)], ONCE)
add("more attempts than --tries", [Job("letter", maxTries=None, attempts=1)], f"{ONCE} --tries=1")
add("more attempts than tries, and a letter behind it", [Job("letter", attempts=5), Job("quotes")], EMPTY)
refused("retryUntil takes the place of tries", [Job("refused", retryUntil=From(3600), attempts=9)], f"{ONCE} --tries=1")
add("retryUntil is over", [Job("refused", retryUntil=From(-10))], ONCE)
refused("retryUntil of 0 is none", [Job("refused", retryUntil=0, maxTries=1)], ONCE)
refused("maxExceptions: the first of two", [Job("refused", maxTries=9, maxExceptions=2)], ONCE)
refused("maxExceptions: the second of two", [Job("refused", maxTries=9, maxExceptions=2)], EMPTY)
refused("maxExceptions beside fewer tries", [Job("refused", maxTries=2, maxExceptions=5)], EMPTY)
refused("maxExceptions in files", [Job("refused", maxTries=9, maxExceptions=3)], ONCE, ONCE,
        env={"CACHE_STORE": "file", "CACHE_DRIVER": "file"})
refused("maxExceptions in Redis", [Job("refused", maxTries=9, maxExceptions=3)], ONCE, ONCE,
        env={"CACHE_STORE": "redis", "CACHE_DRIVER": "redis"}, redis=True)
add("a letter after failures leaves the counter", [Job("letter", maxExceptions=3)], ONCE,
    sql="insert into cache values ('ecuries_du_brabant_cache_job-exceptions:x', 'i:1;', {NOW} + 86000);")

# === which row, and when ===

add("a job whose time has not come", [Job("letter", available=60)], EMPTY)
add("a job whose time is now", [Job("letter", available=0)], EMPTY)
add("a reserved job", [Job("letter", reserved=-10, attempts=1)], EMPTY)
add("a reservation that is just not over", [Job("letter", reserved=-80, attempts=1)], EMPTY)
add("a reservation that is over", [Job("letter", reserved=-91, attempts=1)], EMPTY)
add("retry_after of the app", [Job("letter", reserved=-40, attempts=1)], EMPTY, env={"DB_QUEUE_RETRY_AFTER": 30})
add("another queue", [Job("letter"), Job("queued")], f"{EMPTY} --queue=emails")
add("queues in order", [Job("letter"), Job("quotes", queue="high"), Job("bare", queue="low")], f"{EMPTY} --queue=high,default,low")
add("queues in order, one job", [Job("letter"), Job("quotes", queue="high")], f"{ONCE} --queue=high,default")
add("a queue that is not there", [Job("letter")], f"{EMPTY} --queue=nowhere")
add("a queue with a blank in its name", [Job("letter", queue=" x")], f"{EMPTY} '--queue=a, x'")
add("a comma behind the last queue", [Job("letter"), Job("quotes", queue="high")], f"{EMPTY} --queue=high,")
add("an empty name between queues", [Job("letter"), Job("queued")], f"{ONCE} --queue=nowhere,,emails")
add("a negative --max-jobs", [Job("letter"), Job("quotes")], f"{EMPTY} --max-jobs=-1")
add("a command's name, abbreviated", [Job("letter")], "queue:w --stop-when-empty --sleep=0")
add("a command's name in capitals", [Job("letter")], "QUEUE:WORK --stop-when-empty --sleep=0")
add("an option before the command's name", [Job("letter")], "--no-ansi queue:work --stop-when-empty --sleep=0")
add("an option twice", [Job("letter"), Job("queued")], f"{ONCE} --queue=nowhere --queue=emails")
add("two arguments for one", [], "queue:forget one two", failed=[Failed(Job("letter"), uuid="one")])
add("the connection by name", [Job("letter")], "queue:work database --stop-when-empty --sleep=0")
add("the app's queue", [Job("letter", queue="mine")], EMPTY, env={"DB_QUEUE": "mine"})
add("oldest first, by id", [Job("letter", created=-5), Job("quotes", created=-50)], ONCE)

# === options ===

add("--max-jobs", [Job("letter"), Job("quotes"), Job("bare")], "queue:work --max-jobs=2 --sleep=0")
add("--max-jobs and an empty queue", [Job("letter")], f"{EMPTY} --max-jobs=5")
add("--max-time", [Job("letter")], "queue:work --max-time=1 --sleep=0.2", slow=True)
add("--stop-when-empty-for", [Job("letter")], "queue:work --stop-when-empty-for=1 --sleep=0.2", since=12, slow=True)
add("--name", [Job("letter")], f"{EMPTY} --name=first")
add("--daemon", [Job("letter")], f"{EMPTY} --daemon")
add("--rest", [Job("letter"), Job("quotes")], f"{EMPTY} --rest=0.1")
add("--memory is exceeded", [Job("letter"), Job("quotes")], "queue:work --memory=1 --sleep=0")
add("--quiet", [Job("letter")], f"{EMPTY} --quiet")
add("-q", [Job("letter")], f"{EMPTY} -q")
add("--silent", [Job("letter")], f"{EMPTY} --silent", since=12)
add("-v", [Job("letter")], f"{EMPTY} -v")
add("-vv", [Job("letter")], f"{EMPTY} -vv")
add("-vvv", [Job("letter")], f"{EMPTY} -vvv")
for cluster in ("-qv", "-vq", "-nv", "-vn", "-q -v", "-v -q"):
    add(f"{cluster} together", [Job("letter")], f"{EMPTY} {cluster}")
add("--ansi", [Job("letter")], f"{EMPTY} --ansi")
add("--no-ansi", [Job("letter")], f"{EMPTY} --no-ansi")
add("-n", [Job("letter")], f"{EMPTY} -n")
add("--json", [Job("letter")], f"{EMPTY} --json", since=12)
refused("--json of a failure", [Job("refused", maxTries=1)], f"{EMPTY} --json", since=12)
refused("--json of a release", [Job("refused")], f"{ONCE} --json", since=12)
add("--env", [Job("letter")], f"{EMPTY} --env=testing")
add("words for numbers", [Job("letter")], "queue:work --stop-when-empty --sleep=0 --tries=x --max-jobs=y")
add("--sleep of a word", [Job("letter")], "queue:work --stop-when-empty --sleep=abc",
    differs=("--sleep and --rest that are no numbers", "stdout exit log"))
add("an option that is not there", [Job("letter")], "queue:work --nowhere")
add("a mistake in colours", [Job("letter")], "queue:work --nowhere --ansi")
add("a connection of another driver", [Job("letter")], "queue:work sync --once --sleep=0",
    differs=("queue:work on another driver", "stdout exit log"), says="works the driver")
add("an option without its value", [Job("letter")], "queue:work --stop-when-empty --sleep=0 --tries")
add("an option that takes none", [Job("letter")], "queue:work --once=1")
add("a connection that is not there", [Job("letter")], "queue:work nowhere --once")
add("too many arguments", [Job("letter")], "queue:work database x")
add("a connection without a table", [Job("letter")], ONCE, env={"DB_QUEUE_TABLE": "nowhere"},
    differs=("a queue's table that is not there", "stdout exit log"), says="Table 'app.nowhere' doesn't exist")

# === payloads ===

add("a payload with unknown members", [Job("letter", foo="bar", tags=["a"])], ONCE)
add("a payload without a uuid", [Job("letter", uuid=DROP)], ONCE)
add("a payload without createdAt", [Job("letter", createdAt=DROP, delay=DROP)], ONCE)
add("a payload of numbers as texts", [Job("letter", maxTries="3", timeout="60")], ONCE)
add("a timeout of 0", [Job("letter", timeout=0)], ONCE)
add("another display name", [Job("letter", displayName="A letter")], ONCE)
refused("a failure without a display name", [Job("refused", displayName="Écrit <b>", maxTries=1)], ONCE)

# === payloads that are not as they should be ===

FOREIGN = "foreign jobs"
UNREADABLE = "a payload that nobody can read"
add("jobs of other classes", [Job("reminder"), Job("letter"), Job("invoice")], EMPTY,
    differs=(FOREIGN, "jobs done_jobs stdout log files"), says="an artisan worker must stay")
add("jobs of other classes alone, once", [Job("reminder")], ONCE, differs=(FOREIGN, "jobs done_jobs stdout log"),
    says="an artisan worker must stay")
add("text that is no JSON", [Job("", raw="no json"), Job("letter")], EMPTY, differs=(UNREADABLE, "jobs stdout log failed_jobs exit"))
add("an empty payload", [Job("", raw=""), Job("letter")], EMPTY, differs=(UNREADABLE, "jobs stdout log failed_jobs exit"))
add("a payload that is a number", [Job("", raw="7"), Job("letter")], EMPTY, differs=(UNREADABLE, "jobs stdout log failed_jobs exit"))
add("a command that is cut", [Job("letter", data={"commandName": "App\\Jobs\\SendVolunteerLetterJob", "command": "O:31:\"App"})],
    ONCE, differs=("a command that cannot be decoded", "jobs failed_jobs stdout log"), says="UndecodableException")
add("a job at the column's maximum", [Job("letter", attempts=255), Job("quotes")], EMPTY,
    differs=("attempts at the column's maximum", "jobs failed_jobs stdout log smtp mail volunteer_letter_sends exit stderr"))
add("an encrypted command", [Job("encrypted")], ONCE)
add("an encrypted command of another key", [Job("foreign key")], ONCE, differs=("a command that cannot be decoded", "jobs failed_jobs stdout log"))

# === failed jobs are kept ===

for driver in ("database-uuids", "file", "null"):
    refused(f"a failure in the store {driver}", [Job("refused", maxTries=1)], ONCE, "queue:failed",
            env={"QUEUE_FAILED_DRIVER": driver}, since=11 if driver == "file" else 8)
refused("a failure whose uuid has failed before", [Job("refused", maxTries=1, uuid="twice")], ONCE,
        failed=[Failed(Job("letter"), uuid="twice")], says="Expected response code",
        differs=("failing is one transaction", "failed_jobs stdout log exit volunteer_letter_sends stderr"))
refused("a failure without failed_jobs", [Job("refused", maxTries=1), Job("letter")], "sql rename table failed_jobs to away", EMPTY,
        "sql rename table away to failed_jobs", says="it is kept aside, and tried again",
        differs=("failing is one transaction", "stdout jobs volunteer_letter_sends log exit"))
refused("an attempt fails, is retried, and fails again", [Job("refused", maxTries=1)], ONCE, "queue:retry all", ONCE)

# === the commands around the queue ===

LOST = [Failed(Job("letter"), hours=50), Failed(Job("quotes"), hours=30), Failed(Job("queued"), hours=2, queue="emails"),
        Failed(Job("reminder"), hours=1)]
add("queue:failed of nothing", [], "queue:failed")
add("queue:failed", [], "queue:failed", failed=LOST)
add("queue:failed in colours", [], "queue:failed --ansi", failed=LOST, since=9)
add("queue:failed quietly", [], "queue:failed -q", failed=LOST)
add("queue:retry all", [], "queue:retry all", failed=LOST)
add("queue:retry all of nothing", [], "queue:retry all")
add("queue:retry of one that is not there", [], "queue:retry nowhere", failed=LOST)
add("queue:retry of one", [], "queue:retry one", failed=[Failed(Job("letter"), uuid="one"), Failed(Job("quotes"), uuid="two")])
add("queue:retry of several", [], "queue:retry one two one", failed=[Failed(Job("letter"), uuid="one"), Failed(Job("quotes"), uuid="two")])
add("queue:retry of a queue", [], "queue:retry --queue=emails", failed=LOST)
add("queue:retry of a queue without any", [], "queue:retry --queue=nowhere", failed=LOST)
add("queue:retry without an id", [], "queue:retry", failed=LOST)
add("queue:retry, then the work", [], "queue:retry all", EMPTY, failed=LOST[:2])
add("queue:retry of a letter past its time", [], "queue:retry all", ONCE, failed=[Failed(Job("letter", retryUntil=From(-50)))])
add("queue:retry of a payload with attempts", [], "queue:retry all", failed=[Failed(Job("letter", members={"attempts": 4}))])
add("queue:retry quietly", [], "queue:retry all --quiet", failed=LOST)
add("queue:forget", [], "queue:forget one", failed=[Failed(Job("letter"), uuid="one"), Failed(Job("quotes"), uuid="two")])
add("queue:forget of what is not there", [], "queue:forget nowhere", failed=LOST)
add("queue:forget without an id", [], "queue:forget", failed=LOST)
add("queue:flush", [], "queue:flush", failed=LOST)
add("queue:flush of nothing", [], "queue:flush")
for hours in ("1", "20", "40.5", "0", "100"):
    add(f"queue:flush --hours={hours}", [], f"queue:flush --hours={hours}", failed=LOST, since=9)
add("queue:prune-failed", [], "queue:prune-failed", failed=LOST)
add("queue:prune-failed --hours=40", [], "queue:prune-failed --hours=40", failed=LOST)
HOURS = ("--hours without a number", "stdout exit log failed_jobs")
add("queue:prune-failed --hours", [], "queue:prune-failed --hours", failed=LOST, differs=HOURS, says="expected a number")
add("queue:prune-failed --hours=x", [], "queue:prune-failed --hours=x", failed=LOST, differs=HOURS, says="expected a number")
add("queue:prune-failed of nothing", [], "queue:prune-failed")
BATCHES = ("insert into job_batches values ('done', 'done', 2, 0, 0, '[]', 'a:0:{}', null, {NOW} - 200000, {NOW} - 190000),"
           "('open', 'open', 2, 1, 0, '[]', 'a:0:{}', null, {NOW} - 200000, null),"
           "('stopped', 'stopped', 2, 1, 1, '[\"one\"]', 'a:0:{}', {NOW} - 190000, {NOW} - 200000, {NOW} - 190000);")
add("queue:prune-batches", [], "queue:prune-batches", sql=BATCHES)
add("queue:prune-batches --hours", [], "queue:prune-batches --hours=53", sql=BATCHES)
add("queue:prune-batches of unfinished ones", [], "queue:prune-batches --unfinished=24", sql=BATCHES)
add("queue:prune-batches of cancelled ones", [], "queue:prune-batches --cancelled=24", sql=BATCHES, since=9)
add("queue:retry-batch", [], "queue:retry-batch stopped", sql=BATCHES, failed=[Failed(Job("letter"), uuid="one")])
add("queue:retry-batch without failures", [], "queue:retry-batch open", sql=BATCHES)
add("queue:retry-batch of one that is not there", [], "queue:retry-batch nowhere", sql=BATCHES)
WAITING = [Job("letter"), Job("quotes", available=900), Job("bare", reserved=-5, attempts=1), Job("queued")]
add("queue:clear", WAITING, "queue:clear")
add("queue:clear of a queue", WAITING, "queue:clear --queue=emails")
add("queue:clear of a connection", WAITING, "queue:clear database")
add("queue:clear of a queue without jobs", WAITING, "queue:clear --queue=nowhere")
add("queue:clear in production", WAITING, "queue:clear", env={"APP_ENV": "production"})
add("queue:clear in production, forced", WAITING, "queue:clear --force", env={"APP_ENV": "production"})
add("queue:monitor", WAITING, "queue:monitor default", since=9)
add("queue:monitor of several", WAITING, "queue:monitor default,database:emails,nowhere --max=2", since=9)
add("queue:monitor of names that are empty", WAITING, "queue:monitor default,,database: --max=2", since=9)
add("queue:monitor in JSON", WAITING, "queue:monitor default,emails --max=2 --json", since=12)
add("queue:monitor of a job that waits for decades, in JSON", [Job("letter", available=-1700000000)], "queue:monitor default,0 --json", since=12)
add("a queue called 0", [Job("letter")], "queue:work --stop-when-empty --sleep=0 --queue=0")
add("queue:monitor in Laravel 8", WAITING, "queue:monitor default,database:emails --max=2", before=9)
add("queue:restart", [], "queue:restart")
add("queue:restart in files", [], "queue:restart", env={"CACHE_STORE": "file", "CACHE_DRIVER": "file"})
add("queue:restart in Redis", [], "queue:restart", env={"CACHE_STORE": "redis", "CACHE_DRIVER": "redis"}, redis=True)
add("queue:restart twice, then the work", [Job("letter")], "queue:restart", "queue:restart", EMPTY)
add("queue:pause", [Job("letter"), Job("queued")], "queue:pause emails", f"{EMPTY} --queue=emails,default", since=12)
add("queue:pause of a connection's queue", [Job("letter")], "queue:pause database:default", EMPTY, since=12)
add("queue:pause in Redis", [Job("letter")], "queue:pause default", EMPTY, since=12,
    env={"CACHE_STORE": "redis", "CACHE_DRIVER": "redis"}, redis=True)
add("queue:pause of another connection", [Job("letter")], "queue:pause other:default", EMPTY, since=12)
add("queue:resume", [Job("letter")], "queue:pause default", "queue:resume default", EMPTY, since=12)
add("queue:continue", [Job("letter")], "queue:pause default", "queue:continue database:default", EMPTY, since=12)
add("queue:resume of what is not paused", [], "queue:resume default", since=12)
add("queue:pause without a name", [], "queue:pause", since=12)

# === maintenance ===

add("down", [Job("letter")], "artisan down", EMPTY)
add("down, once", [Job("letter")], "artisan down", ONCE)
add("down, forced", [Job("letter")], "artisan down", f"{EMPTY} --force")
add("down and up", [Job("letter")], "artisan down", "artisan up", EMPTY)
add("down in the cache", [Job("letter")], "artisan down", EMPTY, since=10, env={"APP_MAINTENANCE_DRIVER": "cache"})
add("down in the cache, and up", [Job("letter")], "artisan down", "artisan up", EMPTY, since=10, env={"APP_MAINTENANCE_DRIVER": "cache"})

# === a worker that runs ===

RUN = "start queue:work --sleep=0.2"
UP = "until select count(*) > 0 from information_schema.processlist where user='app'"  # it has asked for jobs
add("TERM while it waits", [Job("letter")], RUN, "until select count(*) = 0 from jobs", "wait 0.5", "signal TERM", "join")
add("QUIT while it waits", [], RUN, UP, "wait 0.5", "signal QUIT", "join", since=9)
add("INT while it waits", [], RUN, UP, "wait 0.5", "signal INT", "join", since=12)
add("USR2 pauses, CONT goes on", [], RUN, UP, "wait 0.5", "signal USR2", "wait 0.5", "artisan queue:restart", "wait 0.5", "signal CONT", "join")
add("a restart ends it", [Job("letter")], RUN, "until select count(*) = 0 from jobs", "wait 0.5", "queue:restart", "join")
add("a restart in files ends it", [], RUN, UP, "wait 0.5", "queue:restart", "join", env={"CACHE_STORE": "file", "CACHE_DRIVER": "file"})
add("a restart in Redis ends it", [], RUN, UP, "wait 0.5", "queue:restart", "join",
    env={"CACHE_STORE": "redis", "CACHE_DRIVER": "redis"}, redis=True)
add("down while it runs", [], RUN, UP, "wait 0.5", "artisan down", "wait 0.5", "artisan queue:restart", "join")
add("a job that comes while it waits", [], RUN, UP, "wait 0.5",
    "sql insert into jobs (queue, payload, attempts, available_at, created_at) values ('default', '{LETTER}', 0, 0, 0)",
    "until select count(*) = 0 from jobs", "signal TERM", "join")

# === time runs out ===

OVER = "a job that overruns its timeout"
HANG = {"MAIL_PORT": "{HANG_PORT}"}
PARTS = "stdout exit stderr jobs failed_jobs volunteer_letter_sends log smtp files"
add("a timeout, attempts are left", [Job("letter", timeout=1)], EMPTY, env=HANG, slow=True, differs=(OVER, PARTS))
add("a timeout in the last attempt", [Job("letter", timeout=1, maxTries=1)], EMPTY, env=HANG, slow=True,
    differs=(OVER, PARTS), says="killed in phase mail")
add("a timeout with failOnTimeout", [Job("letter", timeout=1, failOnTimeout=True)], EMPTY, env=HANG, slow=True,
    differs=(OVER, PARTS), says="killed in phase mail")

# === the app's settings ===

add("a production app", [Job("letter")], ONCE, env={"APP_ENV": "production"})
add("a log of errors alone", [Job("letter")], ONCE, env={"LOG_LEVEL": "error"})
add("a log of another driver", [Job("letter")], ONCE, env={"LOG_CHANNEL": "syslog"}, since=11, says="not supported",
    differs=("log channels that facteur does not have", "stderr log"))
add("a mailer that is not there", [Job("letter")], ONCE, env={"MAIL_MAILER": "nowhere"}, says="is not defined",
    differs=("a mailer that cannot be used", "stdout exit jobs failed_jobs volunteer_letter_sends log"))
add("a mailer of two", [Job("letter")], ONCE, env={"MAIL_MAILER": "failover"}, since=11, says="facteur has smtp",
    differs=("a mailer that cannot be used", "stdout jobs volunteer_letter_sends log mail smtp"))
add("a session in another character set", [Job("letter")], ONCE, env={"DB_CHARSET": "latin1", "DB_COLLATION": "latin1_swedish_ci"},
    since=11, differs=("a session in another character set", "stdout stderr exit jobs log mail smtp volunteer_letter_sends"),
    says="works with utf8mb4 only")
refused("a queue's name in capitals", [Job("refused")], f"{ONCE} --tries=3 --queue=DEFAULT",
        differs=("a queue's name in other letters", "jobs stdout"))
add("another name of the app", [Job("letter")], ONCE, env={"APP_NAME": "\"L'Étrier & Fils\""})
add("another sender", [Job("letter")], ONCE, env={"MAIL_FROM_ADDRESS": "club@example.org", "MAIL_FROM_NAME": "Club"})
add("mail.to gets every mail", [Job("letter"), Job("refused")], EMPTY, files={"config/mail.php": """<?php return [
    'default' => 'smtp', 'mailers' => ['smtp' => ['transport' => 'smtp', 'host' => '127.0.0.1', 'port' => env('MAIL_PORT'),
        'local_domain' => 'localhost']],
    'from' => ['address' => 'club@example.org', 'name' => 'Club'], 'to' => ['address' => 'dev@example.org', 'name' => 'Dév']];
"""})
add("a cached configuration", [Job("letter")], "artisan config:cache", ONCE, "artisan config:clear")
add("the app's zone is not the server's", [Job("deleted")], ONCE)

# === batches and chains ===

add("a chain of letters", [Job("chained")], EMPTY)
add("the first of a chain", [Job("chained")], ONCE)
refused("a chain whose first letter fails", [Job("chained refused", maxTries=1)], EMPTY)
add("a chain with a job of PHP", [Job("chained to php")], ONCE)
