#!/bin/bash
# A thousand letters through two processes, then through one with two slots: a thousand
# mails, a thousand rows "sent", an empty queue, each time.
FACTEUR=${FACTEUR:-$PWD/build/release/facteur}
. test/lib/servers.sh
. test/lib/app.sh
N=${LETTERS:-1000}
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" || exit 1
app_schema --teachers=$((N + 3)) && app_new "$TMP/app" || exit 1
sql 'delete from teachers where id in (4, 5, 6)' # those that cannot be sent

# fill: one letter for each teacher.
fill() {
    app_reset
    # shellcheck disable=SC2046 # a thousand words
    facteur letter:dispatch 1 $(sql 'select id from teachers order by id') >/dev/null
    equals "$1: $N letters wait" "$(sql 'select count(*) from jobs')" "$N"
}

emptied() {
    equals "$1: $N mails" "$(mails)" "$N"
    equals "$1: to $N addresses" \
        "$(cat "$TMP/mails"/*.eml | grep -ai '^to: ' | sort -u | wc -l)" "$N"
    equals "$1: with $N Message-IDs" \
        "$(cat "$TMP/mails"/*.eml | grep -ai '^message-id: ' | sort -u | wc -l)" "$N"
    equals "$1: $N rows, all sent, one per teacher" \
        "$(sql "select count(*), sum(status='sent'), count(distinct teacher_id)
                from volunteer_letter_sends")" "$N"$'\t'"$N"$'\t'"$N"
    equals "$1: the queue is empty, nothing failed" \
        "$(sql 'select (select count(*) from jobs), (select count(*) from failed_jobs)')" $'0\t0'
}

work() { facteur queue:work --memory=1024 --stop-when-empty --sleep=0 --tries=3 "$@"; }

fill "two processes"
begin=$(date +%s%N)
work >"$TMP/one.log" 2>&1 &
first=$!
remember $first
work >"$TMP/two.log" 2>&1
equals "two processes: the second ends with 0" $? 0
wait $first
equals "two processes: the first too" $? 0
forget $first
note "two processes: $((($(date +%s%N) - begin) / 1000000)) ms"
emptied "two processes"
shares=$(grep -c DONE "$TMP/one.log"),$(grep -c DONE "$TMP/two.log")
note "shares: $shares"
case $shares in 0,* | *,0) not_ok "two processes: both had a share" "$shares" ;;
*) ok "two processes: both had a share" ;; esac

fill "two slots"
begin=$(date +%s%N)
work --workers=2 >"$TMP/both.log" 2>&1
equals "two slots: the master ends with 0" $? 0
note "two slots: $((($(date +%s%N) - begin) / 1000000)) ms"
emptied "two slots"
