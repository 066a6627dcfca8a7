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
    script "ehlo=250-scripted\n250-$word\n250 AUTH PLAIN LOGIN" "auth=334 VXNlcm5hbWU6|334 UGFzc3dvcmQ6|235 in"
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

# === slow replies: what counts is silence ===

script "connect=~1.5 220 scripted" "ehlo=~1.5 250 scripted" "mail=~1.5 250 ok"
letter --timeout 3
sent "each reply has the timeout for itself"
script "connect=trickle:0.4 220 hello scripted" "ehlo=trickle:0.3 250-scripted\n250 SIZE 1000"
letter --timeout 3
sent "a reply that trickles is no silence"
script "body=trickle:0.5 250 taken at last"
letter --timeout 2 --count 2
equals "a final reply that trickles is waited for" "$(script_taken) $(grep -c '^sent' <<<"$OUT")" "2 2"
script "body=~4 250 taken"
letter --timeout 1
sent "after the message there is more patience"
equals "and no second mail" "$(script_taken)" 1
script "body=~30 250 taken"
letter --timeout 1 --patience 2
said "which has an end" 'Connection to "127.0.0.1" timed out.'
script "mail=~30 250 ok"
letter --timeout 1
said "before the message there is none" 'Connection to "127.0.0.1" timed out.'
thrown "and it is told where" "TransportException 0 SMTP 127.0.0.1: MAIL FROM"

# === replies that no step expects ===

script "ehlo=421 4.3.2 shutting down;close"
letter
said "421 to EHLO is told" 'Expected response code "250" but got code "421", with message "421 4.3.2 shutting down".'
thrown "as what it is" "UnexpectedResponseException 421 SMTP 127.0.0.1: EHLO"
script "ehlo=502 what?" "helo=554 go away"
letter
said "where HELO has an answer it is that" 'Expected response code "250" but got code "554", with message "554 go away".'
script "ehlo=502 what?"
letter
sent "HELO does"
script "connect=554 no service;close"
letter
said "a greeting that is none" 'Expected response code "220" but got code "554", with message "554 no service".'
script "data=250 go on"
letter
said "DATA answered by 250" 'Expected response code "354" but got code "250", with message "250 go on".'
script "mail=close"
letter
said "no reply at all" 'Connection to "127.0.0.1" has been closed unexpectedly.'
script "body=251 will forward|250 taken"
letter --count 2
equals "251 after the message means yes" "$(script_taken) $(grep -c '^sent' <<<"$OUT")" "2 2"
script "body=354 what?|250 taken"
letter
said "354 does not" 'Expected response code "250" but got code "354", with message "354 what?".'

# === logins ===

challenge=$(printf '<1.2@scripted>' | base64)
digest=$(printf '<1.2@scripted>' | openssl dgst -md5 -hmac "$MAIL_TEST_PASSWORD" | sed 's/.* //')
script "ehlo=250-scripted\n250 AUTH PLAIN LOGIN CRAM-MD5" "auth=334 $challenge|235 in"
letter --user worker
sent "CRAM-MD5 comes first"
check "with the digest of the challenge" grep -qF " $(printf 'worker %s' "$digest" | base64 -w0)" "$SCRIPT_LOG"
script "ehlo=250-scripted\n250 AUTH PLAIN LOGIN" "auth=334 VXNlcm5hbWU6|334 UGFzc3dvcmQ6|235 in"
letter --user worker
sent "then LOGIN"
check "before PLAIN" heard "AUTH LOGIN"
script "ehlo=250-scripted\n250 AUTH PLAIN LOGIN" "auth=504 no|334 |235 in|334 |235 in"
letter --user worker --count 2 --pause 3200
equals "where LOGIN is refused PLAIN may be taken" "$(grep -c '^sent' <<<"$OUT")" 2
equals "and is taken at once the next time" "$(grep -o 'AUTH [A-Z]*' "$SCRIPT_LOG" | paste -sd,)" "AUTH LOGIN,AUTH PLAIN,AUTH PLAIN"
script "ehlo=250-scripted\n250 AUTH XOAUTH2" "auth=334 |235 in"
letter --user worker
sent "XOAUTH2 where nothing else is offered"
check "with the token as Google wants it" grep -qF " $(printf 'user=worker\1auth=Bearer %s\1\1' "$MAIL_TEST_PASSWORD" | base64 -w0)" "$SCRIPT_LOG"
script "ehlo=250-scripted\n250 AUTH GSSAPI NTLM"
letter --user worker
said "ways that nobody here knows" 'Failed to find an authenticator supported by the SMTP server, which currently supports: "gssapi", "ntlm".'
script "ehlo=250-scripted\n250 AUTH GSSAPI"$'\xe9'" $MAIL_TEST_PASSWORD"
letter --user worker
said "in whatever bytes it names them" 'Failed to find an authenticator supported by the SMTP server, which currently supports: "gssapi?", "***".'
script "ehlo=250-scripted\n250 AUTH LOGIN PLAIN CRAM-MD5 XOAUTH2" \
    "auth=504 5.5.4 no CRAM|334 VXNlcm5hbWU6|535 no such user|334 |535 wrong|334 eyJ9|535 bad token"
