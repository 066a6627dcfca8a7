#!/usr/bin/python3
"""unruly_smtp: a mail server that misbehaves by chance, and keeps a book of what it took.

  unruly_smtp.py PORT BOOK SEED    (prints "ready PORT"; PORT 0: a free one)

Recipients that begin with "refused" get 550; those with "latin", too, in Latin-1. Of the other messages some are answered late,
some with 451, some by closing the connection: before the message was taken, or, which no
client can know, after. BOOK gets the line "taken ADDRESS" per message, which is on the disk
before any answer, and "told ADDRESS" when the answer has gone out.
"""
import os
import random
import re
import socketserver
import sys
import time

port, book, seed = int(sys.argv[1]), open(sys.argv[2], "a"), sys.argv[3]
chance = random.Random(seed)
REFUSALS = {"refused": "550 User unknown", "latin": "550 Refusé, boîte pleine"}


def note(word, address):
    book.write(f"{word} {address}\n")
    book.flush()
    os.fsync(book.fileno())


class Session(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode("latin-1") + b"\r\n")

    def handle(self):
        try:
            self.talk()
        except OSError:
            pass

    def talk(self):
        self.say("220 unruly")
        to = None
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"EHLO":
                self.say("250 unruly")
            elif word == b"RCPT":
                to = line.split(b"<")[1].split(b">")[0].decode()
                self.say(REFUSALS.get(re.match("[a-z]*", to)[0], "250 ok"))
            elif word == b"DATA":
                self.say("354 go on")
                if not self.take(to):
                    return
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def take(self, to):
        """One message; false: the connection ends."""
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
        luck = chance.random()
        if luck < 0.05:
            self.say("451 not now")
            return True
        if luck < 0.08:
            return False
        if luck < 0.11:
            note("taken", to)
            return False
        if luck < 0.4:
            time.sleep(chance.random() * 1.5)
        note("taken", to)
        self.say("250 taken")
        note("told", to)
        return True


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    request_queue_size = 64


with Server(("127.0.0.1", port), Session) as server:
    print("ready", server.server_address[1], flush=True)
    server.serve_forever()
