#!/bin/bash
# chaos.sh: letters while everything around them breaks, by chance: at the end each was sent,
# once, or as often as can be told from its rows.
#
#   CHAOS_SEED=N       play one again (the cruelties and their order; not their moments)
#   CHAOS_SECONDS=20   how long everything breaks
#   CHAOS_LETTERS=200
#   CHAOS_FAULTS=N     go on until so many things were broken, however long that takes
#   FACTEUR=build/release/facteur   clocks step too, which ASan's build cannot have
. test/lib/servers.sh
. test/lib/work.sh
trap cleanup EXIT
tmpdir

SEED=${CHAOS_SEED:-$RANDOM}
LETTERS=${CHAOS_LETTERS:-200}
FAULTS=${CHAOS_FAULTS:-0}
note "CHAOS_SEED=$SEED CHAOS_SECONDS=${CHAOS_SECONDS:-20}"
RANDOM=$SEED
DB_OPTIONS=(--innodb-lock-wait-timeout=2)

mariadb_start "$TMP/db" "${DB_OPTIONS[@]}"
export -n DB_SOCKET DB_PORT
export FACTEUR_PACE_MAX_MS=200 # its mail server asks for less by chance, and at length
PORT=$DB_PORT
schema
book=$TMP/book
sink_start() {
    : >"$TMP/sink"
    test/lib/unruly_smtp.py "${SMTP_PORT:-0}" "$book" "$RANDOM" >"$TMP/sink" 2>"$TMP/sink.err" &
    SINK=$!
    remember $SINK
    eventually 10 grep -q ready "$TMP/sink"
    SMTP_PORT=$(cut -d' ' -f2 "$TMP/sink")
}
sink_stop() {
    kill -9 $SINK
    wait $SINK 2>/dev/null
    forget $SINK
}
sink_start
app_make "$TMP/app" DB_QUEUE_RETRY_AFTER=4
people 1
# letters FROM TO: every tenth must fail; no other may. They come whole, in one transaction.
letters() {
    local i
    {
        echo "begin;"
        for i in $(seq "$1" "$2"); do
            echo "replace into users (id, name, email, city, password, remember_token) values ($i, 'Zoë $i',
                  '$([ $((i % 10)) = 0 ] && echo refused || echo teacher)$i@example.test', 'Namur', 'hash-$i', 'token-$i');
                  insert ignore into teachers (id, user_id) values ($i, $i);
                  insert into jobs (queue, payload, attempts, reserved_at, available_at, created_at)
                  select 'default', replace(replace(payload, 'u-u-i-d', uuid()), 'i:$PATTERN;', 'i:$i;'), 0, null, 0, 0 from pattern;"
            [ $((i % 10)) != 0 ] || echo "update jobs set payload = json_set(payload, '\$.maxTries', 2) where id = last_insert_id();"
        done
        echo "commit;"
    } >"$TMP/letters.sql"
    # A COMMIT's answer may be lost with the server.
    until sql_file "$TMP/letters.sql" 2>/dev/null ||
        is 1 sql "select count(*) from users where id = $2" 2>/dev/null; do sleep 0.5; done
}
PATTERN=987654
sql "set foreign_key_checks = 0; insert into users (id, name, email, city, password, remember_token)
     values ($PATTERN, 'Zoë', 'pattern@example.test', 'Namur', 'hash', 'token');
     insert into teachers (id, user_id) values ($PATTERN, $PATTERN)"
facteur letter:dispatch 1 $PATTERN -q
sql "create table pattern as select json_set(payload, '\$.uuid', 'u-u-i-d', '\$.maxTries', 200, '\$.backoff', '1') as payload from jobs;
     delete from jobs"
letters 1 "$LETTERS"

# === masters ===

MASTERS=(0 0)
# A master's wall clock is what its file says ("+3600"), where the program can be lied to.
FAKETIME=/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1
if [[ $FACTEUR == *asan* ]] || [ ! -e "$FAKETIME" ]; then
    FAKETIME=
    note "SKIPPED: clocks do not step (an ASan build, or no libfaketime)"
