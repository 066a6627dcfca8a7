"""runner.py APP RUNNER: checks of src/child/runner.php over its pipe, as TAP."""
import hashlib
import json
import os
import re
import select
import shutil
import signal
import struct
import subprocess
import sys

APP, RUNNER = sys.argv[1], os.path.abspath(sys.argv[2])
BOOTSTRAP = APP + "/bootstrap/app.php"
OPEN = {"t": "open", "v": 1, "base": APP, "connection": "database", "queues": "default", "once": False,
        "argv": ["artisan", "queue:work"], "options": {"name": "default"}}
ROW = {"id": 7, "queue": "default", "attempts": 1, "reserved_at": 1, "available_at": 1, "created_at": 1}
SECONDS = 30
count = failed = 0


def check(what, good, seen=None):
    global count, failed
    count += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {count} - {what}", flush=True)
    if not good:
        print(f"# seen: {seen!r}"[:2000])


class Child:
    def __init__(self, *first):
        theirs, self.to = os.pipe()
        self.back, answers = os.pipe()

        def pipes():
            a, b = os.dup2(theirs, 20), os.dup2(answers, 21)
            os.dup2(a, 3), os.dup2(b, 4)
            os.closerange(5, 64)

        self.process = subprocess.Popen(["php", RUNNER], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        close_fds=False, preexec_fn=pipes)
        os.close(theirs), os.close(answers)
        self.bytes = b""
        for frame in first:
            self.say(frame)

    def say(self, fields, raw=b""):
        text = json.dumps(fields).encode()
        self.write(struct.pack(">II", len(text), len(raw)) + text + raw)

    def write(self, data):
        try:
            while data:
                data = data[os.write(self.to, data):]
        except BrokenPipeError:
            pass

    def hear(self, *types):
        """The next frame of one of the types, or any; None at the end."""
        while True:
            frame = self.next()
            if frame is None or not types or frame["t"] in types:
                return frame

    def next(self):
        while True:
            if len(self.bytes) >= 8:
                text, raw = struct.unpack(">II", self.bytes[:8])
                if len(self.bytes) >= 8 + text + raw:
                    frame = json.loads(self.bytes[8:8 + text])
                    frame["raw"] = self.bytes[8 + text:8 + text + raw]
                    self.bytes = self.bytes[8 + text + raw:]
                    return frame
            if not select.select([self.back], [], [], SECONDS)[0]:
                return None
            more = os.read(self.back, 1 << 16)
            if not more:
                return None
            self.bytes += more

    def end(self):
        """How it ended, and what it printed."""
        os.close(self.to)
        try:
            said = self.process.communicate(timeout=SECONDS)[0]
        except subprocess.TimeoutExpired:
            self.process.kill()
            said = self.process.communicate()[0]
        os.close(self.back)
        return self.process.returncode, said


def payload(php):
    """A job without a class of its own, which does that PHP."""
    return json.dumps({"uuid": "11111111-2222-4333-8444-555555555555", "displayName": "J", "job": "Runs@fire",
                       "data": {"php": php}, "maxTries": 1}).encode()


def job(child, php, n=5):
    child.say({"t": "job", "n": n, "row": ROW}, payload(php))


def with_bootstrap(text):
    shutil.copyfile(BOOTSTRAP, APP + "/plain.php")
    with open(BOOTSTRAP, encoding="utf-8") as f:
        plain = f.read()
    plain = plain.replace("<?php", "", 1)
    with open(BOOTSTRAP, "w", encoding="utf-8") as f:
        f.write(text.replace("{PLAIN}", plain).replace("{APP}", re.sub(r"(?m)^return ", "$app = ", plain)))
    child = Child(OPEN)
    frame = child.hear()
    ended = child.end()
    shutil.copyfile(APP + "/plain.php", BOOTSTRAP)
    return frame, ended


def greets():
    child = Child(OPEN)
    hello = child.hear()
    check("it greets", hello["t"] == "hello" and hello["v"] == 1 and hello["pid"] == child.process.pid, hello)
    check("with the classes of the queue and of the failed jobs",
          (hello["queue"], hello["failer"], hello["logs"]) ==
          ("Illuminate\\Queue\\DatabaseQueue", "Illuminate\\Queue\\Failed\\DatabaseUuidFailedJobProvider", False), hello)
    check("with the app's own files, and no others", BOOTSTRAP in hello["files"]
          and not [f for f in hello["files"] if "/vendor/" in f or not f.startswith(APP)], hello["files"])
    child.say({"t": "end", "status": 0})
    check("it ends when it is told to", child.hear() is None and child.end() == (0, b""))


def refuses():
    child = Child({**OPEN, "v": 2})
    frame = child.hear()
    check("another version is an error", frame["t"] == "error" and child.end()[0] == 1, frame)
    child = Child(OPEN, {"t": "dance", "n": 1})
    frame = child.hear("error")
    check("a frame that it does not know is an error", frame and "dance" in frame["text"] and child.end()[0] == 1, frame)
    child = Child(OPEN)
    child.hear("hello")
    child.write(struct.pack(">II", 70 << 20, 0))
    check("a frame that is too long is an error", child.hear()["t"] == "error" and child.end()[0] == 1)
    child = Child(OPEN)
    child.hear("hello")
    job(child, "$job->delete();")
    child.hear("settle")
    child.say({"t": "settled", "n": 4, "owned": True})
    check("an answer to another question is an error", child.hear()["t"] == "error" and child.end()[0] == 1)
    child = Child(OPEN)
    child.hear("hello")
    check("without facteur nothing goes on", child.end()[0] == -signal.SIGKILL)


