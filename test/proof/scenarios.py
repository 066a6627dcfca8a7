"""scenarios: the table of the proof. Each row: a name, the rows it begins with, the command lines (run by
artisan, then, on the same rows, by facteur), and what is expected: the same, or what doc/differences.md tells."""
from scenario import DROP, Failed, From, Job, Scenario

ALL = []


def add(name, jobs=(), *commands, **more):
    ALL.append(Scenario(name, jobs, commands, **more))


EMPTY = "queue:work --stop-when-empty --sleep=0"
ONCE = "queue:work --once --sleep=0"

# A refused address: the same, but for the words in which it is told.
SAID = ("what a mail server said", "volunteer_letter_sends failed_jobs log stdout")
REFUSED = [
    (r'Expected response code \\?"?250(\\?/251\\?/252)?\\?"? but got code \\?"550\\?", with message \\?"550.*?(mailbox table|take that)'
     r'((\\r\\n|\r?\n)+)?\\?"\.?', r"SMTP [\d.]+:\d+ refused (RCPT TO|the message): 550 .*?(mailbox table|take that)"),
    (r"Symfony(\\+)Component\\+Mailer\\+Exception\\+UnexpectedResponseException(\(code: 550\))?|Swift_TransportException(\(code: 550\))?",
     r"Facteur\\+MailException(\(code: 0\))?"),
]


def refused(name, jobs, *commands, **more):
    add(name, jobs, *commands, differs=SAID, says="refused .*?: 550", but=REFUSED, refused=True, **more)


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
    differs=("a refused recipient in Laravel 8", "jobs stdout volunteer_letter_sends log"), says="refused RCPT TO: 550")
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
    sql="insert into cache values ('ecuries_du_brabant_cache_job-exceptions:x', 'i:1;', 2000000000);")

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
