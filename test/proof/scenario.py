"""scenario: one row of the proof's table, and the rows it begins with."""
import datetime
import json

from masks import ZONE


def php_json(value):
    """As PHP's json_encode writes it."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).replace("/", "\\/")


def quote(value):
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(value)
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


class Job:
    """A row of jobs: a job of seed.php, with members of its payload set (None: null; DROP: none); those
    that are called as a column is, by `members`."""

    def __init__(self, seed, queue=None, attempts=0, reserved=None, available=None, created=0, raw=None, members=None,
                 **payload):
        self.seed, self.queue, self.attempts, self.reserved = seed, queue, attempts, reserved
        self.available, self.created, self.raw, self.payload = available, created, raw, {**(members or {}), **payload}

    def text(self, seeds, began):
        if self.raw is not None:
            return self.raw
        if not self.payload:
            return seeds[self.seed]["payload"]
        payload = json.loads(seeds[self.seed]["payload"])
        for name, value in self.payload.items():
            if value is DROP:
                payload.pop(name, None)
            else:
                payload[name] = began + value.seconds if isinstance(value, From) else value
        return php_json(payload)

    def insert(self, number, seeds, began):
        seed = seeds.get(self.seed, {"queue": "default", "delay": 0})
        created = began + self.created
        values = [number, self.queue or seed["queue"], self.text(seeds, began), self.attempts,
                  None if self.reserved is None else began + self.reserved,
                  created + seed["delay"] if self.available is None else began + self.available, created]
        return ("insert into jobs (id, queue, payload, attempts, reserved_at, available_at, created_at) values ("
                + ", ".join(map(quote, values)) + ");")


class Failed:
    """A row of failed_jobs, which failed so many hours ago."""

    def __init__(self, job, hours=1, uuid=None, connection="database", queue="default", exception="RuntimeException: no"):
        self.job, self.hours, self.uuid, self.connection = job, hours, uuid, connection
        self.queue, self.exception = queue, exception

    def insert(self, number, seeds, began):
        text = self.job.text(seeds, began)
        uuid = self.uuid or json.loads(text)["uuid"]
        unix = began - int(self.hours * 3600)
        at = datetime.datetime.fromtimestamp(unix, ZONE).strftime("%Y-%m-%d %H:%M:%S")
        return ("insert into failed_jobs (id, uuid, connection, queue, payload, exception, failed_at) values ("
                + ", ".join(map(quote, [number, uuid, self.connection, self.queue, text, self.exception, at])) + ");")


class From:
    """Seconds from the beginning of the run, in a payload."""

    def __init__(self, seconds):
        self.seconds = seconds


DROP = object()


class Scenario:
    def __init__(self, name, jobs=(), commands=(), failed=(), sql="", env=None, files=None, redis=False, slow=False, raw=False,
                 since=8, before=99, differs=None, says="", refused=False, zoo=None):
        """differs: (a heading of doc/differences.md, the parts that may differ); says: what facteur's must
        hold, a part alone, or each of several (a dict); refused: the mail server refuses the letter; zoo: what test/proof/zoo/dispatch.php dispatches."""
        self.name, self.jobs, self.commands, self.failed = name, jobs, commands, failed
        self.sql, self.env, self.files, self.redis, self.slow, self.raw = sql, env or {}, files or {}, redis, slow, raw
        self.since, self.before = since, before
        self.differs = (differs[0], differs[1].split()) if differs else None
        self.refused, self.says, self.zoo = refused, says, zoo

    def applies(self, laravel):
        return self.since <= laravel < self.before

    def env_of(self, laravel):
        """Laravel 8 calls a refused recipient a success; there the mail is refused as a whole."""
        return {**self.env, "MAIL_PORT": "{STRICT_PORT}"} if laravel == 8 and self.refused else self.env

    def seed_sql(self, seeds, began):
        rows = [job.insert(n, seeds, began) for n, job in enumerate(self.jobs, 1)]
        rows += [f.insert(n, seeds, began) for n, f in enumerate(self.failed, 1)]
        return "\n".join(rows) + self.sql.replace("{NOW}", str(began))

    def placed(self):
        """The distances that payloads have from the beginning of the run."""
        jobs = [*self.jobs, *(f.job for f in self.failed)]
        return sorted({v.seconds for j in jobs for v in j.payload.values() if isinstance(v, From)})

    def uuids(self, seeds):
        found = set()
        for text in [j.text(seeds, 0) for j in self.jobs] + [f.job.text(seeds, 0) for f in self.failed]:
            try:
                found.add(json.loads(text)["uuid"])
            except (ValueError, KeyError, TypeError):
                pass
        return found | {f.uuid for f in self.failed}
