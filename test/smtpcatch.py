#!/usr/bin/python3
"""smtpcatch: an SMTP server that keeps every mail and sends none, for tests and the demo.

  smtpcatch.py [--smtp PORT] [--http PORT] [--dir DIR] [--tls none|starttls|broken|ssl]
               [--ca-dir DIR] [--tls-name NAME]... [--auth USER:PASSWORD] [--auth-only LOGIN|PLAIN] [--echo]
               [--refuse ADDRESS]... [--defer ADDRESS]... [--refuse-data TEXT]
               [--delay SECONDS] [--delay-for ADDRESS]... [--hang greeting|mail|data] [--idle SECONDS]
               [--drop-after N [--drop-at idle|mail|421]] [--host ADDRESS] [--commands FILE]

Port 0 (the default) is a free one. Once it listens it prints "ready SMTPPORT HTTPPORT".
With --dir each mail is a file there, 000001.eml and so on, whole as soon as it has its name.
With --tls it makes a certification authority and a certificate for localhost, 127.0.0.1 and each
--tls-name;
clients trust DIR/ca.pem of --ca-dir (default: --dir).

HTTP, for people: / lists the mails, /mail/1 shows one and offers its attachments.
For scripts: /stats, /messages (JSON), /raw/1; DELETE /messages forgets all.
Needs Debian's python3-aiosmtpd, and openssl for --tls.
"""
import argparse
import asyncio
import collections
import email
import email.policy
import html
import json
import logging
import os
import re
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

# aiosmtpd warns of what a test asks for on purpose (logins without TLS).
warnings.simplefilter("ignore")
logging.getLogger("mail.log").setLevel(logging.ERROR)

# === what was caught ===

Mail = collections.namedtuple("Mail", "number at sender to session ehlo tls auth size subject from_ raw path")