fi
echo "+0" | tee "$TMP/clock0" >"$TMP/clock1"
master_start() { # WHICH
    LD_PRELOAD=$FAKETIME FAKETIME_TIMESTAMP_FILE=$TMP/clock$1 FAKETIME_NO_CACHE=1 \
        DONT_FAKE_MONOTONIC=1 FAKETIME_DONT_FAKE_MONOTONIC=1 \
        setsid "$FACTEUR" --app="$APP" queue:work --memory=2048 --workers=2 --sleep=0.2 --timeout=20 \
        >>"$TMP/master$1.out" 2>&1 </dev/null &
    MASTERS[$1]=$!
    remember $!
}
master_gone() { # WHICH: it has ended or was killed
    wait "${MASTERS[$1]}" 2>/dev/null
    forget "${MASTERS[$1]}"
}
any_slot() { # of WHICH
    local slots
    mapfile -t slots < <(pgrep -P "${MASTERS[$1]}")
    [ ${#slots[@]} -gt 0 ] && echo "${slots[RANDOM % ${#slots[@]}]}"
}

# === cruelties ===

kill_slot() {
    local slot
    slot=$(any_slot $which) && kill -9 "$slot" 2>/dev/null
}
kill_tree() {
    # shellcheck disable=SC2046
    kill -STOP "${MASTERS[which]}"
    kill -9 $(pgrep -P "${MASTERS[which]}") "${MASTERS[which]}" 2>/dev/null
    master_gone $which
    master_start $which
}
kill_master() { # its slots finish what they hold
    kill -9 "${MASTERS[which]}"
    master_gone $which
    master_start $which
}
restart() {
    end_process "${MASTERS[which]}"
    forget "${MASTERS[which]}"
    master_start $which
}
freeze() {
    local slot
    slot=$(any_slot $which) || return
    kill -STOP "$slot" 2>/dev/null
    (sleep 6; kill -CONT "$slot" 2>/dev/null) &
}
end_sessions() {
    local id
    for id in $(sql "select id from information_schema.processlist where user = 'app'"); do
        sql "kill $id" 2>/dev/null
    done
}
deadlock() {
    sql "begin; update volunteer_letter_sends set updated_at = updated_at where id % 2 = $((RANDOM % 2));
         select sleep(0.3); update jobs set available_at = available_at where id % 2 = 0; rollback" >/dev/null 2>&1 &
}
server_start() {
    mariadb_start "$TMP/db" "${DB_OPTIONS[@]}" --port="$PORT"
    export -n DB_SOCKET DB_PORT
}
server_restart() {
    mariadb_stop
    sleep 0.5
    server_start
}
server_crash() {
    kill -9 "$DB_PID"
    wait "$DB_PID" 2>/dev/null
    forget "$DB_PID"
    server_start
}
sink_restart() {
    sink_stop
    sleep 0.3
    sink_start
}
read_only() {
    sql "set global read_only = 1"
    sleep 2
    sql "set global read_only = 0"
}
# refusing TABLE EVENT: a trigger that refuses for a while.
refusing() {
    sql "delimiter //
         create or replace trigger refuses_$1 before $2 on $1 for each row signal sqlstate '45000'//" || return
    sleep 1.5
    until sql "drop trigger refuses_$1"; do # a server that is away has kept it
        sleep 0.5
    done
}
refuse_delete() { refusing jobs delete; }
refuse_failed() { refusing failed_jobs insert; }
# The disk with the run folder is full: what runs goes on, what starts ends and says why.
full_disk() {
    [ -n "$SMALL_DISK" ] || return 0
    dd if=/dev/zero of="$APP/storage/framework/filler" bs=4k 2>/dev/null
    sleep 1
    rm "$APP/storage/framework/filler"
}
clock_step() {
    [ -n "$FAKETIME" ] || return 0
    echo "+$((RANDOM % 2 * 3600))" >"$TMP/clock$which"
    sleep 1
    echo "+0" >"$TMP/clock$which"
}
# A master that could not start, or ended, is started again, as supervisor does.
revive() {
    local which
    for which in 0 1; do
        kill -0 "${MASTERS[which]}" 2>/dev/null && continue
        master_gone $which
        master_start $which
    done
}
CRUELTIES=(kill_slot kill_slot kill_slot kill_tree kill_tree kill_master restart freeze freeze
    end_sessions end_sessions deadlock deadlock deadlock server_restart server_crash sink_restart read_only refuse_delete refuse_delete refuse_failed
    full_disk clock_step clock_step)

SMALL_DISK=
if mount -t tmpfs -o size=1m,mode=0755 facteur-chaos "$APP/storage/framework" 2>/dev/null; then
    SMALL_DISK=1
    trap 'umount -l "$APP/storage/framework"; cleanup' EXIT
else
    note "SKIPPED: no disk is full (mounting is not allowed here)"
fi

# more: further letters, by the same rules.
more() {
    local from=$((LETTERS + 1))
    LETTERS=$((LETTERS + 100))
    letters $from $LETTERS
}
master_start 0
master_start 1
done_at=$((SECONDS + ${CHAOS_SECONDS:-20}))
number=0
while [ $SECONDS -lt $done_at ] || [ $number -lt $FAULTS ]; do
    number=$((number + 1))
    revive
    # There is always something to send.
    if [ $FAULTS -gt 0 ] && [ "$(jobs_count 2>/dev/null || echo 99)" -lt 20 ] 2>/dev/null; then
        more
    fi
    sleep "0.$((RANDOM % 8 + 1))"
    which=$((RANDOM % 2))
    what=${CRUELTIES[RANDOM % ${#CRUELTIES[@]}]}
    happened+="$what "
    $what 2>/dev/null
done
note "$(tr ' ' '\n' <<<"$happened" | grep . | sort | uniq -c | paste -sd, | tr -s ' ')"

# === peace ===

revive
# What was released by a clock that was ahead is due when that clock said, as Laravel's is.
[ -z "$FAKETIME" ] || sql "update jobs set available_at = unix_timestamp() where available_at > unix_timestamp() + 600"
check "when it is over, the queue becomes empty" eventually 360 is 0 jobs_count
for which in 0 1; do
    kill -TERM "${MASTERS[which]}"
    wait "${MASTERS[which]}"
    equals "master $which ends with 0" $? 0
    forget "${MASTERS[which]}"
done
eventually 20 test -z "$(pgrep -f "app=$APP")"
facteur queue:work --memory=2048 --stop-when-empty --sleep=0 >/dev/null 2>&1 </dev/null
equals "nothing is left in the run folder" "$(find "$APP/storage/framework/facteur" -type f | wc -l)" 0
equals "nor in the queue" "$(jobs_count)" 0
equals "those that must fail are in failed_jobs, once, and no other" \
    "$(sql "select count(*), count(distinct json_value(payload, '\$.uuid')), sum(exception like '%User unknown%' or exception like '%phase mail%' or exception like '%Phase: %') from failed_jobs" | tr '\t' ' ')" \
    "$((LETTERS / 10)) $((LETTERS / 10)) $((LETTERS / 10))"
equals "no row says pending" "$(sql "select count(*) from volunteer_letter_sends where status = 'pending'")" 0

sql "select teacher_id, recipient_email, status, coalesce(error_message, '') from volunteer_letter_sends" >"$TMP/rows"
check "each letter was taken once, or as its rows tell" /usr/bin/python3 - "$TMP/rows" "$book" "$LETTERS" "$LOG" <<'PY'
import collections, sys
rows = collections.defaultdict(list)
for line in open(sys.argv[1]):
    teacher, email, status, error = line.rstrip("\n").split("\t")
    rows[int(teacher)].append((email, status, error))
book = {"taken": collections.Counter(), "told": collections.Counter()}
for line in open(sys.argv[2]):
    word, email = line.split()
    book[word][email] += 1
taken, told = book["taken"], book["told"]
lost = open(sys.argv[4], errors="replace").read().count("not ours any more")
wrong, again, extra = [], 0, 0
for teacher in range(1, int(sys.argv[3]) + 1):
    mine = rows[teacher]
    email = mine[0][0] if mine else f"nobody {teacher}"
    sent = sum(status == "sent" for _, status, _ in mine)
    # After these nobody can tell whether the mail was taken: the next attempt sends it again.
    killed = sum(status == "failed" and "phase mail" in error for _, status, error in mine)
    untold = taken[email] - told[email]
    if teacher % 10 == 0:
        if sent or taken[email]:
            wrong.append(f"{teacher} was refused: {mine}")
        continue
    if not 1 <= sent <= taken[email] <= sent + killed + untold:
        wrong.append(f"{teacher}: taken {taken[email]}, told {told[email]}, rows {mine}")
    again += taken[email] - 1
    extra += sent - 1
if extra > lost:
    wrong.append(f"{extra} letters more than one row says were sent, {lost} reservations lost")
print("\n".join(wrong))
open(sys.argv[1] + ".sum", "w").write(f"{sum(taken.values())} mails, {again} of them again: "
    f"{sum(taken.values()) - sum(told.values())} answers were never sent; {lost} reservations were lost, {extra} of these letters sent by both")
sys.exit(bool(wrong))
PY
note "$(cat "$TMP/rows.sum")"
check "no error of a sanitizer" bash -c "! grep -l 'Sanitizer' '$TMP'/master?.out"
