#!/usr/bin/python3
"""errors: plays letters while dbproxy answers their statements with errors, for errors.sh.

  errors.py FOLDER WORKER SOCKET LOG some|all|PART     (prints TAP; 1: a check failed)

PART is one of the parts at the end of this file, or a statement.
"""
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

folder, worker, db_socket, log, extent = pathlib.Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:6]

# === statements, and what they are called in doc/safety.md ===

# (name, text, how many that hold it come before, for which letters). A letter to teacher 1 is
# sent; one to teacher 2 is refused by the mail server.
STATEMENTS = [
    ("look", "select id from `jobs`", 0, "both"),
    ("read", "'d'), crc32(payload)", 0, "both"),
    ("begin", "START TRANSACTION", 0, "both"),
    ("claim", "for update", 0, "both"),
    ("reserve", "update `jobs` set reserved_at=?, attempts=?", 0, "both"),
    ("models", "cross join", 0, "both"),
    ("club", "from `clubs` c where", 0, "both"),
    ("teacher", "from `teachers` t join", 0, "both"),
    ("pending", "insert into `volunteer_letter_sends`", 0, "both"),
    ("claim-commit", "=COMMIT", 0, "both"),
    ("end-begin", "START TRANSACTION", 1, "both"),
    ("delete", "delete from `jobs`", 0, "both"),
    ("sent", "status='sent'", 0, "sent"),
    ("failed", "status='failed'", 0, "refused"),
    ("release", "insert into `jobs`", 0, "refused"),
    ("failed_jobs", "insert into `failed_jobs`", 0, "refused"),
    ("end-commit", "=COMMIT", 1, "both"),
]

# What must be refused first, that a statement is sent at all.
BEFORE = {name: ["1 0 1104 42000 before cross join"] for name in ("club", "teacher")}

# === errors ===

PASSING = {1317: "70100", 1021: "HY000", 1114: "HY000", 1969: "70100", 3024: "HY000", 1030: "HY000", 1180: "HY000",
           3100: "HY000", 3101: "40000", 1213: "40001", 1205: "HY000", 1206: "HY000", 1020: "HY000", 1015: "HY000",
           1026: "HY000", 1037: "HY001", 1038: "HY001", 1041: "HY000", 1135: "HY000", 1297: "HY000", 1412: "HY000",
           1615: "HY000", 1637: "HY000", 1223: "HY000", 1197: "HY000", 1181: "HY000", 4999: "40001"}
LOST = {1047: "08S01", 1836: "HY000", 1792: "25006", 1290: "HY000", 1053: "08S01", 1040: "08004", 1203: "42000",
        1226: "42000", 1927: "70100", 2003: "HY000", 2006: "HY000", 2013: "HY000", 9001: "HY000", 9006: "HY000",
        1158: "08S01", 1243: "HY000", 1461: "42000", 3032: "HY000", 4031: "HY000", 3169: "HY000", 4999: "08001"}
LASTING = {1054: "42S22", 1146: "42S02", 1364: "HY000", 1366: "22007", 1406: "22001", 3819: "HY000", 4025: "23000",
           1644: "45000", 1142: "42000", 1143: "42000", 1048: "23000", 1062: "23000", 1264: "22003", 1292: "22007",
           1452: "23000", 1176: "42000", 1105: "HY000", 4999: "HY000"}
SOME = {1317, 1021, 1114, 1969, 3024, 1030, 1180, 3101, 1213, 1205, 1047, 1836, 1290, 1927, 2013, 9001, 1054, 1364, 1644,
        1142, 4999}
KINDS = [("passing", PASSING), ("lost", LOST), ("lasting", LASTING)]

# === the tables ===


