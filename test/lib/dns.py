#!/usr/bin/python3
"""dns.py ADDRESS PORT NAME=IP...: answers questions for the IPv4 address of these names, and says of all others
that there are none. Prints "ready" once it listens."""
import socket
import struct
import sys

RESPONSE, NAME_ERROR, A = 0x8180, 0x8183, 1


def name_of(question):
    """The name of the first question, and where it ends with type and class."""
    labels, at = [], 12
    while question[at]:
        labels.append(question[at + 1:at + 1 + question[at]].decode("latin-1").lower())
        at += 1 + question[at]
    return ".".join(labels), at + 5


def answer(question, known):
    name, end = name_of(question)
    kind = struct.unpack(">H", question[end - 4:end - 2])[0]
    found = known.get(name) if kind == A else None
    flags = RESPONSE if name in known else NAME_ERROR
    head = question[:2] + struct.pack(">HHHHH", flags, 1, 1 if found else 0, 0, 0)
    record = b"\xc0\x0c" + struct.pack(">HHIH", A, 1, 60, 4) + socket.inet_aton(found) if found else b""
    return head + question[12:end] + record


def main():
    known = dict(word.split("=") for word in sys.argv[3:])
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((sys.argv[1], int(sys.argv[2])))
    print("ready", flush=True)
    while True:
        question, who = server.recvfrom(4096)
        server.sendto(answer(question, known), who)


main()
