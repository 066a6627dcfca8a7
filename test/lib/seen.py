#!/usr/bin/python3
"""seen: what a worker left behind, in a form that two workers can be compared by.

  seen.py mail FILE             headers and parts of a mail, one a line
  seen.py html FILE             the HTML body, decoded
  seen.py pdf FILE              the attached PDF
  seen.py words FILE            the words of a mail's PDF, one a line (pdftotext)
  seen.py log FILE              laravel.log, an entry a line: level, message, context
  seen.py console [FILE]        queue:work's lines without date and run time

log: what only the two programs' own words make different is left out: the text of an
error ("error" in a context, the message of an exception's report) and its trace.
console: a line with dots tells its whole length, one without its length less the time's.
"""
import email
import email.policy
import json
import re
import subprocess
import sys


def message(path):
    with open(path, "rb") as f:
        return email.message_from_binary_file(f, policy=email.policy.default)


def attachment(m):
    parts = [p for p in m.iter_attachments()]
    if len(parts) != 1:
        sys.exit(f"{len(parts)} attachments, expected one")
    return parts[0]


def show_mail(path):
    m = message(path)
    for name in ("From", "To", "Cc", "Reply-To", "Subject", "MIME-Version"):
        for value in m.get_all(name, []):
            print(f"{name}: {value}")
    for name in ("Date", "Message-ID"):
        print(f"{name}s: {len(m.get_all(name, []))}")
    for part in m.walk():
        more = " ".join(filter(None, (part.get_content_charset(), part.get_content_disposition(),
                                      part.get_filename())))
        print(f"part: {part.get_content_type()} {more}".rstrip())


# Bullets are drawn by one program and written by another; no font has an emoji, and each
# does something else about it.
NOT_WORDS = re.compile("[\u2022\u25e6\u25aa\ufffd]|[\U00010000-\U0010ffff]\ufe0f?")


def words(path):
    pdf = attachment(message(path)).get_content()
    text = subprocess.run(["pdftotext", "-raw", "-enc", "UTF-8", "-", "-"], input=pdf,
                          capture_output=True, check=True).stdout.decode()
    print("\n".join(NOT_WORDS.sub(" ", text).split()))


ENTRY = re.compile(r"^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] (\w+)\.([A-Z]+): ", re.M)


def show_log(path):
    try:
        with open(path, encoding="utf-8") as f:
            text = f.read()
    except FileNotFoundError:
        return
    heads = list(ENTRY.finditer(text))
    if text and (not heads or heads[0].start() != 0):
        print("(text before the first entry)")
    for head, after in zip(heads, heads[1:] + [None]):
        body = text[head.end():after.start() if after else len(text)]
        print(head[1], head[2], entry(body))


def entry(body):
    end = "" if body.endswith(" \n") else " (no blank at the end)"
    body = body.rstrip("\n").rstrip(" ")
    at = body.find('{"')
    if at < 0:
        return body + end
    try:
        context = json.loads(body[at:], strict=False)
    except ValueError:
        return body.split("\n")[0] + " (context is not JSON)" + end
    text = body[:at].rstrip()
    if "exception" in context:
        # The report of the worker: the text is the error's own.
        text = "(error)"
        shape = re.sub(r"^\[object\] \([\w\\]+\(code: \d+\): .* at [^ ]+:\d+\)\n\[stacktrace\]\n"
                       r"#0.*\{main\}\n$", "(exception)", context["exception"], flags=re.S)
        context["exception"] = shape
    for key in ("error", "trace"):
        if key in context:
            context[key] = "*" if context[key] else "(empty)"
    return f"{text} {json.dumps(context, ensure_ascii=False)}{end}"


LINE = re.compile(r"^  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d (?P<name>\S.*?) (?P<dots>\.*) ?"
                  r"(?:(?P<time>[\d.,]+ms|(?:\d+ ?(?:j|h|u|d|m|min) )*\d+ ?s) )?(?P<status>[A-Z]+)$")


def show_console(lines):
    for line in lines:
        line = line.rstrip("\n")
        m = LINE.match(line)
        if not m:
            print(line)
            continue
        length = len(line) if m["dots"] else len(line) - len(m["time"] or "")
        print(m["name"], "..." if m["dots"] else "-", "TIME" if m["time"] else "-", m["status"], length)


def main():
    what, path = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    if what == "mail":
        show_mail(path)
    elif what == "html":
        print(message(path).get_body(("html",)).get_content())
    elif what == "pdf":
        sys.stdout.buffer.write(attachment(message(path)).get_content())
    elif what == "words":
        words(path)
    elif what == "log":
        show_log(path)
    elif what == "console":
        show_console(open(path, encoding="utf-8") if path else sys.stdin)
    else:
        sys.exit(__doc__)


main()
