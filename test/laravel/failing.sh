#!/bin/bash
# The same failing letter under PHP and under facteur: the same rows in jobs, failed_jobs
# and volunteer_letter_sends, the same lines in the log.
. test/lib/servers.sh
. test/lib/app.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" --default-time-zone=+00:00 || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" --refuse="$REFUSED" || exit 1
app_schema && app_new "$TMP/app" || exit 1

# put [NAME VALUE]...: one job for the refused address, changed in its payload.
put() {
    sql 'truncate jobs'
    artisan letters:dispatch 1 5 --user=101
    while [ $# -gt 0 ]; do
        sql "update jobs set payload=json_set(payload, '\$.$1', $2)"
        shift 2
    done
    # Both will meet the very same row.
    sql 'create or replace table saved as select queue, payload from jobs'
}

# state: all that a worker leaves behind; times as distances, from now or from each other.
state() {
    echo "--- jobs"
    sql "select queue, payload, attempts, reserved_at, cast(available_at as signed) - created_at,
         cast(created_at as signed) - unix_timestamp() between -5 and 1 from jobs order by id"
    echo "--- failed_jobs"
    sql "select uuid, connection, queue, payload, exception <> '',
         timestampdiff(second, failed_at, convert_tz(utc_timestamp(), '+00:00', '$paris'))
         between -1 and 5 from failed_jobs order by id"
    echo "--- sends"
    sql "select club_id, teacher_id, sent_by_user_id, recipient_email, status,
         error_message like '%550%', error_message like 'Échec après 3 tentatives: %', sent_at,
         timestampdiff(second, updated_at, convert_tz(utc_timestamp(), '+00:00', '$paris'))
         between -1 and 10 from volunteer_letter_sends order by id"
    echo "--- log"
    log_shape
}
paris=$(TZ=Europe/Paris date +%:z)

# run PROGRAM OPTION...: on the row of put, from nothing.
run() {
    local program=$1
    shift
    app_reset
    sql 'truncate jobs;
         insert into jobs (queue, payload, attempts, reserved_at, available_at, created_at)
         select queue, payload, 0, null, unix_timestamp(), unix_timestamp() from saved'
    $program queue:work "$@" >"$TMP/work.log" 2>&1
    state
}

# both NAME OPTION...
both() {
    local name=$1 php ours
    shift
    php=$(run artisan "$@")
    ours=$(run facteur "$@")
    same "$name" "$ours" "$php"
}

put
both "one attempt of three: released" --once --tries=3
both "the backoff of the command line" --once --tries=3 --backoff=7,20
both "three attempts: failed" --stop-when-empty --sleep=0 --tries=3
both "the class's own tries win over the option" --stop-when-empty --sleep=0 --tries=1
put maxTries null
both "without tries of its own the option counts" --stop-when-empty --sleep=0 --tries=2
both "and one try is the default" --stop-when-empty --sleep=0
put backoff "'3,9'"
both "the payload's backoff wins" --once --backoff=50
put delay 4
both "the delay of the dispatch is the backoff" --once --backoff=77
put maxTries 1
both "a last attempt: failed at once" --once
put retryUntil 'unix_timestamp() + 3600'
both "retryUntil takes the place of tries" --once --tries=1
put retryUntil 'unix_timestamp() - 10'
both "a job past its time fails before it runs" --once
put maxTries 0
both "tries 0 is for ever" --once
