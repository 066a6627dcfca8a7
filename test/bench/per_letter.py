#!/usr/bin/python3
"""What one letter of a slot costs, from what was written down while it worked.

    per_letter.py sql GENERAL_LOG        statements, commits
    per_letter.py calls TRACE            system_calls, work_calls (strace's of the slot)
    per_letter.py counted FILE           allocations, page_faults (of counter.c)
    per_letter.py instructions DUMP...   instructions (callgrind's, one for each letter)
    per_letter.py php_sql GENERAL_LOG    of an empty job in PHP: php_statements, php_commits
    per_letter.py php_calls TRACE        php_system_calls, php_work_calls

Each letter leaves a mark; what lies between two marks is a letter's. The first letters fill
caches and are left out. Of the others the median counts, which a look at the table twice a second
or a reply that came late do not move; commits are few and counted on the average. Of system
calls the tenth that made the fewest counts: on a machine that is slow, or under strace, what is done
so often a second (files are looked at, the app's orders are read) falls upon most letters. The
average follows as NAME_average, for whoever reads."""
import re
import statistics
import sys

WARM_UP = 20


def tell(name, letters, decimals=0, cheap=False):
    letters = letters[min(WARM_UP, len(letters) // 2):]
    if not letters:
        sys.exit(f"per_letter: no letters were seen for {name}")
    counts = sorted(letters)[len(letters) // 10] if cheap else statistics.median(letters)
    print(f"{name} {counts:.{decimals}f}")
    print(f"{name}_average {statistics.mean(letters):.2f}")


def between(marks, end):
    """Pairs of places of neighbouring marks."""
    return list(zip(marks, marks[1:])) if len(marks) > 1 else sys.exit(f"per_letter: {end}")


LOGGED = re.compile(r"^(?:\S+(?: +[\d:]+)?)?\t+ *(\d+) (Query|Execute|Prepare)\t(.*)")
LETTER = re.compile(r"insert into `volunteer_letter_sends`", re.I)
PHP_JOB = re.compile(r"delete from `jobs`", re.I)


class Commits:
    """Durable writes of a session: COMMIT, and what is written outside a transaction."""

    def __init__(self):
        self.open, self.auto = False, True

    def of(self, sql):
        sql = re.sub(r"\s+", " ", sql.strip().lower())
        if re.match(r"(start transaction|begin)\b", sql):
            self.open = True
        elif sql.startswith("rollback") and " to " not in sql:
            self.open = False
        elif match := re.match(r"set (?:session )?(?:@@)?autocommit ?= ?(\w+)", sql):
            self.auto = match[1] in ("1", "on", "true")
        elif sql.startswith("commit"):
            written = self.open or not self.auto
            self.open = "and chain" in sql
            return int(written)
        elif re.match(r"(insert|update|delete|replace)\b", sql):
            return int(self.auto and not self.open)
        return 0


def of_sql(path, mark=LETTER, prefix=""):
    rows = [m.groups() for m in map(LOGGED.match, open(path, errors="replace")) if m]
    slots = {session for session, kind, sql in rows if kind == "Execute" and mark.match(sql)}
    if len(slots) != 1:
        sys.exit(f"per_letter: letters were sent by {len(slots)} sessions, not by one")
    rows = [(kind, sql) for session, kind, sql in rows if session in slots]
    commits, state = [], Commits()
    for kind, sql in rows:
        commits.append(state.of(sql) if kind != "Prepare" else 0)
    marks = [i for i, (kind, sql) in enumerate(rows) if kind == "Execute" and mark.match(sql)]
    letters = between(marks, "no letters in the general log")
    tell(prefix + "statements", [b - a for a, b in letters])
    letters = letters[WARM_UP:]
    a, b = letters[0][0], letters[-1][1]
    print(f"{prefix}commits {sum(commits[a:b]) / len(letters):.2f}")


def of_calls(path, mark=r'sendto\(.*"MAIL FROM:', prefix=""):
    lines = [line for line in open(path, errors="replace") if re.match(r"\w+\(", line)]
    marks = [i for i, line in enumerate(lines) if re.match(mark, line)]
    waits = re.compile(r"p?poll\(|epoll_p?wait\(|p?select\(|recv\w*\(.* = -1 EAGAIN")
    letters = between(marks, "no letters in the trace")
    tell(prefix + "system_calls", [b - a for a, b in letters], cheap=True)
    work = [sum(not waits.match(line) for line in lines[a:b]) for a, b in letters]
    tell(prefix + "work_calls", work, cheap=True)


def of_counted(path):
    rows = [tuple(map(int, line.split())) for line in open(path)]
    letters = between(rows, "no letters were counted")
    tell("allocations", [b[0] - a[0] for a, b in letters])
    tell("page_faults", [b[1] - a[1] for a, b in letters])


def of_instructions(paths):
    order = sorted(paths, key=lambda path: int(path.rsplit(".", 1)[1]))
    counts = [int(re.search(r"^totals: (\d+)", open(p).read(), re.M)[1]) for p in order]
    tell("instructions", counts[1:])  # the first holds the start as well


def of_php_sql(path):
    of_sql(path, PHP_JOB, "php_")


def of_php_calls(path):
    of_calls(path, r'writev\(.*"{\\"t\\":\\"job\\"', "php_")


kinds = {"sql": of_sql, "calls": of_calls, "counted": of_counted, "php_sql": of_php_sql, "php_calls": of_php_calls}
if sys.argv[1] == "instructions":
    of_instructions(sys.argv[2:])
else:
    kinds[sys.argv[1]](sys.argv[2])