class Store:
    """The mails in order of arrival; on disk when there is a folder, else in memory."""

    def __init__(self, folder):
        self.folder, self.mails, self.lock = folder, [], threading.Lock()
        self.number = self.sessions = 0
        if folder:
            os.makedirs(folder, exist_ok=True)
            old = [int(n[:-4]) for n in os.listdir(folder) if re.fullmatch(r"\d+\.eml", n)]
            self.number = max(old, default=0)

    def add(self, raw, **about):
        head = email.message_from_bytes(raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", policy=email.policy.default)
        with self.lock:
            self.number += 1
            path = None
            if self.folder:
                path = os.path.join(self.folder, f"{self.number:06d}.eml")
                with open(path + ".part", "wb") as f:
                    f.write(raw)
                os.rename(path + ".part", path)
            self.mails.append(Mail(number=self.number, at=time.time(), size=len(raw), path=path,
                                   subject=header(head, "subject"), from_=header(head, "from"),
                                   raw=None if path else raw, **about))
            return self.number

    def list(self):
        with self.lock:
            return list(self.mails)

    def find(self, number):
        return next((m for m in self.list() if m.number == number), None)

    def forget(self):
        with self.lock:
            self.mails.clear()


def header(message, name):
    try:
        return str(message[name] or "")
    except Exception:  # a header that even the email package cannot read
        return "(unreadable)"


def raw_of(mail):
    if mail.path is None:
        return mail.raw
    try:
        with open(mail.path, "rb") as f:
            return f.read()
    except FileNotFoundError:
        return b"Subject: (the file is gone)\r\n\r\n"


# === the SMTP side ===

class Handler:
    def __init__(self, options, store):
        self.o, self.store = options, store

    async def handle_MAIL(self, server, session, envelope, address, options):
        await self.hang("mail")
        if self.o.drop_after and server.mails >= self.o.drop_after:
            loop = asyncio.get_running_loop()
            if self.o.drop_at == "mail":
                server.transport.abort()
            loop.call_later(0.02, server.transport.close)
            return "421 4.7.0 Too many mails in this session"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.o.refuse:
            return (f"550-5.1.1 <{address}>: Recipient address rejected:\r\n"
                    "550 5.1.1 User unknown in virtual mailbox table")
        if address in self.o.defer:
            return f"451 4.7.1 <{address}>: Greylisted, come back later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        await self.hang("data")
        if self.o.delay and (not self.o.delay_for or set(self.o.delay_for) & set(envelope.rcpt_tos)):
            await asyncio.sleep(self.o.delay)
        if self.o.refuse_data:
            return self.o.refuse_data
        number = self.store.add(envelope.original_content, sender=envelope.mail_from,
                                to=list(envelope.rcpt_tos), session=server.number, ehlo=session.host_name,
                                tls=bool(session.ssl) or self.o.tls == "ssl",
                                auth=bool(session.authenticated))
        server.mails += 1
        if self.o.drop_at == "idle" and server.mails >= self.o.drop_after > 0:
            # Without a word, as a firewall or a restarted server does it.
            asyncio.get_running_loop().call_later(0.02, server.transport.abort)
        return f"250 2.0.0 OK: queued as {number:06d}"

    async def hang(self, phase):
        if self.o.hang == phase:
            await asyncio.sleep(3600)


class Session(SMTP):
    """One connection: its number among all, and how many mails came through it."""

    def __init__(self, store, *args, **more):
        super().__init__(*args, **more)
        self.store, self.number, self.mails = store, 0, 0

    async def smtp_STARTTLS(self, arg):
        if self.event_handler.o.tls == "broken":
            return await self.push("454 4.7.0 TLS not available due to temporary reason")
        await super().smtp_STARTTLS(arg)

    def connection_made(self, transport):
        if not self.number:  # after STARTTLS it is called once more
            with self.store.lock:
                self.store.sessions += 1
                self.number = self.store.sessions
        super().connection_made(transport)


class Commands(logging.Handler):
    """Keeps what clients say, a command a line; a blank line before each new session."""

    def __init__(self, path):
        super().__init__()
        self.file, self.peer = open(path, "a", encoding="utf-8", errors="replace"), None

    def emit(self, record):
        if record.msg != "%r >> %r":
            return
        peer, line = record.args
        if peer != self.peer:
            self.peer = peer
            self.file.write("\n")
        self.file.write(line.decode("utf-8", "replace").rstrip("\r\n") + "\n")
        self.file.flush()


class Silent(asyncio.Protocol):
    """A server that takes the connection and never says a word."""


def authenticator(options):
    user, _, password = options.auth.partition(":")

    def check(server, session, envelope, mechanism, data):
        ok = (isinstance(data, LoginPassword) and data.login == user.encode()
              and data.password == password.encode())
        said = f"535 5.7.8 {data.login.decode()} {data.password.decode()} is wrong" if options.echo else None
        # handled=True for a failure would make aiosmtpd answer nothing at all.
        return AuthResult(success=ok, handled=ok, message=None if ok else said)
    return check


def make_certificates(folder, names):
    """An authority and a server certificate made for this run; returns (certificate, key)."""
    os.makedirs(folder, exist_ok=True)
    at = lambda name: os.path.join(folder, name)
    run = lambda *args: subprocess.run(("openssl",) + args, check=True, capture_output=True)
    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    run("req", "-x509", *new, "-days", "2", "-subj", "/CN=smtpcatch CA", "-keyout", at("ca.key"), "-out", at("ca.pem"))
    run("req", *new, "-subj", "/CN=localhost", "-keyout", at("server.key"), "-out", at("server.csr"))
    with open(at("server.ext"), "w") as f:
        f.write("subjectAltName=IP:127.0.0.1," + ",".join("DNS:" + name for name in ["localhost", *names]) + "\n")
    run("x509", "-req", "-in", at("server.csr"), "-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial",
        "-days", "2", "-extfile", at("server.ext"), "-out", at("server.pem"))
    return at("server.pem"), at("server.key")


async def listen(o, store):
    loop, context = asyncio.get_running_loop(), None
    if o.tls != "none":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*make_certificates(o.ca_dir, o.tls_name))
    handler = Handler(o, store)
    other = {"LOGIN": ["PLAIN"], "PLAIN": ["LOGIN"]}.get(o.auth_only, [])

    def session():
        if o.hang == "greeting":
            return Silent()
        return Session(store, handler, loop=loop, hostname="smtpcatch", ident="smtpcatch",
                       data_size_limit=64 << 20, timeout=o.idle,
                       tls_context=context if o.tls in ("starttls", "broken") else None,
                       require_starttls=o.tls == "starttls", auth_required=bool(o.auth),
                       auth_require_tls=o.tls == "starttls", auth_exclude_mechanism=other,
                       authenticator=authenticator(o) if o.auth else None)
    return await loop.create_server(session, o.host, o.smtp, backlog=512, ssl=context if o.tls == "ssl" else None)


