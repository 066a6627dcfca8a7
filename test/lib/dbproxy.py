#!/usr/bin/python3
"""dbproxy: stands between a worker and its database, and cuts connections on demand.

  dbproxy.py PORT FOLDER   (PORT: of the server; prints "ready PORT" of its own)

A file FOLDER/cut holds a way to cut and a text to wait for ("after delete from", with escapes as in Python); it is used for
the first such statement, whoever sends it, and goes away then. The ways:
  before  the statement never reaches the server
  after   the server does it, its answer never reaches the worker
A file FOLDER/errors holds lines "TIMES SKIP NUMBER STATE WAY TEXT": the statements that hold TEXT (with "=" before it: that
are TEXT: "COMMIT" alone stands in "READ COMMITTED", which each session begins with, too), but for the first SKIP, are
answered TIMES times (0: always) with the server's error NUMBER, SQLSTATE STATE; prepared ones when they are executed. WAY is
before (the server never hears of them) or after (it does them all the same). NUMBER 0: the connection is cut. The file is read again when it changes; FOLDER/met
gets a line "NUMBER TEXT" for each.
FOLDER/refuse: connections are closed as soon as they are made. FOLDER/times holds the time
of each connection.
"""
import os
import pathlib
import socket
import sys
import threading
import time

server, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
lock = threading.Lock()


def wanted(data):
    """The way to cut, when this is the statement that is waited for."""
    with lock:
        try:
            how, text = (folder / "cut").read_text().split(maxsplit=1)
        except (FileNotFoundError, ValueError):
            return None
        if text.strip().encode().decode("unicode_escape").encode() not in data:
            return None
        os.unlink(folder / "cut")
        return how


class Errors:
    """What stands in FOLDER/errors, and how often each line was met."""

    def __init__(self):
        self.stamp, self.lines = None, []

    def read(self):
        path = folder / "errors"
        try:
            stamp = os.stat(path).st_mtime_ns
            if stamp != self.stamp:
                self.stamp = stamp
                self.lines = [self.parse(line) for line in path.read_text().splitlines()]
        except FileNotFoundError:
            self.stamp, self.lines = None, []

    @staticmethod
    def parse(line):
        times, skip, number, state, way, text = line.split(" ", 5)
        return {"times": int(times) or 1 << 30, "skip": int(skip), "number": int(number), "state": state, "way": way,
                "text": text.encode()}

    @staticmethod
    def is_in(text, statement):
        return statement == text[1:] if text[:1] == b"=" else text in statement

    def met(self, statement):
        """The line that this statement meets."""
        with lock:
            self.read()
            for line in self.lines:
                if not self.is_in(line["text"], statement) or not line["times"]:
                    continue
                if line["skip"]:
                    line["skip"] -= 1
                    continue
                line["times"] -= 1
                with open(folder / "met", "a") as met:
                    print(line["number"], line["text"].decode(), file=met)
                return line
        return None


errors = Errors()
QUERY, PREPARE, EXECUTE = 3, 0x16, 0x17


class Wire:
    """One connection: what the client sends is cut into its packets."""

    def __init__(self, client, behind):
        self.client, self.behind = client, behind
        self.rest, self.texts, self.preparing = b"", {}, None
        self.deaf = threading.Event()
        self.swallow = None  # an answer of ours, in the server's place
        self.logged_in = False

    def answered(self, data):
        """What the server says."""
        if self.preparing is not None:
            if data[4] == 0:
                self.texts[data[5:9]] = self.preparing
            self.preparing = None
        if self.swallow is not None:
            data, self.swallow = self.swallow, None
        self.client.sendall(data)

    def packets(self, data):
        self.rest += data
        while len(self.rest) >= 4:
            size = 4 + int.from_bytes(self.rest[:3], "little")
            if len(self.rest) < size:
                return
            packet, self.rest = self.rest[:size], self.rest[size:]
            yield packet

    def statement(self, packet):
        """The text of a statement that is to be done now."""
        if not self.logged_in or packet[3] != 0 or len(packet) < 5:
            self.logged_in = True
            return None
        if packet[4] == PREPARE:
            self.preparing = packet[5:]
        if packet[4] == EXECUTE:
            return self.texts.get(packet[5:9])
        return packet[5:] if packet[4] == QUERY else None

    def asked(self, packet):
        """What the client says; true: it goes on to the server."""
        text = self.statement(packet)
        line = errors.met(text) if text else None
        if not line:
            return True
        if line["number"] == 0 and line["way"] == "after":
            self.deaf.set()
            return True
        if line["number"] == 0:
            raise OSError("cut")
        said = f"injected into {line['text'].decode()}".encode()
        body = b"\xff" + line["number"].to_bytes(2, "little") + b"#" + line["state"].encode() + said
        answer = len(body).to_bytes(3, "little") + b"\1" + body
        if line["way"] == "after":
            self.swallow = answer
            return True
        self.client.sendall(answer)
        return False


def end(*both):
    for s in both:
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(client):
    behind = socket.create_connection(("127.0.0.1", server))
    behind.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    wire = Wire(client, behind)

    def answers():
        try:
            while data := behind.recv(65536):
                if wire.deaf.is_set():
                    break
                wire.answered(data)
        except OSError:
            pass
        end(client, behind)

    threading.Thread(target=answers, daemon=True).start()
    try:
        while data := client.recv(65536):
            how = wanted(data)
            if how == "before":
                break
            if how == "after":
                wire.deaf.set()
            for packet in wire.packets(data):
                if wire.asked(packet):
                    behind.sendall(packet)
    except OSError:
        pass
    end(client, behind)


listener = socket.create_server(("127.0.0.1", 0))
print("ready", listener.getsockname()[1], flush=True)
while True:
    connection, _ = listener.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with open(folder / "times", "a") as times:
        print(time.monotonic(), file=times)
    if (folder / "refuse").exists():
        connection.close()
    else:
        threading.Thread(target=serve, args=(connection,), daemon=True).start()
