# shellcheck shell=bash
# mail.sh: what the tests of the mail transports source: one mail by build/asan/mail_send,
# and what it said.
. test/lib/servers.sh
[ -x build/asan/mail_send ] || { echo "make build=asan tools comes first" >&2; exit 1; }

# letter OPTION...: sends with mail_send; $OUT is what it said, $TOOK how many ms.
letter() {
    local t0
    t0=$(date +%s%3N)
    OUT=$(build/asan/mail_send --port "$SMTP_PORT" "$@" 2>&1)
    TOOK=$(($(date +%s%3N) - t0))
    if grep -q 'Sanitizer' <<<"$OUT"; then not_ok "no memory error" "$OUT"; fi
}

# said NAME TEXT: the output is "error job: " and the text, the server's port left out.
said() { equals "$1" "$(sed "s/:$SMTP_PORT//g; /^thrown /d; s/\r$//" <<<"$OUT")" "error job: $2"; }

# thrown NAME TEXT: class, code and step of the exception.
thrown() { equals "$1" "$(sed -n "s/:$SMTP_PORT//; s/^thrown Facteur.//p" <<<"$OUT")" "$2"; }

# within NAME FROM TO: it took that many milliseconds.
within() {
    if [ "$TOOK" -ge "$2" ] && [ "$TOOK" -le "$3" ]; then ok "$1"; else not_ok "$1" "$TOOK ms"; fi
}

sent() { check "$1" grep -q '^sent' <<<"$OUT"; }
