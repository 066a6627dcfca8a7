"""lane: one set of servers with an app, on which a scenario is run by artisan and by facteur."""
import base64
import email
import email.policy
import glob
import hashlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import time

from masks import UUID, Seen
from scenario import quote

TABLES = ("jobs", "failed_jobs", "job_batches", "cache", "cache_locks", "volunteer_letter_sends", "done_jobs")
SECONDS = 60  # no command may take longer
ZOO = r"""<?php

spl_autoload_register(function (string $class): void {
    if (str_starts_with($class, 'App\\Zoo\\')) {
        require_once __DIR__.'/../zoo/zoo.php';
    }
}, true, true);
"""
TIMES = {"jobs": ("reserved_at", "available_at", "created_at"), "job_batches": ("created_at", "cancelled_at", "finished_at"),
         "cache": ("expiration",), "cache_locks": ("expiration",)}
TOKEN = re.compile("[\u2022\u25e6\u25aa\ufffd]|[\U00010000-\U0010ffff]\ufe0f?")  # no two programs draw these alike


class Lane:
    def __init__(self, number, laravel, facteur, root, zoo=False):
        self.number, self.laravel, self.facteur, self.root, self.zoo = number, laravel, facteur, root, zoo
        self.servers = subprocess.Popen(["test/proof/lane.sh", str(number), str(laravel)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, cwd=root)
        self.at = {}
        for line in self.servers.stdout:
            if line.strip() == "ready":
                break
            name, _, value = line.rstrip("\n").partition("=")
            self.at[name] = value
        else:
            raise RuntimeError("proof: the servers of a lane did not start")
        self.tmp, self.app = self.at["TMP"], self.at["TMP"] + "/app"
        if zoo:
            self.add_zoo()
        shutil.copytree(self.app, self.tmp + "/original", symlinks=True)
        self.client = ["mariadb", "--no-defaults", "--default-character-set=utf8mb4", "-uroot", "-S",
                       self.at["DB_SOCKET"], "-N", "-B", "-r", "-D", self.at["DB_DATABASE"]]
        self.write_env({})
        self.columns = self.find_columns()
        for table in ("jobs", "failed_jobs", "volunteer_letter_sends"):
            self.sql(f"alter table {table} auto_increment=1000")

    def close(self):
        self.servers.stdin.close()
        self.servers.wait()

    # === database ===

    def sql(self, text):
        done = subprocess.run(self.client, input=text, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{done.stderr.strip()} in: {text[:400]}")
        return done.stdout

    def find_columns(self):
        out = {}
        for line in self.sql("select table_name, column_name, data_type from information_schema.columns"
                             " where table_schema=database() order by table_name, ordinal_position").splitlines():
            table, column, kind = line.split("\t")
            out.setdefault(table, []).append((column, kind))
        return out

    def rows(self):
        """All rows of all tables: a dict by table."""
        query = []
        for table in TABLES:
            pairs = ", ".join(f"'{c}', `{c}`" for c, _ in self.columns[table])
            order = {"cache": "`key`", "cache_locks": "`key`", "done_jobs": "what"}.get(table, "id")
            query.append(f"select '{table}', json_object({pairs}) from {table} order by {order};")
        out = {table: [] for table in TABLES}
        for line in self.sql("\n".join(query)).splitlines():
            table, _, row = line.partition("\t")
            out[table].append(json.loads(row))
        return out

    # === the app ===

    def add_zoo(self):
        """The jobs of every kind, as if the app had them, and a package of it their provider."""
        shutil.copytree(f"{self.root}/test/proof/zoo", f"{self.app}/zoo")
        with open(f"{self.app}/bootstrap/app.php", encoding="utf-8") as f:
            text = f.read()
        with open(f"{self.app}/bootstrap/app.php", "w", encoding="utf-8") as f:
            f.write(text.replace("<?php\n", ZOO, 1))
        with open(f"{self.app}/bootstrap/cache/packages.php", "w", encoding="utf-8") as f:
            f.write("<?php return ['facteur/zoo' => ['providers' => ['App\\\\Zoo\\\\Provider']]];\n")

    def write_env(self, more):
        at = self.at
        env = {"APP_KEY": "base64:" + base64.b64encode(b"facteur: a key only for its tests"[:32]).decode(),
               "DB_PORT": at["DB_PORT"], "DB_DATABASE": at["DB_DATABASE"], "DB_USERNAME": at["DB_USERNAME"],
               "DB_PASSWORD": "'" + at["DB_PASSWORD"] + "'", "MAIL_PORT": at["SMTP_PORT"],
               "REDIS_PORT": at["REDIS_PORT"], "CACHE_STORE": "database", "CACHE_DRIVER": "database", **more}
        with open(f"{self.tmp}/original/.env.example", encoding="utf-8") as f:
            text = f.read()
        with open(f"{self.app}/.env", "w", encoding="utf-8") as f:
            f.write(text + "".join(f"{k}={v}\n" for k, v in env.items()))

    def seeds(self):
        done = subprocess.run(["php", "test/proof/seed.php", self.app], capture_output=True, text=True, cwd=self.root)
        if done.returncode:
            raise RuntimeError(f"proof: seed.php failed: {done.stdout}{done.stderr}")
        return {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}

    def dispatch(self, scenario):
        """What the app dispatches: the rows that it leaves, and when that was."""
        self.reset(scenario, {}, int(time.time()))
        done = subprocess.run(["php", f"{self.root}/test/proof/zoo/dispatch.php", self.app, scenario.zoo],
                              capture_output=True, text=True, env=self.environment())
        if done.returncode or done.stdout:
            raise RuntimeError(f"dispatch.php failed: {done.stdout}{done.stderr}")
        return int(time.time()), {table: rows for table, rows in self.rows().items() if rows}

    @staticmethod
    def known(rows):
        """The uuids, and the owners of locks, that are in rows."""
        text = json.dumps(rows)
        return {m[0] for m in UUID.finditer(text)} | {row["owner"] for row in rows.get("cache_locks", [])}

    @staticmethod
    def again(dispatched, began):
        """SQL that makes the rows again, as if they had been dispatched now."""
        at, tables = dispatched
        out = []
        for table, rows in tables.items():
            for row in rows:
                values = {c: v + began - at if c in TIMES.get(table, ()) and v else v for c, v in row.items()}
                out.append(f"insert into {table} ({', '.join(f'`{c}`' for c in values)}) values "
                           f"({', '.join(map(quote, values.values()))});")
        return "\n".join(out)

    def reset(self, scenario, seeds, began):
        for path in glob.glob(f"{self.tmp}/mails/*") + [f"{self.tmp}/commands"]:
            if os.path.exists(path):
                os.truncate(path, 0) if path.endswith("commands") else os.remove(path)
        for path in scenario.files:
            os.makedirs(os.path.dirname(f"{self.app}/{path}"), exist_ok=True)
            with open(f"{self.app}/{path}", "w", encoding="utf-8") as f:
                f.write(scenario.files[path])
        for path in ("logs/laravel.log", "framework/down", "framework/maintenance.php", "framework/cache/failed-jobs.json", "zoo.log"):
            if os.path.exists(f"{self.app}/storage/{path}"):
                os.remove(f"{self.app}/storage/{path}")
        # What was kept aside before is of rows that are gone.
        for path in glob.glob(f"{self.app}/storage/framework/facteur/*"):
            if os.path.isfile(path):  # what PHP compiled may stay
                os.remove(path)
        for path in glob.glob(f"{self.app}/storage/framework/cache/data/*"):
            shutil.rmtree(path)
        self.write_env({k: v.format(**self.at) if isinstance(v, str) else v for k, v in scenario.env_of(self.laravel).items()})
        self.sql("set foreign_key_checks=0;" + "".join(f"delete from {t};" for t in TABLES) + scenario.seed_sql(seeds, began))
        if scenario.redis:
            subprocess.run(["redis-cli", "-p", self.at["REDIS_PORT"], "flushall"], capture_output=True, check=True)

    def restore(self, scenario):
        for path in scenario.files:
            original = f"{self.tmp}/original/{path}"
            if os.path.exists(original):
                shutil.copyfile(original, f"{self.app}/{path}")
            else:
                os.remove(f"{self.app}/{path}")

    # === running ===

    def environment(self):
        keep = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "ASAN_OPTIONS")}
        return {**keep, "COLUMNS": "80", "LINES": "40", "TZ": "UTC", "FACTEUR_PHP": "auto" if self.zoo else "off",
                "FACTEUR_PROVE": "0"}

    def program(self, words, side):
        if words[0] == "artisan" or side == "artisan":
            # A signal waits until PHP's socket gives up.
            return ["php", "-d", "default_socket_timeout=3", "artisan", *(words[1:] if words[0] == "artisan" else words)]
        works = any(w.lower().startswith("queue:w") for w in words)
        more = ["--memory=2048"] if works and not any("--memory" in w for w in words) else []
        return [self.facteur, *words, *more]

    def run(self, scenario, seeds, side, uuids, dispatched=None):
        began = int(time.time())
        self.reset(scenario, seeds, began)
        if dispatched:
            self.sql(self.again(dispatched, began))
        parts = {"stdout": "", "stderr": "", "exit": ""}
        back = []
        try:
            for command in scenario.commands:
                if "{BATCH}" in command:
                    command = command.replace("{BATCH}", dispatched[1]["job_batches"][0]["id"])
                if "{LETTER}" in command:
                    command = command.replace("{LETTER}", seeds["letter"]["payload"].replace("\\", "\\\\"))
                self.step(command, side, parts, back)
        finally:
            left = [process.kill() for process, _, _ in back]  # it must not outlive the scenario
        if left:
            raise RuntimeError(f"proof: {scenario.name}: a worker in the background was not waited for")
        seen = Seen(began, time.time(), uuids, scenario.placed())
        self.look(scenario, parts, seen)
        self.restore(scenario)
        return parts, seen

    def step(self, command, side, parts, back):
        verb, _, rest = command.partition(" ")
        if verb == "sql":
            return self.sql(rest)
        if verb == "wait":
            return time.sleep(float(rest))
        if verb == "until":  # a query that gives 1
            return self.until(rest)
        if verb == "start":
            out, err = open(f"{self.tmp}/out", "w+b"), open(f"{self.tmp}/err", "w+b")
            process = subprocess.Popen(self.program(shlex.split(rest), side), cwd=self.app, stdin=subprocess.DEVNULL,
                                       stdout=out, stderr=err, env=self.environment())
            return back.append((process, out, err))
        if verb == "signal":
            return back[-1][0].send_signal(getattr(signal, "SIG" + rest))
        if verb == "join":
            process, out, err = back[-1]
            process.wait(SECONDS)
            back.pop()
            out.seek(0), err.seek(0)
            return self.note(parts, process.returncode, out.read(), err.read())
        done = subprocess.run(self.program(shlex.split(command), side), cwd=self.app, stdin=subprocess.DEVNULL,
                              capture_output=True, env=self.environment(), timeout=SECONDS)
        self.note(parts, done.returncode, done.stdout, done.stderr)

    def until(self, query):
        end = time.time() + 20
        while self.sql(query).strip() != "1":
            if time.time() > end:
                raise RuntimeError(f"it did not come to pass: {query}")
            time.sleep(0.05)

    @staticmethod
    def note(parts, code, out, err):
        parts["stdout"] += out.decode("utf-8", "replace")
        parts["stderr"] += err.decode("utf-8", "replace")
        parts["exit"] += f"{code}\n"

    # === what is left ===

    def look(self, scenario, parts, seen):
        for table, rows in self.rows().items():
            parts[table] = rows
        parts["log"] = self.read("storage/logs/laravel.log")
        if scenario.zoo:
            parts["events"] = self.read("storage/zoo.log")
        parts["mail"] = "\n".join(self.mail(p) for p in sorted(glob.glob(f"{self.tmp}/mails/*.eml")))
        if scenario.raw:
            parts["raw"] = "\n".join(self.raw_mail(p) for p in sorted(glob.glob(f"{self.tmp}/mails/*.eml")))
        with open(f"{self.tmp}/commands", encoding="utf-8") as f:
            parts["smtp"] = f.read()
        parts["files"] = self.files(seen)
        if scenario.redis:
            parts["redis"] = self.redis(seen)

    def read(self, path):
        try:
            with open(f"{self.app}/{path}", encoding="utf-8", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def files(self, seen):
        out = []
        for top in ("storage/framework/cache", "storage/framework", "storage/app"):
            for folder, folders, names in os.walk(f"{self.app}/{top}"):
                folders[:] = [f for f in folders if f not in ("views", "facteur", "sessions")
                              and not (top == "storage/framework" and f == "cache")]
                for name in names:
                    path = os.path.relpath(os.path.join(folder, name), self.app)
                    if name != ".gitignore" and name != "facade" and not name.startswith("facade-"):
                        text = re.sub(r"^\d{10}(?=[a-zA-Z]:)", lambda m: seen.expiry(int(m[0])) + " ", self.read(path))
                        text = re.sub(r"(?<=i:)\d{10}(?=;)", lambda m: "NOW" if seen.is_now(int(m[0])) else m[0], text)
                        out.append(f"{path}: {text}")
        return "\n".join(sorted(out))

    def redis(self, seen):
        cli = lambda *words: subprocess.run(["redis-cli", "-p", self.at["REDIS_PORT"], *words], capture_output=True,
                                            text=True, check=True).stdout.rstrip("\n")
        out = []
        for db in ("0", "1"):
            for key in sorted(filter(None, cli("-n", db, "keys", "*").split("\n"))):
                value, ttl = cli("-n", db, "get", key), int(cli("-n", db, "ttl", key))
                if re.fullmatch(r"1\d{9}", value) and seen.is_now(int(value)):
                    value = "NOW"
                grain = 600 if ttl > 600 else 10  # machines are slow; what is set is the same
                out.append(f"{db} {key} = {value} ttl {round(ttl / grain) * grain}")
        return "\n".join(out)

    def mail(self, path):
        """What the mail says: header fields by name, parts decoded, the PDF as its pages and words."""
        with open(path, "rb") as f:
            message = email.message_from_bytes(f.read(), policy=email.policy.default)
        out = []
        for part in message.walk():
            for name in sorted(set(k.lower() for k in part.keys())):
                for value in part.get_all(name):
                    out.append(f"{name}: {self.field(part, name, value)}")
            content = None if part.is_multipart() else part.get_content()
            if isinstance(content, bytes):
                out.append(self.pdf(content) if content[:5] == b"%PDF-" else hashlib.sha1(content).hexdigest())
            elif content is not None:
                out.append(content.replace("\r\n", "\n").rstrip("\n"))
        return "\n".join(out)

    @staticmethod
    def field(part, name, value):
        if name == "content-type":
            charset = part.get_content_charset()
            return part.get_content_type() + (f"; charset={charset}" if charset else "")
        if name == "content-disposition":
            return f"{part.get_content_disposition()}; filename={part.get_filename()}"
        return value

    def raw_mail(self, path):
        with open(path, "rb") as f:
            return f.read().decode("utf-8", "replace")

    def pdf(self, data):
        cache = self.__dict__.setdefault("pdfs", {})
        key = hashlib.sha1(data).digest()
        if key not in cache:
            with open(f"{self.tmp}/letter.pdf", "wb") as f:
                f.write(data)
            info = subprocess.run(["pdfinfo", f"{self.tmp}/letter.pdf"], capture_output=True, text=True).stdout
            words = subprocess.run(["pdftotext", "-raw", "-enc", "UTF-8", f"{self.tmp}/letter.pdf", "-"],
                                   capture_output=True, text=True).stdout
            pages = re.search(r"^Pages: +(\d+)", info, re.M)
            cache[key] = f"(PDF of {pages[1] if pages else '?'} pages: {' '.join(TOKEN.sub(' ', words).split())})"
        return cache[key]
