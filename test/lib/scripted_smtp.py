#!/usr/bin/python3
"""scripted_smtp: an SMTP server that answers what it is told to, for what real ones do not do.

  scripted_smtp.py --port-file FILE --log FILE [--connections N] [--rate N/SECONDS] [STEP=ANSWER[|ANSWER...]]...

STEP is connect, ehlo, helo, starttls, auth (the command and each line that follows it), mail, rcpt, data,
body, noop, rset, quit or other. The n-th time a step is reached, in all sessions together, the n-th answer
is given; the last one stays. An answer is made of words that act and a text that is sent:

  ~2.5 text       waits so many seconds before it
  trickle:0.5 text  sends it a byte at a time, so many seconds apart
  mute            says nothing, and goes on
  close           ends the connection; "text;close" says the text first

In a text "\\n" begins a line. --connections: more at once get 421 as greeting. --rate: of messages beyond
it MAIL gets 454. The log has what clients say, a line each, with the session's number; "taken ADDRESS"
for a message that was answered with 2xx, "at SECONDS" for when its MAIL came. FILE gets the port.
"""
import argparse
import collections
import re
import socket
import socketserver
import threading
import time

DEFAULTS = {
    "connect": "220 scripted", "ehlo": "250 scripted", "helo": "250 scripted", "starttls": "454 no TLS here",
    "auth": "235 in", "mail": "250 sender ok", "rcpt": "250 recipient ok", "data": "354 go on",
    "body": "250 taken", "noop": "250 ok", "rset": "250 ok", "quit": "221 bye;close", "other": "500 what?",
}


class Script:
    def __init__(self, options):
        self.answers = {k: [v] for k, v in DEFAULTS.items()}
        for text in options.answers:
            step, _, answers = text.partition("=")
            if step not in DEFAULTS:
                raise SystemExit(f"scripted_smtp: no step {step}")
            self.answers[step] = answers.split("|")
        self.lock, self.sessions, self.open = threading.Lock(), 0, 0
        self.log, self.begun = open(options.log, "a", encoding="utf-8", errors="replace"), time.monotonic()
        self.connections = options.connections
        count, _, seconds = (options.rate or "0/1").partition("/")
        self.count, self.seconds, self.times = int(count), float(seconds), collections.deque()

    def next(self, step):
        with self.lock:
            answers = self.answers[step]
            return answers.pop(0) if len(answers) > 1 else answers[0]

    def note(self, session, text):
        with self.lock:
            self.log.write(f"{session} {text}\n")
            self.log.flush()

    def within_rate(self):
        """One message more; false: it is one too many."""
        now = time.monotonic()
        with self.lock:
            while self.times and now - self.times[0] > self.seconds:
                self.times.popleft()
            if self.count and len(self.times) >= self.count:
                return False
            self.times.append(now)
            return True


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        s = self.server.script
        with s.lock:
            s.sessions += 1
            s.open += 1
            self.number, one_too_many = s.sessions, bool(s.connections) and s.open > s.connections
        try:
            self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.talk("421 4.7.0 too many connections from you;close" if one_too_many else s.next("connect"))
        except OSError:
            pass
        finally:
            with s.lock:
                s.open -= 1

    def say(self, answer):
        """false: the connection is over."""
        gap = 0
        while True:
            word, _, rest = answer.partition(" ")
            if word.startswith("~"):
                time.sleep(float(word[1:]))
            elif word.startswith("trickle:"):
                gap = float(word[8:])
            else:
                break
            answer = rest
        if answer == "mute":
            return True
        text, _, after = answer.partition(";")
        if text != "close":
            self.send(text.replace("\\n", "\r\n").encode("utf-8", "surrogateescape") + b"\r\n", gap)
        return text != "close" and after != "close"

    def send(self, data, gap):
        if not gap:
            self.wfile.write(data)
            return
        for i in range(len(data)):
            self.wfile.write(data[i:i + 1])
            time.sleep(gap)

    def talk(self, greeting):
        script, step, to = self.server.script, "connect", ""
        if not self.say(greeting):
            return
        while line := self.rfile.readline():
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            script.note(self.number, text)
            word = text.partition(" ")[0].lower()
            in_login = step == "auth" and self.last.startswith("334")
            step = "auth" if in_login else word if word in DEFAULTS else "other"
            if step == "mail":
                script.note(self.number, f"at {time.monotonic() - script.begun:.3f}")
            if step == "rcpt":
                to = text.partition("<")[2].rpartition(">")[0]
            self.last = script.next(step)
            if step == "mail" and self.last.startswith("2") and not script.within_rate():
                self.last = "454 4.7.1 too many mails, slow down"
            if not self.say(self.last):
                return
            if step == "data" and "354" in self.last and not self.message(to):
                return

    def message(self, to):
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
        answer = self.server.script.next("body")
        # Taken: the client may hear of it late, or never.
        if re.search(r"(^| )2\d\d ", answer):
            self.server.script.note(self.number, f"taken {to}")
        return self.say(answer)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    request_queue_size = 64


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--port-file", required=True)
    p.add_argument("--log", required=True)
    p.add_argument("--connections", type=int, default=0)
    p.add_argument("--rate")
    p.add_argument("answers", nargs="*")
    options = p.parse_args()
    with Server(("127.0.0.1", 0), Session) as server:
        server.script = Script(options)
        with open(options.port_file, "w", encoding="ascii") as f:
            f.write(f"{server.server_address[1]}\n")
        server.serve_forever()


main()
