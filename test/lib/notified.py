#!/usr/bin/python3
"""notified.py SOCKET FILE: what a service tells systemd: a line "SECONDS TEXT" in FILE for each assignment of
each datagram that comes to SOCKET, a path or @name. It ends when it is told to."""
import socket
import sys
import time

name, path = sys.argv[1:]
listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listening.bind("\0" + name[1:] if name.startswith("@") else name)
with open(path, "w", buffering=1) as out:
    print("0 LISTENING", file=out)
    while True:
        for line in listening.recv(4096).decode().splitlines():
            print(f"{time.monotonic():.3f} {line}", file=out)
