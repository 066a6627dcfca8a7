#!/bin/bash
# php_chaos.sh: jobs of every kind in PHP while everything around them breaks, by chance: slots, PHP, what it has
# started, masters, the database and its answers, and jobs that crash, hang, leak and lock by themselves. At the end the
# runs of each are held against its attempts.
#
#   PHP_CHAOS_SEED=N     the same cruelties in the same order
#   PHP_CHAOS_SECONDS=20 how long everything breaks
#   PHP_CHAOS_EACH=25    so many jobs of each kind
. test/lib/servers.sh
. test/lib/work.sh
. test/lib/app.sh
. test/lib/drain.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
SEED=${PHP_CHAOS_SEED:-$RANDOM}
EACH=${PHP_CHAOS_EACH:-25}
note "PHP_CHAOS_SEED=$SEED PHP_CHAOS_SECONDS=${PHP_CHAOS_SECONDS:-20} PHP_CHAOS_EACH=$EACH"
RANDOM=$SEED
DB_OPTIONS=(--innodb-lock-wait-timeout=2)
mariadb_start "$TMP/db" "${DB_OPTIONS[@]}" || exit 1
PORT=$DB_PORT
smtp_start "$TMP/smtp" --dir="$TMP/mails" || exit 1
export DRAIN_USLEEP=200000 DRAIN_SLEEP=300.$$
drain_app "$TMP/app" DB_QUEUE_RETRY_AFTER=8 || exit 1
drain_fill "$EACH" && (cd "$APP" && clean php cruel.php $((EACH / 4 + 1))) || exit 1
proxy_start

# === masters ===

MASTERS=(0 0)
master_start() { # WHICH
    (cd "$APP" && exec env -u DB_SOCKET -u DB_PORT -u SMTP_PORT -u SMTP_HTTP_PORT setsid "$FACTEUR" queue:work \
        --php=auto --memory=2048 --workers=2 --sleep=0.2 --timeout=6 --tries=60 --backoff=1) \
        >>"$TMP/master$1.log" 2>&1 </dev/null &
    MASTERS[$1]=$!
    remember $!
}
master_gone() { # WHICH: it has ended or was killed
    wait "${MASTERS[$1]}" 2>/dev/null
    forget "${MASTERS[$1]}"
}
children() { local pid; for pid; do pgrep -P "$pid"; done; }
slots() { children "${MASTERS[which]}"; }
# shellcheck disable=SC2046
phps() { children $(slots); }
# shellcheck disable=SC2046
grandchildren() { children $(phps); }

# === cruelties: each says how many jobs it may have cost an attempt ===

COST=0 LEFT=0
kill_one() { # of WHAT
    local pids
    mapfile -t pids < <($1)
    [ ${#pids[@]} -gt 0 ] && kill -9 "${pids[RANDOM % ${#pids[@]}]}" 2>/dev/null && COST=$((COST + 1))
}
kill_slot() { kill_one slots; }
kill_php() { kill_one phps; }
kill_grandchild() { kill_one grandchildren; }
kill_master() { # its slots finish what they hold
    kill -9 "${MASTERS[which]}"
    master_gone $which
    master_start $which
}
kill_tree() {
    kill -STOP "${MASTERS[which]}"
    # shellcheck disable=SC2046
    kill -9 $(slots) "${MASTERS[which]}" 2>/dev/null
    COST=$((COST + 2)) LEFT=$((LEFT + 2)) # what jobs had started has nobody who ends it, as under artisan
    master_gone $which
    master_start $which
}
stop_php() { # it goes on later, or its time is over
    local pid
    pid=$(phps | head -1)
    [ -n "$pid" ] || return
    kill -STOP "$pid" 2>/dev/null
    (sleep 3; kill -CONT "$pid" 2>/dev/null) &
    COST=$((COST + 1))
}
restart() {
    end_process "${MASTERS[which]}"
    forget "${MASTERS[which]}"
    master_start $which
}
# What the server does costs each job that is under way one attempt, and its own next one another while it is away.
of_server() { COST=$((COST + 4 * $1)); }
server_start() { mariadb_start "$TMP/db" "${DB_OPTIONS[@]}" --port="$PORT"; }
server_restart() {
    of_server 2
    mariadb_stop
    sleep 0.5
    server_start
}
server_crash() {
    of_server 2
    kill -9 "$DB_PID"
    wait "$DB_PID" 2>/dev/null
    forget "$DB_PID"
    server_start
}
end_sessions() {
    local id
    of_server 1
    for id in $(sql "select id from information_schema.processlist where user = 'app'"); do
        sql "kill $id" 2>/dev/null
    done
}
read_only() {
    of_server 3
    sql "set global read_only = 1"
    sleep 2
    sql "set global read_only = 0"
}
refuse_delete() {
    sql "delimiter //
         create or replace trigger refuses before delete on jobs for each row signal sqlstate '45000'//"
    sleep 1
    until sql "drop trigger refuses"; do sleep 0.3; done
}
lost_answer() { # the connection is cut, of whoever comes
    local ways=("- before =COMMIT" "- after =COMMIT" "- before delete from \`jobs\`" "- after delete from \`jobs\`"
        "- after insert into \`jobs\`" "- after set reserved_at")
    of_server 1
    echo "1 0 0 ${ways[RANDOM % ${#ways[@]}]}" >"$TMP/proxy/errors"
    sleep 0.5
    rm -f "$TMP/proxy/errors"
}
revive() {
    local which
    for which in 0 1; do
        kill -0 "${MASTERS[which]}" 2>/dev/null && continue
        master_gone $which
        master_start $which
    done
}
CRUELTIES=(kill_slot kill_slot kill_php kill_php kill_php kill_grandchild kill_grandchild kill_master kill_tree stop_php
    restart server_restart server_crash end_sessions read_only refuse_delete lost_answer lost_answer lost_answer lost_answer)

master_start 0
master_start 1
done_at=$((SECONDS + ${PHP_CHAOS_SECONDS:-20}))
happened=
while [ $SECONDS -lt $done_at ]; do
    revive
    sleep "0.$((RANDOM % 8 + 1))"
    which=$((RANDOM % 2))
    what=${CRUELTIES[RANDOM % ${#CRUELTIES[@]}]}
    happened+="$what "
    $what >/dev/null 2>&1
done
note "$(tr ' ' '\n' <<<"$happened" | grep . | sort | uniq -c | paste -sd, | tr -s ' ')"

# === peace ===

revive
check "when it is over, the queue becomes empty" eventually 120 drain_empty
family=$(for which in 0 1; do slots; phps; done)
for which in 0 1; do
    kill -TERM "${MASTERS[which]}"
    wait "${MASTERS[which]}"
    equals "master $which ends with 0" $? 0
    forget "${MASTERS[which]}"
done
none() { local p; for p in $family; do ! kill -0 "$p" 2>/dev/null || return 1; done; }
check "no process is left" eventually 10 none
started() { pgrep -fx "sleep $DRAIN_SLEEP"; }
few() { [ "$(started | wc -l)" -le $LEFT ] && ! pgrep -f "$TMP/app"; }
check "nor any that a job had started, but of those that were killed at once with their master" eventually 10 few
for pid in $(started); do kill "$pid"; done
facteur queue:work --php=auto --stop-when-empty --sleep=0 >/dev/null 2>&1
equals "nothing is left in the run folder" "$(find "$APP/storage/framework/facteur" -type f -not -path '*/opcache-*' | wc -l)" 0
drain_chaos_held $COST
check "no error of a sanitizer" bash -c "! grep -l Sanitizer '$TMP'/master?.log"
