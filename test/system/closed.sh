#!/bin/bash
# closed.sh: with descriptors 0 to 2 closed, nothing of facteur's takes their place.
. test/lib/servers.sh
. test/lib/work.sh
trap cleanup EXIT
tmpdir

mariadb_start "$TMP/db"
schema
smtp_start "$TMP/smtp" --dir="$TMP/mails"
app_make "$TMP/app"
people 1

n=0
# works NAME: facteur's own command line, its descriptors as the caller closed them.
sent() {
    n=$((n + 1))
    equals "$1: the letter went out" "$(mails)" "$n"
    equals "$1: its row says sent" "$(sql "select count(*) from volunteer_letter_sends where status='sent'")" "$n"
    equals "$1: no job is left" "$(jobs_count)" 0
}
work=("$FACTEUR" --app="$TMP/app" queue:work --memory=1024 --stop-when-empty --sleep=0)
facteur letter:dispatch 1 1 -q
timeout 60 "${work[@]}" <&- >/dev/null 2>&1
sent "without input"
facteur letter:dispatch 1 1 -q
timeout 60 "${work[@]}" >&- 2>/dev/null </dev/null
sent "without output"
facteur letter:dispatch 1 1 -q
timeout 60 "${work[@]}" 2>&- >/dev/null </dev/null
sent "without errors' output"
facteur letter:dispatch 1 1 -q
timeout 60 "${work[@]}" <&- >&- 2>&-
sent "without any"
equals "no run file holds output" "$(grep -rlaE 'RUNNING|DONE' "$TMP/app/storage/framework" | head -1)" ""
exit "$((TAP_FAILED > 0))"
