#!/usr/bin/python3
"""mail_stdio: stands in for `sendmail -bs`: SMTP on standard input and output.

It appends its arguments and what it got to $MAIL_STDIO_LOG. $MAIL_STDIO_MODE: ok, refuse
(550 to RCPT), die (status 75 and words on stderr after MAIL), slow (3 s to answer QUIT).
"""
import os
import sys
import time

log = open(os.environ["MAIL_STDIO_LOG"], "a", newline="")
mode = os.environ.get("MAIL_STDIO_MODE", "ok")
log.write(f"argv {sys.argv[1:]}\n")


def say(text):
    sys.stdout.buffer.write(text.encode() + b"\r\n")
    sys.stdout.buffer.flush()


say("220 stdio ESMTP")
for line in iter(sys.stdin.buffer.readline, b""):
    word = line[:4].upper()
    log.write(line.decode())
    if word == b"QUIT":
        if mode == "slow":
            time.sleep(3)
            log.write("ended\n")
        say("221 bye")
        break
    if word == b"EHLO":
        say("250-stdio\r\n250 8BITMIME")
    elif word == b"MAIL" and mode == "die":
        print("the mail queue is full", file=sys.stderr)
        sys.exit(75)
    elif word == b"RCPT" and mode == "refuse":
        say("550 5.1.1 no such user")
    elif word == b"DATA":
        say("354 go")
        for body in iter(sys.stdin.buffer.readline, b".\r\n"):
            log.write(body.decode())
        say("250 2.0.0 queued")
    else:
        say("250 OK")