class Client:
    """The server, asked past the proxy."""

    def __init__(self):
        self.p = subprocess.Popen(["mariadb", "-uroot", f"--socket={db_socket}", "-NB", "--unbuffered", "app"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, text):
        self.p.stdin.write(text + ";\nselect '-- end';\n")
        self.p.stdin.flush()
        lines = []
        while (line := self.p.stdout.readline().rstrip("\n")) != "-- end":
            if not line and self.p.poll() is not None:
                sys.exit(f"the client ended at {text}")
            lines.append(line)
        return "\n".join(lines)


sql = Client()


def state():
    """Rows of the letters, mails, failed jobs, jobs."""
    rows, failed, jobs = sql("select (select coalesce(group_concat(status order by id), '') from volunteer_letter_sends),"
                             " (select count(*) from failed_jobs), (select count(*) from jobs)").split("\t")
    return rows, len(list((folder / "mails").glob("*.eml"))), int(failed), int(jobs)


def wake():
    """A slot that waits tries again now: CONT ends its sleep and is nothing else to it."""
    for slot in subprocess.run(["pgrep", "-P", str(worker)], capture_output=True, text=True, check=False).stdout.split():
        try:
            os.kill(int(slot), signal.SIGCONT)
        except ProcessLookupError:
            pass


def until(seconds, done):
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        wake()
        time.sleep(0.02)
    return True


def inject(*lines):
    path = folder / "proxy" / "errors.new"
    path.write_text("".join(line + "\n" for line in lines))
    path.rename(folder / "proxy" / "errors")


def outages():
    """How many are begun and not over, as the worker tells them."""
    text = said()
    return (text.count("; trying again") - text.count("the connection is back")
            - text.count("the database does again"))


def idle():
    """Whether no slot has anything in hand. After a COMMIT without an answer the job's row is gone before that: one
    more transaction tells the letter's own row."""
    slots = subprocess.run(["ps", "-o", "args=", "--ppid", str(worker)], capture_output=True, text=True, check=False).stdout
    return slots.count(": idle") == slots.count("\n") > 0


def clear():
    inject()
    until(10, lambda: outages() <= 0 and idle())  # what is said and done of this one belongs to no other letter
    sql("delete from jobs; delete from failed_jobs; delete from volunteer_letter_sends")
    for mail in (folder / "mails").glob("*"):
        mail.unlink()
    open(log, "w").close()
    (folder / "proxy" / "met").write_text("")


def put(teacher, tries):
    sql(f"insert into jobs (queue, payload, attempts, reserved_at, available_at, created_at) select 'default',"
        f" json_set(payload, '$.maxTries', {tries}, '$.uuid', uuid()), 0, null, 0, 0 from seeds limit {teacher - 1}, 1")


def said():
    path = pathlib.Path(log)
    return path.read_text() if path.exists() else ""  # it begins with the first letter's end


# === judging ===


def untrue(teacher, tries, kind, name):
    """What is wrong with the tables after a letter; empty: nothing."""
    rows, mails, failed, jobs = state()
    rows = [r for r in rows.split(",") if r]
    wrong = []
    if kept(name, kind):
        told = teacher == 2 or "injected into" in said()  # each reason is said once: of the first letter
        if (rows, mails, failed, jobs) != ([], 0, 0, 1) or not told:
            wrong.append("the row is not left alone, or that is not said")
        return wrong
    if jobs:
        wrong.append("the job is still there")
    if mails > 1:
        wrong.append("mailed more than once")
    if rows.count("sent") != mails:
        wrong.append("the rows that say sent are not the mails")
    if (failed == 1) == (mails == 1):
        wrong.append("it is neither sent nor failed, or both")
    if "pending" in rows:
        wrong.append("a row is pending")
    if teacher == 1 and not mails:
        wrong.append("it was not sent")
    if teacher == 2 and kind != "lasting" and len(rows) != tries:
        wrong.append(f"{len(rows)} attempts, not {tries}")
    if name not in ("claim-commit", "end-commit") and kind != "lost" and "connection is back" in said():
        wrong.append("the connection was never away")
    if "not ours any more" in said():
        wrong.append("the reservation is taken for another's")
    return wrong


def kept(name, kind):
    """A refusal that leaves the row in the table for a minute."""
    return kind == "lasting" and name == "reserve"


count = broken = 0


def report(name, problems):
    global count, broken
    count += 1
    print(f"{'not ok' if problems else 'ok'} {count} - {name}", flush=True)
    for problem in problems:
        print(f"# {problem}")
    broken += bool(problems)


def met():
    return (folder / "proxy" / "met").read_text().count("\n")


def play(teacher, tries, kind, name, lines):
    """One letter; the problems it left."""
    clear()
    inject(*lines)
    put(teacher, tries)
    over = until(20, lambda: met() >= len(lines) and (kept(name, kind) or state()[3] == 0))
    # The settlement's own lines come after its commit; what is untrue stays so.
    until(5 if over else 0, lambda: not untrue(teacher, tries, kind, name))
    problems = untrue(teacher, tries, kind, name)
    if not over:
        problems.append("it does not come to an end" if met() >= len(lines) else "the error was not met")
    return [f"{' '.join(lines)}, teacher {teacher}: {p}; {state()}" for p in problems]


def asked_for(numbers, turn=None):
    """Which errors a statement is given: some; with a turn, a third of them, another for the next one."""
    if extent == "all":
        return list(numbers.items())
    some = [item for item in numbers.items() if item[0] in SOME]
    return some if extent != "some" or turn is None else some[turn % 3::3]


def table():
    """Every statement × every error, once."""
    for turn, (name, text, skip, which) in enumerate(STATEMENTS):
        if extent not in ("some", "all", name):
            continue
        for kind, numbers in KINDS:
            problems = []
            for number, sqlstate in asked_for(numbers, turn):
                lines = BEFORE.get(name, []) + [f"1 {skip} {number} {sqlstate} before {text}"]
                # What passes, or is lost before the mail, costs no attempt.
                if which != "refused":
                    problems += play(1, 3 if kind == "lasting" else 1, kind, name, lines)
                if which == "refused" or (which == "both" and extent == "all"):
                    problems += play(2, 2, kind, name, lines)
            report(f"{name}: {kind} errors", problems)


def commits_that_took_place():
    """An error in COMMIT's place, though the server has done it."""
    for skip, name in enumerate(["claim-commit", "end-commit"]):
        problems = []
        for number, sqlstate in {1180: "HY000", 1317: "70100", 3100: "HY000", 4999: "HY000", 2013: "HY000"}.items():
            for teacher in (1, 2):
                problems += play(teacher, 2, "passing", name, [f"1 {skip} {number} {sqlstate} after =COMMIT"])
        report(f"{name}: done, and answered with an error", problems)


def spells():
    """Errors that pass after a while, once the mail is out."""
    for name, text, skip in [("delete", "delete from `jobs`", 0), ("sent", "status='sent'", 0), ("commit", "=COMMIT", 1)]:
        problems = []
        for number in (1021, 1114, 1290, 1205):
            clear()
            inject(f"0 {skip} {number} HY000 before {text}")
            put(1, 1)
            waits = until(20, lambda: met() > 3 and state()[1] == 1)
            inject()
            ended = until(20, lambda: state()[3] == 0)
            until(5, lambda: not untrue(1, 1, "lost", name))
            problems += [f"{number} at {text}: {p}; {state()}" for p in untrue(1, 1, "lost", name)]
            if not waits or not ended:
                problems.append(f"{number} at {text}: it {'does not end' if waits else 'was not met'}")
        report(f"{name}: errors that pass after a while", problems)


def refused_beside():
    """What is refused for good beside the queue is told, and passed over."""
    problems = []
    for teacher, text in ((1, "status='sent'"), (2, "status='failed'")):
        for number, sqlstate in asked_for(LASTING):
            clear()
            inject(f"0 0 {number} {sqlstate} before {text}")
            put(teacher, 1)
            ended = until(20, lambda: state()[3] == 0)
            until(5, lambda: "could not be written" in said())
            rows, mails, failed, _ = state()
            if not ended or mails != 2 - teacher or failed != teacher - 1 or "could not be written" not in said():
                problems.append(f"{number} at {text}: {state()}")
    report("a row beside the queue that is refused for good is told, and holds nothing up", problems)


def parked():
    return list((folder / "app/storage/framework/facteur").glob("*.parked"))


def parking():
    """What is refused for good at the end of a job keeps it aside, until it is done."""
    for turn, (teacher, text) in enumerate(((1, "delete from `jobs`"), (2, "delete from `jobs`"),
                                            (2, "insert into `failed_jobs`"))):
        problems = []
        for number, sqlstate in asked_for(LASTING, turn):
            clear()
            inject(f"0 0 {number} {sqlstate} before {text}")
            put(teacher, 1)
            mailed = 2 - teacher
            aside = until(20, lambda: len(parked()) == 1)
            held = state()
            inject()
            done = until(20, lambda: not parked())
            if not aside or held != ("sent" if mailed else "failed", mailed, 0, 1):
                problems.append(f"{number} at {text}, teacher {teacher}: it is not kept aside: {held}")
            if not done or state() != (held[0], mailed, 1 - mailed, 0):
                problems.append(f"{number} at {text}, teacher {teacher}: it does not come to its end: {state()}")
        report(f"{text}, {'mailed' if teacher == 1 else 'failed'}: what is refused for good is kept aside", problems)


def session():
    """Whatever the set-up of a session is answered with, the master stays and goes on."""
    problems = []
    for turn, text in enumerate(("SET NAMES", "SET SESSION TRANSACTION", "binlog_format")):
        for number, sqlstate in asked_for({**PASSING, **LOST, 1105: "HY000", 4999: "HY000"}, turn):
            clear()
            inject(f"2 0 {number} {sqlstate} before {text}")
            sql("select concat('kill ', id, ';') from information_schema.processlist where user='app' into outfile "
                f"'{folder}/kill.{number}.{abs(hash(text))}'; source {folder}/kill.{number}.{abs(hash(text))}")
            put(1, 1)
            if not until(20, lambda: met() == 2 and state()[3] == 0 and state()[1] == 1):
                problems.append(f"{number} at {text}: {met()}; {state()}")
    report("a session that cannot be set up for a while is an outage", problems)


put(1, 1)
if not until(60, lambda: state()[1] == 1 and state()[3] == 0):
    sys.exit(f"no letter is sent at all: {state()}")
parts = {"table": table, "commits": commits_that_took_place, "spells": spells, "beside": refused_beside,
         "parking": parking, "session": session}
for part, run in parts.items():
    if extent in ("some", "all", part) or (part == "table" and extent not in parts):
        run()
text = said()
report("no secret, no crash", [w for w in ("s3cret", "Sanitizer", "SIGABRT") if re.search(w, text)])
sys.exit(broken > 0)
