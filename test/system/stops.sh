#!/bin/bash
# stops.sh: signals, limits and exit codes of queue:work; the command line.
. test/lib/servers.sh
. test/lib/work.sh
trap cleanup EXIT
tmpdir

mariadb_start "$TMP/db"
schema
smtp_start "$TMP/smtp" --dir="$TMP/mails" --delay=0.4
app_make "$TMP/app"
people 8
reset() {
    sql "delete from jobs; delete from volunteer_letter_sends"
    rm -rf "$TMP/mails"/*
}
in_mail() { ps -o args= --ppid "$WORK_PID" | grep -q 'slot 1: mail'; }
idle() { ps -o args= --ppid "$WORK_PID" | grep -q 'slot 1: idle'; }
recipients() { grep -h '^To:' "$TMP"/mails/*.eml | sort -u | wc -l; }

for signal in TERM QUIT INT; do
    reset
    facteur letter:dispatch 1 1 2 3 -q
    work_start
    eventually 20 in_mail
    kill -$signal "$WORK_PID"
    work_wait
    equals "$signal finishes the letter under way and ends with 0" "$WORK_STATUS $(mails) $(jobs_count)" "0 1 2"
done

reset
work_start --sleep=30
eventually 20 idle
before=$SECONDS
kill -TERM "$WORK_PID"
work_wait
check "TERM ends a sleeping worker at once" test $((SECONDS - before)) -lt 5

work_start --sleep=0.1
eventually 20 idle
kill -USR2 "$WORK_PID"
sleep 0.5
facteur letter:dispatch 1 1 -q
sleep 1
equals "USR2 pauses" "$(mails)" 0
kill -CONT "$WORK_PID"
check "CONT goes on" eventually 10 is 1 mails
kill -TERM "$WORK_PID"
work_wait

reset
facteur letter:dispatch 1 1 2 3 4 5 6 7 8 -q
work_start --workers=2 --max-jobs=3 --sleep=0.2
work_wait
equals "--max-jobs counts for the whole master" "$WORK_STATUS $(mails) $(jobs_count)" "0 3 5"
work_start --once
work_wait
equals "--once does one and ends with 0" "$WORK_STATUS $(jobs_count)" "0 4"
work_start --max-time=1 --sleep=0.2
work_wait
check "--max-time ends it with 0" test "$WORK_STATUS" = 0
check "after some letters" test "$(jobs_count)" -lt 4

reset
facteur letter:dispatch 1 1 2 -q
work_start --memory=1 --workers=2
work_wait
equals "--memory: 12 when all have finished" "$WORK_STATUS" 12

reset
facteur letter:dispatch 1 1 2 3 4 5 6 7 8 -q
facteur letter:dispatch 1 1 --delay=3600 -q
work_start --workers=4 --stop-when-empty
work_wait
equals "four slots send eight letters, each once" "$WORK_STATUS $(mails) $(recipients)" "0 8 8"
equals "a delayed one stays" "$(jobs_count)" 1

# The terminal's Ctrl-C reaches the whole foreground group: slots are not in it.
reset
facteur letter:dispatch 1 1 -q
work_start
eventually 20 in_mail
slot=$(slots_of "$WORK_PID")
equals "a slot has a process group of its own" "$(ps -o pgid= -p "$slot" | tr -d ' ')" "$slot"
equals "titles hold queue:work" "$(ps -o args= -p "$WORK_PID,$slot" | grep -c queue:work)" 2
kill -TERM "$WORK_PID"
work_wait

if unshare --pid --fork --mount-proc true 2>/dev/null; then
    reset
    facteur letter:dispatch 1 1 -q
    unshare --pid --fork --mount-proc "$FACTEUR" --app="$APP" queue:work --memory=1024 --sleep=0.2 >"$TMP/out" 2>&1 </dev/null &
    outer=$!
    remember $outer
    check "as PID 1 it works" eventually 20 is 1 mails
    kill -TERM "$(pgrep -P $outer)"
    wait $outer
    equals "and ends with 0 on TERM" "$?" 0
    forget $outer
else
    skip "as PID 1 it works" "no PID namespace may be made here"
fi

# === the command line ===

boxed() { # boxed TEXT ARGUMENT...: the message stands in a box on stdout, exit 1
    local text=$1 status
    shift
    "$FACTEUR" --app="$APP" "$@" >"$TMP/out" 2>"$TMP/err" </dev/null
    status=$?
    [ $status = 1 ] && [ ! -s "$TMP/err" ] && grep -qxF "  $text  " "$TMP/out"
}
says_block() { # says_block TEXT ARGUMENT...: an error's block on stdout, exit 1
    local text=$1
    shift
    "$FACTEUR" --app="$APP" "$@" >"$TMP/out" 2>"$TMP/err" </dev/null
    [ $? = 1 ] && [ ! -s "$TMP/err" ] && grep -qF "   ERROR  $text" "$TMP/out"
}
says() { # says TEXT ARGUMENT...
    local text=$1
    shift
    "$FACTEUR" "$@" | grep -qE -- "$text"
}
check "an unknown option" boxed 'The "--foo" option does not exist.' queue:work --foo
check "a flag with a value" boxed 'The "--once" option does not accept a value.' queue:work --once=1
check "an unknown connection" boxed 'The [nope] queue connection has not been configured.' queue:work nope
sed -i 's/^QUEUE_CONNECTION=.*/QUEUE_CONNECTION=sync/' "$APP/.env"
"$FACTEUR" --app="$APP" queue:work --once >"$TMP/out" 2>&1 </dev/null
equals "a connection of another driver ends it with 1" "$?" 1
check "and is named" grep -q '\[sync\] has the driver "sync"' "$TMP/out"
sed -i 's/^QUEUE_CONNECTION=.*/QUEUE_CONNECTION=database/' "$APP/.env"
check "an unknown command, before its options" says_block 'Command "queue:wrok" is not defined.' queue:wrok --once
check "one that could be several" says_block 'Command "queue:prune" is ambiguous: queue:prune-batches, queue:prune-failed.' queue:prune --hours=2
equals "FORCE_COLOR and SHELL_VERBOSITY change nothing" \
    "$(FORCE_COLOR=1 SHELL_VERBOSITY=-1 "$FACTEUR" queue:wrok </dev/null | tr -s ' \n')" "$("$FACTEUR" queue:wrok </dev/null | tr -s ' \n')"
check "list names the commands" says '^  queue:work ' list
check "help names the options" says '--stop-when-empty' help queue:work
check "--version" says '^facteur [0-9]+\.[0-9]+' --version
"$FACTEUR" --app=/nonexistent queue:work >"$TMP/out" 2>&1 </dev/null
equals "a folder that is no app ends it with 1" "$?" 1
check "and is named" grep -q /nonexistent "$TMP/out"
sed -i 's/^DB_PASSWORD=.*/DB_PASSWORD=wrong-secret/' "$APP/.env"
facteur queue:work --once >"$TMP/out" 2>&1 </dev/null
equals "a refused password ends it with 1" "$?" 1
equals "and is not shown" "$(grep -rlF wrong-secret "$TMP/out" "$APP/storage")" ""
