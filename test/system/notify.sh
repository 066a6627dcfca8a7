#!/bin/bash
# notify.sh: what systemd is told (Type=notify), by a datagram socket in its place: ready, what is done, the end,
# a sign of life; and that programs which are started know nothing of it. Then the unit that is shipped.
. test/lib/servers.sh
. test/lib/app.sh
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" || exit 1
app_schema && app_new "$TMP/app" || exit 1

# listen SOCKET: $SAID gets what comes to it.
listen() {
    [ -z "${LISTENER:-}" ] || { end_process "$LISTENER"; forget "$LISTENER"; }
    SAID=$TMP/said.$RANDOM
    test/lib/notified.py "$1" "$SAID" &
    LISTENER=$!
    remember $LISTENER
    eventually 10 grep -q LISTENING "$SAID" || not_ok "the listener listens"
}
said() { grep -qE "^[0-9.]+ $1" "$SAID"; }

# work VARIABLE=VALUE... -- OPTION...: a worker with these in its environment; $WORKER.
work() {
    local variables=()
    while [ "$1" != -- ]; do variables+=("$1"); shift; done
    shift
    (cd "$APP" && exec env -u DB_SOCKET -u DB_PORT "${variables[@]}" "$FACTEUR" queue:work --sleep=0.1 "$@") >"$TMP/out" 2>&1 &
    WORKER=$!
    remember $WORKER
}
stop() { kill -TERM "$WORKER"; wait "$WORKER"; STATUS=$?; forget "$WORKER"; }

# === ready, busy, over ===

cat >"$TMP/sendmail" <<'S'
#!/bin/sh
env | grep -E '^(NOTIFY_SOCKET|WATCHDOG_)' >"$0.env"
cat >"$0.eml"
sleep 1.5
S
chmod +x "$TMP/sendmail"
app_env MAIL_MAILER=sendmail MAIL_SENDMAIL_PATH="'$TMP/sendmail -t -i'"
socket=$(mktemp -u /tmp/facteur-notify.XXXXXX)
listen "$socket"
work NOTIFY_SOCKET="$socket" WATCHDOG_USEC=1000000 -- --workers=2
check "it says when it is ready" eventually 20 said 'READY=1$'
check "and how many slots there are" eventually 5 said 'STATUS=0 of 2 slots at work, 0 jobs taken'
facteur letter:dispatch 1 1 >/dev/null
check "that one is at work" eventually 10 said 'STATUS=1 of 2 slots at work'
check "that it is done" eventually 10 said 'STATUS=0 of 2 slots at work, 1 jobs taken'
check "a mail program was started" test -s "$TMP/sendmail.eml"
equals "which knows nothing of systemd's variables" "$(cat "$TMP/sendmail.env")" ""
kill -USR2 "$WORKER"
check "a pause" eventually 5 said 'STATUS=Paused'
kill -CONT "$WORKER"
facteur letter:dispatch 1 2 >/dev/null
: >"$TMP/sendmail.eml"
eventually 10 test -s "$TMP/sendmail.eml"
kill -TERM "$WORKER"
check "that it stops" eventually 1 said 'STOPPING=1$'
check "and waits for one" eventually 2 said 'STATUS=Stopping: 1 at work'
wait "$WORKER"
equals "it ends with 0" $? 0
forget "$WORKER"
equals "both were told once" "$(grep -cE ' (READY|STOPPING)=1$' "$SAID")" 2

# === a sign of life ===

signs() { grep -c ' WATCHDOG=1$' "$SAID"; }
equals "one comes at half the time" "$(awk '/WATCHDOG=1/ { if (last && $1 - last > 0.95) late++; if (last && $1 - last < 0.4) early++; last = $1; n++ }
    END { print late + 0, early + 0, (n > 4) }' "$SAID")" "0 0 1"
listen "@facteur-notify-$$"
work NOTIFY_SOCKET="@facteur-notify-$$" WATCHDOG_USEC=400000 WATCHDOG_PID=1 -- --workers=2
check "an abstract name is understood" eventually 20 said 'READY=1$'
sleep 1
equals "a watchdog of another process is not fed" "$(signs)" 0
stop
listen "$socket.2"
work NOTIFY_SOCKET="$socket.2" WATCHDOG_USEC=400000 -- --workers=2
eventually 20 said WATCHDOG=1
# No slot stays alive: each is killed as soon as it is there.
end=$((SECONDS + 6))
before=
while [ $SECONDS -lt $end ]; do
    for pid in $(pgrep -P "$WORKER"); do kill -KILL "$pid"; done
    [ $SECONDS -lt $((end - 3)) ] || [ -n "$before" ] || before=$(signs)
    sleep 0.02
done 2>/dev/null
equals "a worker whose slots die as soon as they begin gives none" "$(($(signs) - before))" 0
more() { [ "$(signs)" -gt "$before" ]; }
check "once they live it does again" eventually 40 more
kill -STOP "$WORKER"
sleep 0.3
before=$(signs)
sleep 1
equals "a master that stands still gives none" "$(signs)" "$before"
kill -CONT "$WORKER"
check "until it goes on" eventually 5 more
stop
equals "it ended with 0" $STATUS 0
rm -f "$socket" "$socket.2"

# === what cannot be used ===

work NOTIFY_SOCKET=nonsense -- --stop-when-empty
wait "$WORKER"
equals "a name that is none does not keep it from working" $? 0
forget "$WORKER"
check "and is told" grep -q 'NOTIFY_SOCKET is "nonsense", expected a path or @name' "$TMP/out"
work NOTIFY_SOCKET="$TMP/nobody" -- --stop-when-empty
wait "$WORKER"
equals "nor does one where nobody listens" $? 0
forget "$WORKER"

# === the unit ===

if ! command -v systemd-analyze >/dev/null; then
    skip "the unit" "systemd-analyze is not installed"
    exit "$((TAP_FAILED > 0))"
fi
mkdir -p "$TMP/units"
sed "s|/usr/local/bin/facteur|$FACTEUR|" systemd/facteur.service >"$TMP/units/facteur.service"
equals "systemd-analyze has nothing against the unit" "$(systemd-analyze verify --man=no "$TMP/units/facteur.service" 2>&1)" ""
security=$(systemd-analyze security --offline=true --threshold=30 "$TMP/units/facteur.service" 2>&1)
equals "nor has its look at what a break-in could reach: at most 3.0" $? 0
note "$(tail -1 <<<"$security")"
exit "$((TAP_FAILED > 0))"
