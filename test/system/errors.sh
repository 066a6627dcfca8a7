#!/bin/bash
# errors.sh: each statement of a letter is answered with each error that a server, or a proxy
# before it, may give. Whatever comes: no row says what is not so, nothing is mailed twice, and
# what passes costs no attempt. ERRORS=all: every number of src/db/errors.c, and more; without it
# each statement meets a third of some, in turn.
. test/lib/servers.sh
. test/lib/work.sh
trap cleanup EXIT
tmpdir

mariadb_start "$TMP/db"
export -n DB_SOCKET DB_PORT # the worker is to come through the proxy
schema
smtp_start "$TMP/smtp" --dir="$TMP/mails" --refuse=teacher2@example.test
app_make "$TMP/app"
people 2
proxy_start
facteur letter:dispatch 1 1 2 -q
sql "create table seeds as select payload from jobs order by id; delete from jobs"
work_start --sleep=0.1
/usr/bin/python3 test/lib/errors.py "$TMP" "$WORK_PID" "$DB_SOCKET" "$LOG" "${ERRORS:-some}" ||
    TAP_FAILED=$((TAP_FAILED + 1))
check "the master is the one that was started" kill -0 "$WORK_PID"
kill -TERM "$WORK_PID"
work_wait
equals "and ends as it should" "$WORK_STATUS" 0
check "the proxy had nothing to complain of" test ! -s "$TMP/proxy/log"
