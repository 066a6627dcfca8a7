#!/bin/bash
# mail_servers.sh: letters through real mail servers, Postfix and Exim, with the habits that
# such servers have: TLS and logins required, limits of size, rate and connections, greylisting,
# a session's number of mails, short times. Nothing is lost, nothing doubled.
. test/lib/servers.sh
. test/lib/work.sh
. test/lib/mailservers.sh
tmpdir
trap 'mailservers_stop; cleanup' EXIT
mailservers_or_skip "letters through Postfix and Exim"
FACTEUR=$PWD/build/release/facteur

mariadb_start "$TMP/db"
schema
people 200

# config LINE...: the mailer's entry, with these lines more.
config() {
    rm -rf "$TMP/app"
    app_make "$TMP/app" "MAIL_PASSWORD=geheim 42"
    sed -i 's/^MAIL_PASSWORD=.*/MAIL_PASSWORD="geheim 42"/' "$APP/.env"
    printf '%s\n' '<?php return ["default" => "smtp", "from" => ["address" => "club@example.test"],' \
        '"mailers" => ["smtp" => ["transport" => "smtp", "host" => "localhost",' "\"port\" => $SMTP_PORT," \
        "$@" ']]];' >"$APP/config/mail.php"
    sql "delete from jobs; delete from failed_jobs; delete from volunteer_letter_sends"
}
letters() { facteur letter:dispatch 1 $(seq "$1") >"$TMP/out"; }
work() { timeout 300 "$FACTEUR" --app="$APP" queue:work --memory=2048 --stop-when-empty --sleep=0 --tries=3 "$@" >"$TMP/out" 2>&1 </dev/null; }

# all_once NAME N MAILS-COMMAND: N letters came, each once, and the rows say so.
all_once() {
    equals "$1: each letter came once" "$($3 | sort | uniq -c | awk '{ print $1 }' | sort | uniq -c | tr -s ' ')" " $2 1"
    equals "$1: the rows say so" "$(sql "select count(*) from volunteer_letter_sends where status = 'sent'") $(sql "select count(*) from failed_jobs") $(jobs_count)" "$2 0 0"
    note "$(sql "select count(*) from volunteer_letter_sends where status = 'failed'") attempts were refused"
}
postfix_once() {
    eventually 60 postfix_all "$2"
    all_once "$1" "$2" postfix_mails
}

# === Postfix ===

new=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
mkdir "$TMP/ca"
openssl req -x509 "${new[@]}" -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -keyout "$TMP/ca/key" -out "$TMP/ca/pem" 2>/dev/null
postfix_start "$TMP/postfix" "smtpd_tls_security_level = encrypt" "smtpd_tls_cert_file = $TMP/ca/pem" \
    "smtpd_tls_key_file = $TMP/ca/key" "smtpd_tls_received_header = yes"
config
letters 200
SSL_CERT_FILE=$TMP/ca/pem work --workers=2
postfix_once "STARTTLS required, 200 letters, two slots" 200
equals "all of them encrypted" "$(cat "$POSTFIX_DIR"/box/new/* | grep -c 'using TLSv1')" 200
config '"auto_tls" => false,'
letters 1
work
equals "without STARTTLS Postfix's words are told" "$(sql "select count(*) from failed_jobs where exception like '%530 5.7.0 Must issue a STARTTLS command first%'")" 1

postfix_start "$TMP/postfix" "smtpd_client_message_rate_limit = 10"
config
letters 60
work --workers=2
postfix_once "ten mails in two seconds" 60
postfix_start "$TMP/postfix" "smtpd_client_connection_count_limit = 1"
config
letters 40
work --workers=2
postfix_once "one connection" 40
postfix_start "$TMP/postfix" "message_size_limit = 5000"
config
letters 1
work
equals "a letter that is too large is refused before it is sent" "$(sql "select count(*) from failed_jobs where exception like '%552 5.3.4 Message size exceeds fixed limit%'")" 1

# A policy server that greylists: the first time a recipient is told to come again.
/usr/bin/python3 - "$TMP/policy" <<'PY' &
import socketserver, sys
seen = set()
class Policy(socketserver.StreamRequestHandler):
    def handle(self):
        asked = {}
        for line in self.rfile:
            key, _, value = line.decode().strip().partition("=")
            if key:
                asked[key] = value
                continue
            known = asked.get("recipient") in seen
            seen.add(asked.get("recipient"))
            self.wfile.write(b"action=dunno\n\n" if known else b"action=defer_if_permit Greylisted, come back later\n\n")
            asked = {}
server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Policy)
server.daemon_threads = True
open(sys.argv[1], "w").write(str(server.server_address[1]))
server.serve_forever()
PY
remember $!
eventually 20 test -s "$TMP/policy"
postfix_start "$TMP/postfix" \
    "smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:$(cat "$TMP/policy"), permit_mynetworks, reject"
config
letters 20
work --workers=2
postfix_once "greylisting" 20
equals "slows nobody down" "$(grep -c 'asks for less' "$LOG")" 0
postfix_start "$TMP/postfix" "smtpd_timeout = 1s"
config
letters 3
work --sleep=0
facteur letter:dispatch 1 4 >"$TMP/out"
sleep 1.5
work
postfix_once "a server that ends silent sessions after a second" 4

# === Exim ===

AUTHENTICATORS='cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${if eq{$auth1}{worker}{geheim 42}fail}
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${if and{{eq{$auth1}{worker}}{eq{$auth2}{geheim 42}}}}
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{worker}}{eq{$auth3}{geheim 42}}}}'
ACLS='  accept authenticated = *
  deny message = log in first'
exim_start "$TMP/exim" "smtp_accept_max_per_connection = 7" "smtp_receive_timeout = 2s"
config '"username" => "worker", "password" => env("MAIL_PASSWORD"),'
letters 200
work --workers=2
all_once "a login, seven mails a session, 200 letters, two slots" 200 exim_mails
check "by CRAM-MD5" grep -q ' A=cram ' "$EXIM_DIR/log/mainlog"
AUTHENTICATORS=${AUTHENTICATORS#*fail\}}
exim_start "$TMP/exim"
config '"username" => "worker", "password" => env("MAIL_PASSWORD"),'
letters 3
work
all_once "LOGIN and PLAIN" 3 exim_mails
check "LOGIN comes first" grep -q ' A=login ' "$EXIM_DIR/log/mainlog"
config '"username" => "worker", "password" => "wrong",'
letters 1
work --tries=1
equals "a wrong password: each way and its answer" "$(sql "select count(*) from failed_jobs where exception like '%authenticators: \"LOGIN\", \"PLAIN\". Authenticator \"LOGIN\" returned%535 Incorrect authentication data%PLAIN\" returned%535 Incorrect authentication data%'")" 1
