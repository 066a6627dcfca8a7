#!/bin/bash
# Mails of random fields, read back by Python's email package in its strict mode: what was
# put in comes out, and nothing else.
cd "$(dirname "$0")/../.." || exit 1
[ -x build/asan/mail_send ] || { echo "mail_parse.sh: make build=asan tools comes first" >&2; exit 1; }
exec /usr/bin/python3 - "${1:-120}" <<'PY'
import email, email.policy, random, re, subprocess, sys

seed = random.randrange(1 << 32)
rng = random.Random(seed)
PIECES = ["a", "b c", " ", "  ", "é", "œuvre", "日本語", "😀", "\"", "\\", "'", "=", "?", "=?utf-8?Q?x?=", "_",
          ".", ",", ";", ":", "<", ">", "@", "(", ")", "\t", "\r\n", "\n", "x" * 70, "Bcc: a@b", "%41", "*0*",
          "From ", "\u00a0", "\u2028", "e\u0301", "ﬁ", "mot "]


def text(n):
    return "".join(rng.choice(PIECES) for _ in range(rng.randrange(1, n)))


def as_header(s):
    return s.replace("\r", " ").replace("\n", " ")


def once(i):
    subject, name, html, file, content = text(30), text(20), text(60), text(15).replace("=", "-"), text(50)
    raw = subprocess.run(["build/asan/mail_send", "--print", "--subject", subject, "--from-name", name, "--html", html,
                          "--attach", file + "=" + content], stdout=subprocess.PIPE, check=True).stdout
    assert all(len(line) <= 78 for line in raw.split(b"\r\n")), "a line is too long"
    m = email.message_from_bytes(raw, policy=email.policy.strict)
    assert m.keys() == ["Date", "Message-ID", "From", "To", "Subject", "MIME-Version", "Content-Type"], m.keys()
    assert str(m["subject"]) == as_header(subject), (str(m["subject"]), as_header(subject))
    sender = m["from"].addresses[0]
    assert sender.addr_spec == "sender@example.be", sender
    # Python drops blanks of a display name, and has one between two encoded words of it.
    bare = lambda s: "".join(s.split())
    assert bare(sender.display_name) == bare(name), (sender.display_name, name)
    body, attached = list(m.iter_parts())
    want = html.replace("\r\n", "\n").replace("\r", "\n")
    got = body.get_payload(decode=True).decode().replace("\r\n", "\n")
    # One empty line may stand before the boundary.
    assert got in (want, want + "\n"), (got, want)
    # get_filename takes blanks, quotes and angle brackets off both ends.
    bare = lambda s: re.sub(r'^[\s"<>]+|[\s"<>]+$', "", s)
    assert bare(attached.get_filename("")) == bare(as_header(file)), (attached.get_filename(), as_header(file))
    assert attached.get_payload(decode=True).decode() == content


failed = []
for i in range(int(sys.argv[1])):
    try:
        once(i)
    except Exception as e:
        failed.append(f"mail {i}: {type(e).__name__}: {e}")
for line in failed[:10]:
    print("#", line.replace("\n", " "))
print(f"# seed {seed}")
print("not ok" if failed else "ok", "1 - mails of random fields are read back as they were")
PY