# === the HTTP side ===

STYLE = """body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#222}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #ddd}
th{color:#666;font-weight:600}a{color:#0b57d0}iframe{width:100%;height:28rem;border:1px solid #ddd}
.none{color:#666}dt{color:#666;float:left;width:6rem}dd{margin:0 0 0 6rem}"""


def page(title, body):
    return (f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
            f"<style>{STYLE}</style><h1>{html.escape(title)}</h1>{body}").encode()


def list_page(mails):
    if not mails:
        return page("No mail yet", '<p class="none">Mails appear here when they come in; reload the page.</p>')
    rows = []
    for m in reversed(mails):
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(m.at))
        rows.append(f"<tr><td>{m.number}<td>{at}<td>{html.escape(', '.join(m.to))}"
                    f'<td><a href="/mail/{m.number}">{html.escape(m.subject) or "(no subject)"}</a>'
                    f"<td>{m.size / 1024:.0f} KB")
    return page(f"{len(mails)} mail{'s' if len(mails) > 1 else ''}",
                "<table><tr><th>No.<th>Received<th>To<th>Subject<th>Size" + "".join(rows) + "</table>")


def mail_page(m):
    message = email.message_from_bytes(raw_of(m), policy=email.policy.default)
    facts = [("From", m.from_), ("To", header(message, "to")), ("Date", header(message, "date")),
             ("Envelope", f"{m.sender} → {', '.join(m.to)}"),
             ("Session", f"{m.session}, {'TLS' if m.tls else 'no TLS'}, {'logged in' if m.auth else 'no login'}")]
    body = "<dl>" + "".join(f"<dt>{k}<dd>{html.escape(v)}" for k, v in facts) + "</dl><ul>"
    shown = None
    for i, part in enumerate(message.walk()):
        if part.is_multipart():
            continue
        name, kind = part.get_filename(), part.get_content_type()
        if shown is None and kind == "text/html" and not name:
            shown = i
        body += f'<li><a href="/part/{m.number}/{i}">{html.escape(name or kind)}</a> ({html.escape(kind)})'
    body += f'<li><a href="/raw/{m.number}">the whole mail</a></ul>'
    if shown is not None:
        body += f'<iframe sandbox src="/part/{m.number}/{shown}"></iframe>'
    return page(m.subject or "(no subject)", body + '<p><a href="/">all mails</a>')


def part_of(m, index):
    """(bytes, media type, file name) of one part, or None."""
    message = email.message_from_bytes(raw_of(m), policy=email.policy.default)
    for i, part in enumerate(message.walk()):
        if i == index and not part.is_multipart():
            kind = part.get_content_type()
            charset = part.get_content_charset()
            if kind.startswith("text/") and charset and re.fullmatch(r"[\w-]+", charset):
                kind += "; charset=" + charset
            return part.get_payload(decode=True) or b"", kind, part.get_filename()
    return None


