# shellcheck shell=bash
# common.sh: what benchmarks of whole letters share; sourced after $LETTERS is set, from the
# repository's root. A private MariaDB with durable commits, and a mail server that only counts
# (smtpsink).
FACTEUR=${FACTEUR:-$PWD/build/release/facteur}
. test/lib/servers.sh
. test/lib/app.sh
SINK=build/release/smtpsink
for program in "$FACTEUR" $SINK; do
    [ -x "$program" ] || { echo "bench: $program is missing: make bench builds it" >&2; exit 1; }
done
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" || exit 1 # for the mails whose sizes are told
CATCHER_PORT=$SMTP_PORT
$SINK >"$TMP/sink" &
sink=$!
remember $sink
eventually 5 grep -q '^ready ' "$TMP/sink" || { echo "bench: $SINK did not start" >&2; exit 1; }
SINK_PORT=$(cut -d' ' -f2 "$TMP/sink")
app_schema --teachers=$((LETTERS + 3)) && app_new "$TMP/app" || exit 1
sql 'delete from teachers where id in (4, 5, 6)' # those that cannot be sent

# fill COUNT: letters on an empty queue, all to the mail server of this port.
fill() {
    app_reset
    app_env "MAIL_PORT=$2"
    # shellcheck disable=SC2046 # many words
    facteur letter:dispatch 1 $(sql "select id from teachers order by id limit $1") >/dev/null
}

# measured COUNT PROCESSES COMMAND...: sets RATE (letters a second), CPU (ms a letter), RSS (MB).
measured() {
    local count=$1 wall cpu rss status sent
    shift
    (cd "$APP" && clean "$OLDPWD/test/bench/measure.py" "$TMP/measured" "$@") || exit 1
    read -r wall cpu rss status <"$TMP/measured"
    sent=$(sql "select count(*) from volunteer_letter_sends where status='sent'")
    if [ "$status" != 0 ] || [ "$sent" != "$count" ]; then
        echo "bench: $sent of $count letters were sent, status $status: $*" >&2
        exit 1
    fi
    RATE=$(awk -v n="$count" -v s="$wall" 'BEGIN { printf "%.1f", n / s }')
    CPU=$(awk -v n="$count" -v s="$cpu" 'BEGIN { printf "%.2f", 1000 * s / n }')
    RSS=$(awk -v k="$rss" 'BEGIN { printf "%.0f", k / 1024 }')
}
times() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", a / b }'; }
