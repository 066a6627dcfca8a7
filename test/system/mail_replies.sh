#!/bin/bash
# The transport smtp against replies that real servers do not give on demand: capabilities in
# odd letters, slow replies, refusals at every step.
. test/lib/mail.sh
trap cleanup EXIT
tmpdir
SCRIPT_PID=

# script ARGUMENT...: a fresh test/lib/scripted_smtp.py; $LOG is what clients say to it.
script() {
    if [ -n "$SCRIPT_PID" ]; then end_process "$SCRIPT_PID"; forget "$SCRIPT_PID"; fi
    LOG=$TMP/script.log
    rm -f "$TMP/script.port" "$LOG"
    /usr/bin/python3 test/lib/scripted_smtp.py --port-file "$TMP/script.port" --log "$LOG" "$@" &
    SCRIPT_PID=$!
    remember "$SCRIPT_PID"
    eventually 20 test -s "$TMP/script.port" || { echo "scripted_smtp.py does not start" >&2; exit 1; }
    SMTP_PORT=$(cat "$TMP/script.port")
}

taken() { grep -c ' taken ' "$LOG"; }
heard() { grep -qi "^[0-9]* $1" "$LOG"; }
unheard() { if heard "$2"; then not_ok "$1" "$(cat "$LOG")"; else ok "$1"; fi; }

# === capabilities in other letters ===

export MAIL_TEST_PASSWORD='geheim & "süß" 42'
for word in starttls StartTLS; do
    script "ehlo=250-scripted\n250-$word\n250 AUTH PLAIN LOGIN" "auth=334 |235 in"
    letter --user worker
    said "STARTTLS in the letters $word is not taken for none" "SMTP 127.0.0.1 offers STARTTLS in letters that facteur's mailer does not read; nothing was sent. It says: 250-scripted"$'\n'"250-$word"$'\n'"250 AUTH PLAIN LOGIN"
    unheard "no password goes out" "AUTH"
    letter
    check "a mail without a login stays, too" grep -q 'offers STARTTLS' <<<"$OUT"
    unheard "nothing of it goes out" "MAIL"
    letter --tls required
    check "and where TLS is required" grep -q 'offers STARTTLS' <<<"$OUT"
    letter --tls plain --user worker
    sent "without auto_tls it is left out, as the app says"
done
for line in 'auth PLAIN LOGIN' 'AUTH=LOGIN' 'Auth login'; do
    script "ehlo=250-scripted\n250 $line" "auth=334 VXNlcm5hbWU6|334 UGFzc3dvcmQ6|235 in"
    letter --user worker
    check "a login offered as $line is not left out" grep -q 'error job: SMTP 127.0.0.1:[0-9]* offers AUTH in letters' <<<"$OUT"
    unheard "no mail goes out without it" "MAIL"
    letter
    sent "who has no login does not ask for one"
done
script "ehlo=250-scripted\n250 SIZE 1000000"
letter --user worker
sent "where no login is offered there is none, as in Symfony"
