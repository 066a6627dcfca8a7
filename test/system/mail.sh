#!/bin/bash
# The transports smtp and sendmail against real conversations: TLS, logins, refusals,
# silence, sessions that end, and what must never be in an error text.
. test/lib/mail.sh
trap cleanup EXIT
tmpdir

# catch OPTION...: a fresh catcher; the mails of the last one are gone.
catch() {
    if [ -n "${SMTP_PID:-}" ]; then smtp_stop; fi
    rm -rf "$TMP/mails" && mkdir "$TMP/mails"
    smtp_start "$TMP/smtp" --dir="$TMP/mails" --ca-dir="$TMP/ca" "$@" || exit 1
}

stats() { curl -s --noproxy '*' "http://127.0.0.1:$SMTP_HTTP_PORT/stats"; }
messages() { curl -s --noproxy '*' "http://127.0.0.1:$SMTP_HTTP_PORT/messages"; }
counts() { equals "$1" "$(stats)" "{\"messages\": $2, \"sessions\": $3}"; }

# === one mail, several mails ===

catch
letter --subject 'Note à signer' --attach 'Lettre été.pdf=abc'
sent "a mail goes out in clear text where the server has no TLS"
build/asan/mail_send --print --subject 'Note à signer' --attach 'Lettre été.pdf=abc' >"$TMP/printed"
check "the server gets the very bytes, dots at line starts too" cmp "$TMP/printed" "$TMP/mails/000001.eml"
check "Python's strict parser reads it" /usr/bin/python3 - "$TMP/mails/000001.eml" <<'PY'
import email, email.policy, sys
m = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.strict)
assert m["subject"] == "Note à signer", m["subject"]
assert m["from"].addresses[0].addr_spec == "sender@example.be"
html = m.get_body().get_content().replace("\r\n", "\n")
assert html == "<p>été</p>\n.\n..dots\n", repr(html)
a = list(m.iter_attachments())
assert len(a) == 1 and a[0].get_filename() == "Lettre été.pdf" and a[0].get_content() == b"abc"
PY
check "the envelope is sender and recipient" grep -q '"sender": "sender@example.be", "to": \["marie@example.be"\]' <<<"$(messages)"

catch
letter --count 3 --ehlo worker.example.be
counts "three mails take one session" 3 1
check "EHLO says the configured name" grep -q '"ehlo": "worker.example.be"' <<<"$(messages)"

catch
letter --count 2 --pause 3300
counts "a session that was silent for three seconds is not used again" 2 2

catch --drop-after 1
letter --count 3 --pause 200
counts "a session that the server cut is opened anew" 3 3

catch --drop-after 2 --drop-at mail
letter --count 3
counts "a session that dies at MAIL FROM is opened anew" 3 2

catch --drop-after 1 --drop-at 421
letter --count 3
counts "a session of which the server had enough is opened anew" 3 3

# === refusals ===

catch --refuse nobody@example.be --defer later@example.be
letter --to nobody@example.be --count 2 --keep-on
text=$'550-5.1.1 <nobody@example.be>: Recipient address rejected:\n550 5.1.1 User unknown in virtual mailbox table'
equals "550 comes with the server's own words, all lines, each time" \
    "$(tr -d '\r' <<<"$OUT" | grep -v ^thrown | sort | uniq -c | sed 's/^ *//')" "$(sort <<<"2 error job: Expected response code \"250/251/252\" but got code \"550\", with message \"${text/$'\n'/$'\n2 '}\".")"
letter --to nobody@example.be
thrown "and the trace says to what" "UnexpectedResponseException 550 SMTP 127.0.0.1: RCPT TO"
letter --to nobody@example.be --swift
said "in Laravel 8 as Swift Mailer would" $'Expected response code 250/251/252 but got code "550", with message "'"$text"$'\n"'
thrown "who has one class for all" "TransportException 550 SMTP 127.0.0.1: RCPT TO"
letter --to later@example.be
said "451 too" 'Expected response code "250/251/252" but got code "451", with message "451 4.7.1 <later@example.be>: Greylisted, come back later".'
letter
sent "the next letter is not troubled"

catch --refuse-data '554 5.7.1 Message rejected as spam'
letter
said "a refusal after the message is told as one" 'Expected response code "250" but got code "554", with message "554 5.7.1 Message rejected as spam".'
thrown "and where" "UnexpectedResponseException 554 SMTP 127.0.0.1: the message"

