#!/usr/bin/python3
"""dbproxy: stands between a worker and its database, and cuts connections on demand.

  dbproxy.py PORT FOLDER   (PORT: of the server; prints "ready PORT" of its own)

A file FOLDER/cut holds a way to cut and a text to wait for ("after delete from", with escapes as in Python); it is used for
the first such statement, whoever sends it, and goes away then. The ways:
  before  the statement never reaches the server
  after   the server does it, its answer never reaches the worker
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


def end(*both):
    for s in both:
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass




def serve(client):
    behind = socket.create_connection(("127.0.0.1", server))
    deaf = threading.Event()

    def answers():
        try:
            while data := behind.recv(65536):
                if deaf.is_set():
                    break
                client.sendall(data)
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
                deaf.set()
            behind.sendall(data)
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