def cannot_boot():
    frame, ended = with_bootstrap("<?php\nthrow new LogicException('no way');\n")
    check("an exception while the app is booted is told", (frame["t"], frame["class"], frame["message"], frame["line"])
          == ("unbootable", "LogicException", "no way", 2) and ended[0] == 1, (frame, ended))
    frame, ended = with_bootstrap("<?php\nreturn oops(;\n")
    check("a mistake in a file, too", frame["t"] == "unbootable" and frame["class"] == "ParseError", (frame, ended))
    frame, ended = with_bootstrap("<?php\nexit(4);\n")
    check("exit() while the app is booted, too", frame["t"] == "unbootable" and "exit()" in frame["message"] and ended[0] == 4,
          (frame, ended))
    frame, ended = with_bootstrap("<?php\nini_set('memory_limit', '8M'); str_repeat('x', 1 << 25);\n")
    check("and a fatal error", frame["t"] == "unbootable" and "Allowed memory size" in frame["message"], (frame, ended))
    frame, ended = with_bootstrap("<?php\necho 'out of turn';\nfwrite(STDOUT, \"\\n\");\n{PLAIN}")
    check("what the app prints disturbs no frame", frame["t"] == "hello" and ended[1] == b"out of turn\n", (frame, ended))


def tells_lines():
    child = Child({**OPEN, "lines": True})
    child.hear("hello")
    job(child, "$job->delete();")
    seen = [child.hear()]
    child.say({"t": "printed", "n": 5})
    seen.append(child.hear())
    check("a job waits for its line, and then for its end", [f["t"] for f in seen] == ["event", "settle"]
          and seen[0]["e"] == "processing" and seen[1]["how"] == "delete", seen)
    child.say({"t": "settled", "n": 5, "owned": True})
    seen = [child.hear(), child.hear()]
    check("the second line comes behind that", [f["t"] for f in seen] == ["event", "done"] and seen[0]["e"] == "processed", seen)
    child.end()


def works():
    child = Child(OPEN)
    child.hear("hello")
    job(child, "$job->delete(); echo 'printed';")
    seen = child.hear()
    check("where nobody prints, its end is all that is asked for", seen["t"] == "settle" and seen["how"] == "delete", seen)
    child.say({"t": "settled", "n": 5, "owned": False})
    done = child.hear("done")
    check("it goes on where the row is another's by now", done["settled"] == "delete" and done["n"] == 5, done)
    job(child, "throw new RuntimeException(str_repeat('é', 5 << 20));", 6)
    failing = child.hear("failing")
    check("a long text is cut between letters", len(failing["raw"]) == 8 << 20 and failing["raw"].decode().startswith("RuntimeException: é"),
          len(failing["raw"]))
    check("a long message, too", len(failing["message"].encode()) == 1 << 20, len(failing["message"]))
    settle = child.hear("settle")
    check("the failure has the same text", settle["how"] == "fail" and settle["raw"] == failing["raw"])
    child.say({"t": "settled", "n": 6, "owned": True})
    child.hear("done")
    job(child, "$job->release(new DateInterval('PT1M'));", 7)
    check("a delay of any kind is told in seconds", child.hear("settle")["delay"] in (59, 60))
    child.say({"t": "settled", "n": 7, "owned": True})
    child.hear("done")
    job(child, "exit(3);", 8)
    gone = child.hear("gone")
    check("exit() in a job is told", (gone["n"], gone["how"], gone["settled"]) == (8, "exit", None), gone)
    check("what it printed stayed apart", child.end() == (3, b"printed"))


def whose_failures():
    """A provider of failed jobs as the configuration says is facteur's to stand in for, any other the app's."""
    for driver in ("database", "database-uuids", "file", "null", "elsewhere"):
        hello, _ = with_bootstrap("<?php\n{APP}\n$app->booting(static function () "
                                  f"{{ config(['queue.failed.driver' => '{driver}']); }});\nreturn $app;\n")
        check(f"whose a failed job is: the driver {driver}", hello.get("logs") is False, hello)
    for made, own in (("new {F}\\NullFailedJobProvider", True),
                      ("(new \\ReflectionClass('{F}\\DynamoDbFailedJobProvider'))->newInstanceWithoutConstructor()", True),
                      ("new {F}\\DatabaseUuidFailedJobProvider($app['db'], 'other', 'failed_jobs')", True),
                      ("new {F}\\DatabaseUuidFailedJobProvider($app['db'], config('queue.failed.database'), 'failed_jobs')", False)):
        made = made.replace("{F}", "\\Illuminate\\Queue\\Failed")
        hello, _ = with_bootstrap("<?php\n{APP}\n$app->extend('queue.failer', "
                                  f"static function ($made, $app) {{ return {made}; }});\nreturn $app;\n")
        check(f"whose a failed job is: {made.split(chr(92))[-1]}", hello["logs"] is own, hello)


def bytes_of_payload():
    child = Child(OPEN)
    child.hear("hello")
    raw = payload("$job->delete(); echo md5($job->getRawBody());").replace(b"{", '{ "é€😀": "\\u00e9 \\/ ",\n'.encode(), 1)
    child.say({"t": "job", "n": 1, "row": ROW}, raw)
    child.hear("settle")
    child.say({"t": "settled", "n": 1, "owned": True})
    child.hear("done")
    said = child.end()[1]
    check("a payload comes byte for byte", said == hashlib.md5(raw).hexdigest().encode(), said)


with open(BOOTSTRAP, encoding="utf-8") as f:
    own = f.read()
with open(BOOTSTRAP, "w", encoding="utf-8") as f:
    f.write(own.replace("<?php", "<?php\nclass Runs { public function fire($job, $data) { eval($data['php']); } }\n", 1))
for part in (greets, refuses, cannot_boot, tells_lines, works, whose_failures, bytes_of_payload):
    part()
print(f"1..{count}")
sys.exit(1 if failed else 0)