catch
letter --to $'marie@example.be>\r\nRCPT TO:<other@example.be'
check "an address with line ends is refused" grep -q 'control character' <<<"$OUT"
counts "and nobody is asked" 0 0
letter --subject $'Club\r\nBcc: other@example.be' --from-name $'Evil\nX-Added: 1' --attach $'a\r\nX-Added: 1=b'
sent "line ends in names do not stop a mail"
equals "nor add a header" "$(grep -c '^\(Bcc\|X-Added\)' "$TMP/mails/000001.eml")" 0

# === nobody, or nobody who speaks ===

smtp_stop
letter
refused='127.0.0.1: stream_socket_client(): Unable to connect to 127.0.0.1 (Connection refused)'
said "a dead server" "Connection could not be established with host \"${refused/: /\": }"
thrown "is no answer" "TransportException 0 SMTP 127.0.0.1: the connection"
letter --swift
said "a dead server in Laravel 8" "Connection could not be established with host ${refused/: / :}"
letter --tls tls
check "with TLS it has the name that PHP gives it" grep -qF "host \"ssl://127.0.0.1:$SMTP_PORT\"" <<<"$OUT"
letter --host no-such-host.invalid --timeout 10
check "a host without an address is named" grep -q 'no-such-host.invalid.*\(resolve\|no answer\)' <<<"$OUT"
SMTP_PID=

# A queue of connections that is full answers nobody.
/usr/bin/python3 - >"$TMP/full" <<'PY' &
import socket, time
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(0)
clients = [socket.socket() for _ in range(4)]
for c in clients:
    c.setblocking(False)
    c.connect_ex(s.getsockname())
