# shellcheck shell=bash
# twice.sh: the smallest ways in which a letter whose mail is out could be mailed again by a
# worker on the same host. Source servers.sh and work.sh first.
#
#   twice_runs 200 4 LOGS       so many runs of the examples in turn, in so many lanes side by
#                               side, each with servers of its own; their checks in LOGS/
#   twice_open                  servers, and an app with retry_after 3
#   twice_trigger               each example leaves its outcome in $OUTCOME: what it must be
#   twice_cold 4                stands in $EXPECTED

TWICE_EXAMPLES=(trigger "cold 1" "cold 2" "cold 4" "cold 8" beside before)

# twice_lane LANE RUNS LANES: every LANES-th run.
twice_lane() {
    local i n=${#TWICE_EXAMPLES[@]} example
    trap cleanup EXIT
    tmpdir
    twice_open
    for ((i = $1; i < $2; i += $3)); do
        example=${TWICE_EXAMPLES[i % n]}
        # shellcheck disable=SC2086
        twice_$example
        equals "no second mail: $example ($((i / n + 1)))" "$OUTCOME" "$EXPECTED"
    done
}

twice_runs() {
    local lane lanes=()
    mkdir -p "$3"
    for ((lane = 0; lane < $2; lane++)); do
        (twice_lane $lane "$1" "$2") >"$3/$lane.log" 2>&1 &
        lanes+=($!)
    done
    wait "${lanes[@]}"
}

twice_open() {
    mariadb_start "$TMP/db"
    schema
    smtp_start "$TMP/smtp" --dir="$TMP/mails" --delay=1
    app_make "$TMP/app" DB_QUEUE_RETRY_AFTER=3 APP_KEY=base64:c2VjcmV0
    people 8
}

twice_reset() {
    sql "delete from jobs; delete from failed_jobs; delete from volunteer_letter_sends"
    rm -rf "$TMP/mails"/*
    : >"$LOG"
}

# twice_outcome N: mails, different recipients among them, what the rows say, what is left.
twice_outcome() {
    OUTCOME="$(mails) mails to $(cat "$TMP/mails"/*.eml 2>/dev/null | grep -c '^To:') \
$(grep -h '^To:' "$TMP/mails"/*.eml 2>/dev/null | sort -u | wc -l), rows $(sql "select group_concat(n, ' ', status order by status)
        from (select status, count(*) n from volunteer_letter_sends group by status) s"), \
$(jobs_count) jobs, $(sql 'select count(*) from failed_jobs') failed, \
$(find "$APP/storage/framework/facteur" -type f | wc -l) files"
    EXPECTED="$1 mails to $1 $1, rows $1 sent, 0 jobs, 0 failed, 0 files"
}

twice_in() { [ "$(ps -o args= --ppid "$WORK_PID" | grep -c "slot [0-9]*: $1")" = "$2" ]; } # PHASE N
twice_expired() { sql "select max(reserved_at) < unix_timestamp() - 3 from jobs"; }
twice_finish() {
    kill -TERM "$WORK_PID"
    work_wait
}

# No row of jobs can be deleted: whoever tries waits in a trigger, and has it locked.
twice_lock() {
    sql "create or replace trigger waits before delete on jobs for each row do sleep(100)"
}
twice_unlock() {
    local id
    for id in $(sql "select id from information_schema.processlist where user = 'app'"); do
        sql "kill $id" 2>/dev/null
    done
    sql "drop trigger waits"
}

# twice_mailed N: N letters by as many slots, whose mails are out while no row can be changed.
twice_mailed() {
    twice_reset
    # shellcheck disable=SC2046
    facteur letter:dispatch 1 $(seq "$1") -q
    twice_lock
    work_start --sleep=0.2 --workers="$1"
    eventually 60 twice_in sent "$1"
}

# Their whole tree is killed, and their reservations run out.
twice_kill_tree() {
    kill -STOP "$WORK_PID"
    # shellcheck disable=SC2046
    kill -9 $(slots_of "$WORK_PID") "$WORK_PID"
    work_wait 2>/dev/null
    twice_unlock
    eventually 20 is 1 twice_expired
}

# === the examples ===

# A trigger refuses the end of a letter for eight seconds; two slots.
twice_trigger() {
    twice_reset
    sql "create or replace table allowed (n int)"
    sql "delimiter //
         create or replace trigger refuse before delete on jobs for each row
         if (select count(*) from allowed) = 0 then signal sqlstate '45000'; end if//"
    facteur letter:dispatch 1 1 -q
    work_start --sleep=0.2 --workers=2
    eventually 60 is 1 mails
    sleep 8
    sql "insert into allowed values (1)"
    eventually 60 is 0 jobs_count
    twice_finish
    sql "drop trigger refuse"
    twice_outcome 1
}

# A tree of N slots is killed; another one of N starts after retry_after.
twice_cold() {
    twice_mailed "$1"
    twice_kill_tree
    work_start --sleep=0.2 --workers="$1"
    eventually 60 is 0 jobs_count
    twice_finish
    twice_outcome "$1"
}

# A slot is killed whose master cannot replace it; another master has the table too.
twice_beside() {
    twice_mailed 1
    local stopped=$WORK_PID
    kill -STOP "$stopped"
    kill -9 "$(slots_of "$stopped")"
    twice_unlock
    eventually 20 is 1 twice_expired
    work_start --sleep=0.2 --workers=2
    eventually 60 is 0 jobs_count
    local waiting
    waiting=$(jobs_count) # for the master that is stopped
    twice_finish
    kill -CONT "$stopped"
    WORK_PID=$stopped
    twice_finish
    twice_outcome 1
    OUTCOME="$OUTCOME, $waiting waited"
    EXPECTED="$EXPECTED, 0 waited"
}

# A tree of the version before was killed.
twice_before() {
    twice_mailed 2
    twice_kill_tree
    test/lib/run_before.py "$APP/storage/framework/facteur"/*.run
    work_start --sleep=0.2 --workers=2
    eventually 60 is 0 jobs_count
    twice_finish
    twice_outcome 2
}