def web(store):
    class Web(BaseHTTPRequestHandler):
        def log_message(self, *args):
            pass

        def answer(self, body, kind="text/html; charset=utf-8", code=200, name=None):
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Content-Type-Options", "nosniff")
            # A mail's own scripts and remote pictures stay off.
            self.send_header("Content-Security-Policy", "default-src 'self' data:; style-src 'unsafe-inline'; script-src 'none'")
            if name:
                self.send_header("Content-Disposition", "inline; filename*=UTF-8''" + urllib.parse.quote(name, safe=""))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            where = self.path.split("?")[0].strip("/").split("/")
            if where == [""]:
                return self.answer(list_page(store.list()))
            if where == ["stats"]:
                return self.json(dict(messages=len(store.list()), sessions=store.sessions))
            if where == ["messages"]:
                return self.json([{k: v for k, v in m._asdict().items() if k not in ("raw", "path")} for m in store.list()])
            numbers = [int(n) for n in where[1:] if n.isdigit()]
            m = store.find(numbers[0]) if numbers else None
            if m and where[0] == "mail":
                return self.answer(mail_page(m))
            if m and where[0] == "raw":
                return self.answer(raw_of(m), "text/plain; charset=utf-8")
            part = part_of(m, numbers[1]) if m and where[0] == "part" and len(numbers) == 2 else None
            if part:
                return self.answer(part[0], part[1], name=part[2])
            return self.answer(page("Not here", '<p><a href="/">all mails</a>'), code=404)

        def do_DELETE(self):
            if self.path != "/messages":
                return self.answer(page("Not here", ""), code=404)
            store.forget()
            return self.json({})

        def json(self, value):
            self.answer(json.dumps(value).encode(), "application/json")
    return Web


# === start ===

def parse(argv):
    p = argparse.ArgumentParser(description=__doc__.partition("\n")[0].partition(": ")[2])
    p.add_argument("--host", default="127.0.0.1")
    p.add_argument("--smtp", type=int, default=0, metavar="PORT")
    p.add_argument("--http", type=int, default=0, metavar="PORT")
    p.add_argument("--dir", help="a file per mail in this folder")
    p.add_argument("--tls", choices=("none", "starttls", "broken", "ssl"), default="none",
                   help="broken: STARTTLS is offered, then refused")
    p.add_argument("--ca-dir", help="where ca.pem is made (default: --dir)")
    p.add_argument("--tls-name", action="append", default=[], metavar="NAME", help="another name of the certificate")
    p.add_argument("--auth", metavar="USER:PASSWORD", help="a login is required")
    p.add_argument("--auth-only", choices=("LOGIN", "PLAIN"))
    p.add_argument("--echo", action="store_true", help="the reply to a failed login repeats the password")
    p.add_argument("--refuse", action="append", default=[], metavar="ADDRESS", help="550 at RCPT TO")
    p.add_argument("--defer", action="append", default=[], metavar="ADDRESS", help="451 at RCPT TO")
    p.add_argument("--refuse-data", metavar="TEXT", help="this reply after every message")
    p.add_argument("--delay", type=float, default=0, metavar="SECONDS", help="before the reply to a message")
    p.add_argument("--delay-for", action="append", default=[], metavar="ADDRESS", help="the delay is for these alone")
    p.add_argument("--hang", choices=("greeting", "mail", "data"), help="never answer there")
    p.add_argument("--idle", type=float, default=300, metavar="SECONDS", help="end a session that is silent")
    p.add_argument("--drop-after", type=int, default=0, metavar="N", help="end each connection after N messages")
    p.add_argument("--commands", metavar="FILE", help="what clients say is kept there")
    p.add_argument("--drop-at", choices=("idle", "mail", "421"), default="idle",
                   help="when: at once, without an answer to the next MAIL, or with 421 to it")
    o = p.parse_args(argv)
    o.ca_dir = o.ca_dir or o.dir
    if o.tls != "none" and not o.ca_dir:
        p.error("--tls needs --ca-dir or --dir")
    return o


async def main():
    o = parse(sys.argv[1:])
    store = Store(o.dir)
    if o.commands:
        logging.getLogger("mail.log").setLevel(logging.DEBUG)
        logging.getLogger("mail.log").addHandler(Commands(o.commands))
    smtp = await listen(o, store)
    http = ThreadingHTTPServer((o.host, o.http), web(store))
    http.daemon_threads = True
    threading.Thread(target=http.serve_forever, daemon=True).start()
    print("ready", smtp.sockets[0].getsockname()[1], http.server_address[1], flush=True)
    async with smtp:
        await smtp.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        sys.exit(0)
