#!/bin/bash
# The transport smtp against replies that real servers do not give on demand: capabilities in
# odd letters, slow replies, refusals at every step.
. test/lib/mail.sh
trap cleanup EXIT
tmpdir
script() { script_start "$TMP/script" "$@"; }
heard() { grep -qi "^[0-9]* $1" "$SCRIPT_LOG"; }
unheard() { if heard "$2"; then not_ok "$1" "$(cat "$SCRIPT_LOG")"; else ok "$1"; fi; }

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

# === how many mails a session has, and when it is tested ===

# app_with LINE...: an app whose mailer has these lines more.
app_with() {
    mkdir -p "$TMP/app/config"
    touch "$TMP/app/artisan"
    echo '{"packages":[{"name":"laravel/framework","version":"v12.72.0"}]}' >"$TMP/app/composer.lock"
    printf '%s\n' '<?php return ["default" => "smtp", "from" => ["address" => "sender@example.be"],' \
        '"mailers" => ["smtp" => ["transport" => "smtp", "host" => "127.0.0.1",' "\"port\" => $SMTP_PORT," \
        "$@" ']]];' >"$TMP/app/config/mail.php"
}
sessions() { cut -d' ' -f1 "$SCRIPT_LOG" | sort -u | wc -l; }

script
app_with
letter --app "$TMP/app" --count 101
equals "a session ends after its hundredth mail" "$(script_taken) mails, $(sessions) sessions" "101 mails, 2 sessions"
script
app_with '"restart_threshold" => 3,'
letter --app "$TMP/app" --count 7
equals "or after so many as the app says" "$(script_taken) mails, $(sessions) sessions" "7 mails, 3 sessions"
script
app_with '"ping_threshold" => 0,'
letter --app "$TMP/app" --count 4
equals "a session is tested before each mail where the app says so" \
    "$(script_taken) mails, $(sessions) sessions, $(grep -c NOOP "$SCRIPT_LOG") tests" "4 mails, 1 sessions, 3 tests"
script "noop=close"
app_with '"ping_threshold" => 0,'
letter --app "$TMP/app" --count 3
equals "one that does not answer is opened anew" "$(script_taken) mails, $(sessions) sessions" "3 mails, 3 sessions"