print(s.getsockname()[1], flush=True)
time.sleep(60)
PY
full=$!
remember $full
eventually 5 test -s "$TMP/full"
SMTP_PORT=$(cat "$TMP/full")
letter --timeout 1
text=${refused/: /\": }
said "one that does not accept" "Connection could not be established with host \"${text/refused/timed out}"
end_process $full
forget $full

catch --hang greeting
letter --timeout 1
said "a server that never greets" 'Connection to "127.0.0.1" timed out.'
within "is left after the timeout" 900 4000
catch --hang mail
letter --timeout 1
said "one that falls silent" 'Connection to "127.0.0.1" timed out.'
thrown "at MAIL FROM" "TransportException 0 SMTP 127.0.0.1: MAIL FROM"
letter --timeout 1 --swift
said "in Laravel 8" 'Connection to 127.0.0.1 Timed Out'
catch --hang data
letter --timeout 1 --patience 2
said "one that never confirms" 'Connection to "127.0.0.1" timed out.'
thrown "the message" "TransportException 0 SMTP 127.0.0.1: the message"
within "is waited for longer than for other replies, and left in the end" 1900 9000
letter --timeout 1 --patience 2 --stop-after 500
said "a message that is handed over is waited for" 'Connection to "127.0.0.1" timed out.'
catch --hang mail
letter --timeout 60 --stop-after 500
said "sending stops before that, when the worker says so" "SMTP 127.0.0.1: stopped while waiting (at MAIL FROM)"
within "within a second or so" 400 4000

# === TLS ===

catch --tls starttls
letter --ca "$TMP/ca/ca.pem" --host localhost
sent "STARTTLS is used where it is offered"
check "the mail came encrypted" grep -q '"tls": true' <<<"$(messages)"
letter --ca "$TMP/ca/ca.pem" --tls required
sent "required STARTTLS"
letter
check "an unknown authority is refused" grep -q 'certificate' <<<"$OUT"
letter --no-verify
sent "unless the app's config says so"
counts "nothing went out by the refused session" 3 4

mkdir -p "$TMP/certs" "$TMP/tls-app/config"
cp "$TMP/ca/ca.pem" "$TMP/certs/" && openssl rehash "$TMP/certs"
echo '{"packages":[{"name":"laravel/framework","version":"v12.72.0"}]}' >"$TMP/tls-app/composer.lock"
touch "$TMP/tls-app/artisan"
cat >"$TMP/tls-app/config/mail.php" <<PHP
<?php
return ['default' => 'smtp', 'from' => ['address' => 'club@example.be'],
    'mailers' => ['smtp' => ['transport' => 'smtp', 'host' => 'localhost', 'port' => $SMTP_PORT]]];
PHP
letter --app "$TMP/tls-app"
check "the system's authorities do not know the server's" grep -q 'certificate' <<<"$OUT"
SSL_CERT_DIR=$TMP/nowhere:$TMP/certs letter --app "$TMP/tls-app"
sent "those of SSL_CERT_DIR do"

catch --tls ssl
letter --tls tls --ca "$TMP/ca/ca.pem" --count 2
sent "TLS from the start"
counts "its session is kept as well" 2 1
letter --tls tls
check "an unknown authority is refused there, too" grep -q 'certificate' <<<"$OUT"
cp "$TMP/ca/ca.pem" "$TMP/old.pem"

catch --tls ssl
letter --tls tls --ca "$TMP/old.pem"
check "the wrong authority is refused" grep -q 'certificate' <<<"$OUT"

catch --tls ssl --host 127.0.0.2
letter --tls tls --host 127.0.0.2 --ca "$TMP/ca/ca.pem"
check "a certificate for another host is refused" grep -q '127.0.0.2' <<<"$OUT"
equals "and nothing was sent" "$(ls "$TMP/mails")" ""

catch
letter --tls required
check "without an offer, required STARTTLS fails" grep -q 'error job: SMTP.*STARTTLS\|error job: SMTP.*TLS' <<<"$OUT"
counts "and nothing was sent in clear text" 0 1

export MAIL_TEST_PASSWORD='geheim & "süß" 42'
catch --tls broken --auth "worker:$MAIL_TEST_PASSWORD"
letter --user worker
said "a STARTTLS that is offered and then refused ends the session" \
    'Expected response code "220" but got code "454", with message "454 4.7.0 TLS not available due to temporary reason".'
counts "before anything was said in clear text" 0 1

# === logins ===

catch --auth "worker:$MAIL_TEST_PASSWORD" --auth-only LOGIN
letter --user worker
sent "AUTH LOGIN"
catch --auth "worker:$MAIL_TEST_PASSWORD" --auth-only PLAIN
letter --user worker
sent "AUTH PLAIN"
check "the mail came after a login" grep -q '"auth": true' <<<"$(messages)"

HOME=$TMP
echo "machine 127.0.0.1 login worker password \"$MAIL_TEST_PASSWORD\"" >"$TMP/.netrc"
export HOME
letter
check "without a user name there is no login, whatever ~/.netrc says" grep -q 'UnexpectedResponseException 530 .*: MAIL FROM' <<<"$OUT"
rm "$TMP/.netrc"

catch --auth "worker:another" --tls starttls
letter --user worker --ca "$TMP/ca/ca.pem"
answered='returned "Expected response code "235" but got code "535", with message "535 5.7.8'
using='Failed to authenticate on SMTP server with username "worker" using the following authenticators:'
said "a wrong password is told in the words of Symfony" \
    "$using \"LOGIN\", \"PLAIN\". Authenticator \"LOGIN\" $answered Authentication credentials invalid\".\". Authenticator \"PLAIN\" $answered Authentication credentials invalid\".\"."
export MAIL_TEST_PASSWORD='geheim 42'
catch --auth "worker:another" --echo
letter --user worker
said "a server that repeats the password is not believed" \
    "$using \"LOGIN\", \"PLAIN\". Authenticator \"LOGIN\" $answered worker *** is wrong\".\". Authenticator \"PLAIN\" $answered worker *** is wrong\".\"."
check "the password is nowhere" bash -c '! grep -qF "geheim" "$1" <<<"$0"' "$OUT" -

# === the environment has no say ===

catch
export all_proxy=socks5://127.0.0.1:1 ALL_PROXY=socks5://127.0.0.1:1 smtp_proxy=http://127.0.0.1:1
letter
sent "a proxy of the environment is not used"
unset all_proxy ALL_PROXY smtp_proxy

# === sendmail ===

cat >"$TMP/send mail" <<'SH'
#!/bin/bash
printf '%s\n' "$@" >"$(dirname "$0")/argv"
cat >"$(dirname "$0")/stdin"
case $(cat "$(dirname "$0")/mode" 2>/dev/null) in
fail) echo "postdrop: queue is full" >&2; exit 75 ;;
hang) exec sleep 60 ;;
kill) kill -9 $$ ;;
esac
SH
chmod +x "$TMP/send mail"
letter --transport sendmail --sendmail "'$TMP/send mail' -t -i"
sent "sendmail -t"
equals "it is told sender and recipient" "$(paste -sd' ' "$TMP/argv")" "-i -fsender@example.be -- marie@example.be"
build/asan/mail_send --print | tr -d '\r' >"$TMP/printed"
check "it gets the mail with the line ends of the system" cmp "$TMP/printed" "$TMP/stdin"
letter --transport sendmail --sendmail "\"$TMP/send mail\" -t -fbounce@example.be" --to '"a b;$(touch x)"@example.be'
equals "an address is one argument, and a sender of the command stays" "$(paste -sd'|' "$TMP/argv")" \
    '-fbounce@example.be|--|"a b;$(touch x)"@example.be'