letter --user worker
said "each way and its answer are told" "Failed to authenticate on SMTP server with username \"worker\" using the following authenticators: \"CRAM-MD5\", \"LOGIN\", \"PLAIN\", \"XOAUTH2\". Authenticator \"CRAM-MD5\" returned \"Expected response code \"334\" but got code \"504\", with message \"504 5.5.4 no CRAM\".\". Authenticator \"LOGIN\" returned \"Expected response code \"334\" but got code \"535\", with message \"535 no such user\".\". Authenticator \"PLAIN\" returned \"Expected response code \"235\" but got code \"535\", with message \"535 wrong\".\". Authenticator \"XOAUTH2\" returned \"Expected response code \"235\" but got code \"535\", with message \"535 bad token\".\"."
thrown "with the last code" "TransportException 535 SMTP 127.0.0.1: AUTH"
unheard "no mail goes out without a login" "MAIL"
script "ehlo=250-scripted\n250 AUTH LOGIN PLAIN" "auth=421 too many logins;close"
letter --user worker
equals "after 421 no other way is tried" "$(grep -c AUTH "$SCRIPT_LOG")" 1

# === addresses ===

script "ehlo=250-scripted\n250 SMTPUTF8"
letter --to ' hélène@bücher.example' --count 2
sent "a part before the @ beyond ASCII where the server has SMTPUTF8"
check "it is asked for" heard 'MAIL FROM:<sender@example.be> SMTPUTF8'
check "and the domain is in punycode" heard 'RCPT TO:<hélène@xn--bcher-kva.example>'
script "ehlo=250-scripted\n250 SIZE 1000"
letter --to hélène@example.be --count 2 --keep-on
equals "else Symfony's words" "$(grep -c 'error job: Invalid addresses: non-ASCII characters not supported in local-part of email.$' <<<"$OUT")" 2
unheard "and nothing is sent" MAIL
letter --to marie@bücher.example --from 'club@bücher.example '
sent "a domain alone needs nothing of the server"
check "sender and recipient are in punycode" grep -qF 'MAIL FROM:<club@xn--bcher-kva.example>' "$SCRIPT_LOG"
unheard "without SMTPUTF8" '.*SMTPUTF8'
letter --from hélène@example.be
check "a sender beyond ASCII is refused, as by Symfony" grep -q 'error job: Invalid sender "hélène@example.be": non-ASCII' <<<"$OUT"

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
script
app_with
sed -i 's/v12.72.0/v8.83.29/' "$TMP/app/composer.lock"
letter --app "$TMP/app" --count 102
equals "Laravel 8's mailer neither ends nor tests one" \
    "$(script_taken) mails, $(sessions) sessions, $(grep -c NOOP "$SCRIPT_LOG") tests" "102 mails, 1 sessions, 0 tests"
script "noop=close"
app_with '"ping_threshold" => 0,'
letter --app "$TMP/app" --count 3
equals "one that does not answer is opened anew" "$(script_taken) mails, $(sessions) sessions" "3 mails, 3 sessions"
