#!/bin/bash
# facteur dispatches, the PHP worker sends: letter:dispatch pushes what the app's own
# dispatch would have pushed.
. test/lib/servers.sh
. test/lib/app.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" || exit 1
app_schema && app_new "$TMP/app" || exit 1

# The rows, byte by byte, but for uuid and clock.
rows() {
    sql "select queue, attempts, reserved_at, $WAITS,
         cast(created_at as signed) - unix_timestamp() between -60 and 2, payload from jobs order by id" |
        sed -E 's/"uuid":"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"/"uuid":"UUID"/;
                s/"createdAt":[0-9]{10}/"createdAt":NOW/'
}

# pushed NAME ARGUMENT...: both programs push the same rows for the same arguments.
pushed() {
    local name=$1 theirs ours
    shift
    sql 'delete from jobs'
    artisan letters:dispatch "$@"
    theirs=$(rows)
    sql 'delete from jobs'
    facteur letter:dispatch "$@" >"$TMP/dispatch.log" 2>&1 || note "$(cat "$TMP/dispatch.log")"
    ours=$(rows)
    same "$name" "$ours" "$theirs"
}

pushed "one letter is the payload that the app makes" 1 1
pushed "several are several jobs" 1 1 2 3
pushed "with the user who asks" 2 7 --user=101
pushed "on another queue" 1 1 --queue=lettres
pushed "with a delay" 1 1 --delay=60
pushed "with all of it" 3 8 9 --user=101 --queue=lettres --delay=6

app_reset
facteur letter:dispatch 1 1 7 9 --user=101 >/dev/null
facteur letter:dispatch 2 3 --delay=3600 >/dev/null
artisan queue:work --stop-when-empty --sleep=0 >"$TMP/work.log"
equals "artisan queue:work runs them" "$(grep -c DONE "$TMP/work.log")" 3
equals "and sends them" "$(sql "select teacher_id, sent_by_user_id, status
    from volunteer_letter_sends order by id" | paste -sd' ')" \
    $'1\t101\tsent 7\t101\tsent 9\t101\tsent'
equals "three mails" "$(mails)" 3
equals "the delayed one waits" "$(sql 'select count(*) from jobs where attempts=0')" 1

app_reset
facteur letter:dispatch 2 --all >/dev/null
want=$(sql "select count(*) from club_teacher p join teachers t on t.id=p.teacher_id
            join users u on u.id=t.user_id
            where p.club_id=2 and t.deleted_at is null and u.email<>''")
equals "--all is every teacher of the club with an address" "$(sql 'select count(*) from jobs')" \
    "$want"

# A hundred take no more statements than a few.
app_reset
sql "create table more as select * from teachers where id=1;
     update more set id=1000;
     insert into teachers select * from more"
for n in $(seq 1001 1099); do echo "update more set id=$n; insert into teachers select * from more;"; done |
    sql "$(cat)"
asked() { sql "show global status like 'Com_stmt_execute'" | cut -f2; }
before=$(asked)
# shellcheck disable=SC2046 # a hundred words
facteur letter:dispatch 1 $(seq 1000 1099) >/dev/null
statements=$(($(asked) - before))
equals "a hundred are a hundred" "$(sql 'select count(*) from jobs')" 100
if [ $statements -gt 0 ] && [ $statements -lt 20 ]; then ok "in under 20 statements"; else not_ok "in under 20 statements" "$statements"; fi
equals "one that is unknown stops them all, with its name" \
    "$(facteur letter:dispatch 1 1000 4711 1001 2>&1 | tr -s ' \n' ' ' | sed 's/^ //; s/ $//'; echo; sql 'select count(*) from jobs')" \
    $'Nothing was put on the queue: teacher 4711 does not exist.\n100'
