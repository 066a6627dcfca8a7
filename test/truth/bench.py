"""bench: one app that is edited, and the servers beside it; what its letters become under artisan and under facteur."""
import datetime
import glob
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "proof"))
from lane import Lane  # noqa: E402
from masks import ZONE  # noqa: E402
from scenario import Scenario  # noqa: E402
from edit import clear  # noqa: E402

WORK = "queue:work --stop-when-empty --sleep=0"
MODES = ("php", "off")
PARTS = ("mail", "smtp", "volunteer_letter_sends", "failed_jobs", "jobs", "cache", "log", "files")
OWN = re.compile(r"^\[[^\]]+\] \w+\.[A-Z]+: facteur: .*?(?=^\[\d{4}-|\Z)", re.M | re.S)
KEPT = ("app", "bootstrap", "config", "resources", "routes", "storage", "composer.json", "artisan", "shims")
SPY = """
spl_autoload_register(function (string $class): void {
    if (str_starts_with($class, 'App\\\\Jobs\\\\')) {
        file_put_contents(dirname(__DIR__).'/../loaded', $class."\\n", FILE_APPEND);
    }
}, true, true);
"""


class Bench(Lane):
    """A lane whose app has a vendor folder of its own, in which the packages are links."""

    def __init__(self, number, laravel, facteur, root):
        super().__init__(number, laravel, facteur, root)
        self.mode, self.clock = "off", 1700000000
        self.own_vendor()
        self.kept = [name for name in (*KEPT, "vendor/composer") if os.path.exists(f"{self.app}/{name}")]
        for name in self.kept:
            self.copy(f"{self.app}/{name}", f"{self.tmp}/kept/{name}")

    @staticmethod
    def copy(source, to):
        os.makedirs(os.path.dirname(to), exist_ok=True)
        if os.path.isdir(source):
            shutil.copytree(source, to, symlinks=True)
        else:
            shutil.copy2(source, to)

    def own_vendor(self):
        """Composer's own files are copies that know no class of the app: it is looked for where it is."""
        source = os.path.realpath(f"{self.app}/vendor")
        os.remove(f"{self.app}/vendor")
        os.mkdir(f"{self.app}/vendor")
        for name in os.listdir(source):
            if name == "composer":
                shutil.copytree(f"{source}/{name}", f"{self.app}/vendor/{name}", symlinks=True)
            elif name != "autoload.php":
                os.symlink(f"{source}/{name}", f"{self.app}/vendor/{name}")
        for name in ("autoload_classmap.php", "autoload_static.php"):
            path = f"{self.app}/vendor/composer/{name}"
            with open(path, encoding="utf-8") as f:
                lines = [line for line in f if not re.match(r"\s*'App\\\\.* => .*\.php',$", line)]
            self.write(path, "".join(lines))
        with open(f"{source}/autoload.php", encoding="utf-8") as f:
            text = f.read()
        last = text.rindex("\nreturn ")
        self.write(f"{self.app}/vendor/autoload.php", text[:last] + "\n$loader = " + text[last + 8:] + SPY + "\nreturn $loader;\n")

    def write(self, path, text):
        """No two files have the same time: what PHP has compiled of one is not taken for another."""
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        self.clock += 1
        os.utime(path, (self.clock, self.clock))

    # === the edit ===

    def unedited(self):
        for name in self.kept:
            clear(f"{self.app}/{name}")
            self.copy(f"{self.tmp}/kept/{name}", f"{self.app}/{name}")
        for name in os.listdir(f"{self.app}/vendor"):
            path = f"{self.app}/vendor/{name}"
            if os.path.isdir(path) and not os.path.islink(path) and name != "composer":
                clear(path)

    def edited(self, edit, scenario):
        self.unedited()
        self.reset(scenario, {}, int(time.time()))
        edit.apply(self.app, self.write)
        for command in edit.head["run"]:
            done = subprocess.run(self.program(["artisan", *shlex.split(command)], "artisan"), cwd=self.app,
                                  capture_output=True, text=True, env=self.environment())
            if done.returncode:
                raise RuntimeError(f"artisan {command} failed: {done.stdout}{done.stderr}")

    # === running ===

    def environment(self):
        return {**super().environment(), "FACTEUR_PHP": "off" if self.mode == "off" else "auto"}

    def program(self, words, side):
        line = super().program(words, side)
        if line[0] == "php":
            cache = ("enable_cli=1", "file_cache_only=1", f"file_cache={self.tmp}/opcache")
            os.makedirs(f"{self.tmp}/opcache", exist_ok=True)
            line[1:1] = [word for setting in cache for word in ("-d", "opcache." + setting)]
        return line

    def letters(self, edit, scenario):
        """The rows that the app dispatches: a table by name."""
        self.reset(scenario, {}, int(time.time()))
        words = [":".join(map(str, letter)) for letter in edit.letters]
        done = subprocess.run(["php", f"{self.root}/test/truth/dispatch.php", self.app, *words], capture_output=True,
                              text=True, env=self.environment())
        if done.returncode or done.stdout:
            raise RuntimeError(f"dispatch.php failed: {done.stdout}{done.stderr}")
        return int(time.time()), {table: rows for table, rows in self.rows().items() if rows}

    def outcome(self, masks, scenario, dispatched, mode):
        """What became of the letters: raw parts, and parts that can be compared."""
        self.mode = mode
        for path in (f"{self.tmp}/loaded", *glob.glob(f"{self.app}/storage/app/*")):
            clear(path)
        parts, seen = self.run(scenario, {}, "artisan" if mode == "artisan" else "facteur",
                               self.known(dispatched[1]), dispatched)
        said = parts["stdout"] + parts["stderr"] + "".join(OWN.findall(parts["log"]))
        parts["log"] = OWN.sub("", parts["log"])
        shown = {name: masks.rows(name, parts[name], seen) if isinstance(parts[name], list) else
                 masks.text(name, parts[name]) for name in PARTS}
        for number, row in enumerate(dispatched[1]["jobs"], 1):
            uuid = json.loads(row["payload"])["uuid"]
            shown = {name: text.replace(uuid, f"(letter {number})") for name, text in shown.items()}
        shown = {name: self.times(text, seen.began) for name, text in shown.items()}
        return Outcome(parts, shown, said, self.natives(), os.path.exists(f"{self.tmp}/loaded"))

    @staticmethod
    def times(text, began):
        """Times that the run moves with it; one of another day stays what it is."""
        text = re.sub(r'(?<="createdAt":)\d+', "NOW", text)
        text = re.sub(r"(?<=volunteer_letter_)(\d+_\d+)_\d{10}(?=\.pdf)", r"\1_NOW", text)  # the class names its file by time()
        text = re.sub(r"\b20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\b", lambda m: "NOW" if abs(unix_of(m[0]) - began) < 120 else m[0], text)
        return re.sub(r"\bBEGIN([+-]\d+)", lambda m: f"BEGIN{int(m[1]) / 60:+.0f} min" if abs(int(m[1])) < 172800 else
                      str(began + int(m[1])), text)

    def natives(self):
        """How many mails have a PDF that facteur made."""
        count = 0
        for path in glob.glob(f"{self.tmp}/mails/*.eml"):
            with open(path, "rb") as f:
                count += b"facteur" in self.pdf_of(f.read())
        return count

    @staticmethod
    def pdf_of(data):
        import email
        return b"".join(part.get_payload(decode=True) for part in email.message_from_bytes(data).walk()
                        if part.get_content_type() == "application/pdf")


def unix_of(text):
    try:
        return datetime.datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()
    except ValueError:
        return 0


class Outcome:
    def __init__(self, parts, shown, said, natives, loaded):
        self.parts, self.shown, self.said, self.natives, self.loaded = parts, shown, said, natives, loaded

    def jobs(self):
        return {json.loads(row["payload"])["uuid"]: row for row in self.parts["jobs"] if row["payload"][:1] == "{"}


def scenario_of(edit, more=()):
    return Scenario(edit.name, (), (WORK,), env={**edit.env(), **dict(more)})
