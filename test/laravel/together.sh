#!/bin/bash
# An artisan worker and facteur work on one table at once: every letter goes out once, and
# the jobs of other classes are PHP's alone.
. test/lib/servers.sh
. test/lib/app.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" || exit 1
LETTERS=60
app_schema --teachers=$((LETTERS + 20)) && app_new "$TMP/app" || exit 1
# Every teacher gets one letter, and can be sent it.
sql "delete from teachers where id in (4, 6) or id > $((LETTERS + 2))"

foreign() {
    sql "select sha2(group_concat(concat_ws('|', id, queue, payload, attempts, reserved_at,
         available_at, created_at) order by id), 256) from jobs
         where payload not like '%\"commandName\":\"App__Jobs__SendVolunteerLetterJob\"%'"
}

# === facteur alone, among jobs of others ===

# Ids that stand for nothing else in a statement.
sql 'alter table jobs auto_increment=7000001'
artisan jobs:mixed 3
sql "set global group_concat_max_len=100000000"
before=$(foreign)
theirs=$(sql "select id from jobs where payload not like '%SendVolunteerLetterJob\",%'")
sql "set global log_output='table'; set global general_log=on"
facteur queue:work --stop-when-empty --sleep=0 --workers=2 >"$TMP/alone.log"
sql "set global general_log=off"
equals "facteur sends the letters" "$(mails)" 3
equals "the other jobs are as they were" "$(foreign)" "$before"
equals "all nine of them" "$(sql 'select count(*) from jobs')" 9
for id in $theirs; do
    touched+=$(sql "select argument from mysql.general_log where command_type in ('Execute', 'Query')
        and user_host like 'app%' and argument regexp '(for update|^update|^delete)'
        and argument like '%$id%' limit 1")
done
equals "nine ids to look for in the log" "$(wc -w <<<"$theirs")" 9
equals "no statement locked or changed one of them" "${touched:-}" ""
equals "no statement asked for a secret or for all columns" \
    "$(sql "select argument from mysql.general_log where command_type in ('Prepare', 'Execute', 'Query')
        and user_host like 'app%' and argument regexp '^select'
        and argument regexp 'password|remember_token|[ .]\\\\* *from \`?(users|clubs|teachers)'")" ""
equals "though letters were read" \
    "$(sql "select count(*) > 0 from mysql.general_log where command_type='Execute'
        and user_host like 'app%' and argument regexp 'from \`?clubs'")" 1
has "facteur says what waits for PHP" "$(cat "$TMP/alone.log" "$APP/storage/logs/laravel.log")" \
    "GenerateInvoiceJob" "SendLessonReminderJob"
artisan queue:work --stop-when-empty --sleep=0 >/dev/null
equals "which runs them" "$(sql 'select count(*) from done_jobs')" 9

# === both at once ===

app_reset
sql 'truncate jobs'
artisan jobs:mixed $LETTERS
background "$TMP/php.log" artisan queue:work --stop-when-empty --sleep=0
some() { [ "$(sql "select count(*) from volunteer_letter_sends where status='sent'")" -ge 2 ]; }
eventually 30 some
facteur queue:work --stop-when-empty --sleep=0 --workers=2 -v >"$TMP/both.log" 2>&1
equals "facteur ends with 0" $? 0
wait $WORKER
equals "the artisan worker too" $? 0
forget $WORKER

equals "every letter is sent, once" "$(sql "select count(*), count(distinct teacher_id)
    from volunteer_letter_sends where status='sent'")" "$LETTERS"$'\t'"$LETTERS"
equals "no row tells of anything else" \
    "$(sql "select count(*) from volunteer_letter_sends where status<>'sent'")" 0
equals "every mail went out, once" "$(mails)" $LETTERS
equals "to as many people" \
    "$(grep -hi '^to: ' "$TMP/mails"/*.eml | sort -u | wc -l)" $LETTERS
equals "every other job ran, once" \
    "$(sql 'select class, count(*) from done_jobs group by 1 order by 1' | paste -sd' ')" \
    "App\\\\Jobs\\\\GenerateInvoiceJob	$LETTERS App\\\\Jobs\\\\SendLessonReminderJob	$LETTERS App\\\\Notifications\\\\LessonMoved	$LETTERS"
equals "nothing failed, nothing is left" \
    "$(sql 'select (select count(*) from jobs), (select count(*) from failed_jobs)')" $'0\t0'
by_php=$(grep -c 'SendVolunteerLetterJob .*DONE' "$TMP/php.log")
by_us=$((LETTERS - by_php))
note "letters: $by_php by artisan, $by_us by facteur"
if [ "$by_php" -gt 0 ] && [ $by_us -gt 0 ]; then
    ok "both had a share"
else
    not_ok "both had a share" "artisan $by_php, facteur $by_us"
fi
equals "facteur printed no class but its own" \
    "$(grep -E 'DONE|FAIL' "$TMP/both.log" | grep -vc SendVolunteerLetterJob)" 0

# === queue:listen, which starts a process of PHP for each job ===

app_reset
sql 'truncate jobs'
artisan jobs:mixed 4
background "$TMP/listen.log" artisan queue:listen --sleep=0
ran() { [ "$(sql 'select count(*) from done_jobs')" -ge 1 ]; }
check "queue:listen works the table" eventually 30 ran
facteur queue:work --stop-when-empty --sleep=0 >/dev/null
none() { [ "$(sql 'select count(*) from jobs')" = 0 ]; }
check "until nothing is left" eventually 60 none
end_process $WORKER
forget $WORKER
equals "beside queue:listen every letter is sent once, every other job runs once" \
    "$(sql "select count(*), count(distinct teacher_id) from volunteer_letter_sends where status='sent';
        select count(*) from done_jobs; select count(*) from failed_jobs"), $(mails)" $'4\t4\n12\n0, 4'