echo fail >"$TMP/mode"
letter --transport sendmail --sendmail "'$TMP/send mail' -t"
said "its exit status and words are the error" "$TMP/send mail ended with status 75: postdrop: queue is full"
echo kill >"$TMP/mode"
letter --transport sendmail --sendmail "'$TMP/send mail' -t"
said "a signal counts as one" "$TMP/send mail ended with status 137"
echo hang >"$TMP/mode"
letter --transport sendmail --sendmail "'$TMP/send mail' -t" --patience 1
said "one that does not end is ended" "$TMP/send mail: the program did not end in time"
letter --transport sendmail --sendmail "'$TMP/send mail' -t" --timeout 60 --stop-after 300
said "or stopped by the worker" "$TMP/send mail: the program was stopped"
letter --transport sendmail --sendmail "$TMP/nowhere -t"
said "one that is not there" "$TMP/nowhere cannot be run: No such file or directory"
for shell in "; touch $TMP/shell" "| cat" "\$(touch $TMP/shell)" "> $TMP/shell" '`id`' '"$HOME"'; do
    letter --transport sendmail --sendmail "/bin/true -t $shell"
    check "no shell: $shell" grep -q '^error unsupported: .*needs a shell' <<<"$OUT"
done
equals "none was run" "$(ls "$TMP/shell" 2>/dev/null)" ""

export MAIL_STDIO_LOG=$TMP/stdio.log
letter --transport sendmail --sendmail "$PWD/test/system/mail_stdio.py -bs -i" --count 2
equals "sendmail -bs speaks SMTP on its input" "$(grep -c '^sent' <<<"$OUT")" 2
equals "a process for each mail, with the command's own arguments" "$(grep -c "^argv \['-bs', '-i'\]$" "$TMP/stdio.log")" 2
check "sender and recipient are in the conversation" grep -q '^RCPT TO:<marie@example.be>' "$TMP/stdio.log"
check "it is ended politely" grep -q '^QUIT' "$TMP/stdio.log"
export MAIL_STDIO_MODE=slow
letter --transport sendmail --sendmail "$PWD/test/system/mail_stdio.py -bs -i" --count 3
equals "one that is slow to end" "$(grep -c '^sent' <<<"$OUT")" 3
check "is not waited for by the next mail" awk '/^sent/ { if ($4 > 2500) exit 1 }' <<<"$OUT"
equals "but at the end: each ends by itself" "$(grep -c '^ended' "$TMP/stdio.log")" 3
export MAIL_STDIO_MODE=refuse
letter --transport sendmail --sendmail "$PWD/test/system/mail_stdio.py -bs"
said "its refusal is told" 'Expected response code "250/251/252" but got code "550", with message "550 5.1.1 no such user".'
export MAIL_STDIO_MODE=die
letter --transport sendmail --sendmail "$PWD/test/system/mail_stdio.py -bs"
said "its death, too" "$PWD/test/system/mail_stdio.py ended with status 75: the mail queue is full: Connection to \"process $PWD/test/system/mail_stdio.py -bs\" has been closed unexpectedly."

letter --transport array --count 3
equals "array takes them all" "$(grep -c '^sent' <<<"$OUT")" 3

# === what config/mail.php says of addresses ===

catch
mkdir -p "$TMP/app/config"
echo '{"packages":[{"name":"laravel/framework","version":"v12.72.0"}]}' >"$TMP/app/composer.lock"
touch "$TMP/app/artisan"
cat >"$TMP/app/config/mail.php" <<PHP
<?php
return [
    'default' => 'smtp',
    'mailers' => ['smtp' => ['transport' => 'smtp', 'url' => 'smtp://127.0.0.1:$SMTP_PORT?timeout=5']],
    'from' => ['address' => 'club@example.be', 'name' => 'Les Hérons'],
    'reply_to' => ['address' => 'office@example.be', 'name' => null],
    'to' => ['address' => 'developer@example.be', 'name' => 'Dev'],
    'return_path' => ['address' => 'bounce@example.be', 'name' => null],
];
PHP
letter --app "$TMP/app" --to marie@example.be
sent "by the app's own config"
check "mail.to gets every mail, mail.return_path its bounces" \
    grep -q '"sender": "bounce@example.be", "to": \["developer@example.be"\]' <<<"$(messages)"
equals "the headers say so" "$(grep -E '^(From|Reply-To|To|X-To): ' "$TMP/mails/000001.eml" | tr -d '\r' | paste -sd'|')" \
    "From: =?utf-8?Q?Les_H=C3=A9rons?= <club@example.be>|Reply-To: office@example.be|To: Dev <developer@example.be>|X-To: marie@example.be"
