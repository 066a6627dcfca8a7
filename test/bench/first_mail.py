#!/usr/bin/python3
"""first_mail PORT COMMAND...: starts the command, a worker, and prints the milliseconds until
it has sent its first mail to 127.0.0.1:PORT; then the worker is told to stop."""
import socket
import subprocess
import sys
import time

PATIENCE = 300  # seconds

port, command = int(sys.argv[1]), sys.argv[2:]
listener = socket.create_server(("127.0.0.1", port))
listener.settimeout(PATIENCE)
began = time.monotonic()
worker = subprocess.Popen(command, stdout=subprocess.DEVNULL)


def session():
    """Talks to one client; true when it has sent a mail."""
    peer = listener.accept()[0]
    peer.settimeout(PATIENCE)
    peer.sendall(b"220 sink ESMTP\r\n")
    text, body = b"", False
    while True:
        more = peer.recv(1 << 16)
        if not more:
            return False
        text += more
        if body and text.endswith(b"\r\n.\r\n"):
            return True
        while not body and b"\r\n" in text:
            line, text = text.split(b"\r\n", 1)
            body = line.upper() == b"DATA"
            peer.sendall(b"354 go\r\n" if body else b"250 OK\r\n")


try:
    while not session():
        pass
    print(f"{1000 * (time.monotonic() - began):.1f}")
finally:
    listener.close()
    worker.terminate()
    worker.wait()
