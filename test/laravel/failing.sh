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
    sql 'drop table if exists saved; create table saved as select queue, payload from jobs'
}

# state: all that a worker leaves behind; times as distances, from now or from each other.
state() {
    echo "--- jobs"
    sql "select queue, payload, attempts, reserved_at, $WAITS,
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
    echo "--- cache"
    sql "select \`key\`, value, cast(expiration as signed) - unix_timestamp() between 86380 and 86400 from cache"
    [ -z "${REDIS_PORT:-}" ] || redis-cli -p "$REDIS_PORT" -n 1 keys '*' | sed "s/^/redis /"
    find "$APP/storage/framework/cache/data" -type f -exec cut -c 11- {} \; 2>/dev/null
    echo "--- log"
    log_shape
}
paris=$(TZ=Europe/Paris date +%:z)

# run PROGRAM OPTION...: on the row of put, from nothing.
run() {
    local program=$1
    shift
    app_reset
    rm -rf "$APP/storage/framework/cache/data"
    [ -z "${REDIS_PORT:-}" ] || redis-cli -p "$REDIS_PORT" flushall >/dev/null
    sql 'truncate jobs; delete from cache;
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
both "the backoff of the command line" --once --tries=3 --backoff=8,20
both "three attempts: failed" --stop-when-empty --sleep=0 --tries=3
both "the class's own tries win over the option" --stop-when-empty --sleep=0 --tries=1
put maxTries null
both "without tries of its own the option counts" --stop-when-empty --sleep=0 --tries=2
both "and one try is the default" --stop-when-empty --sleep=0
put backoff "'4,10'"
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

# === maxExceptions: counted in the cache, together with PHP's workers ===

redis_start "$TMP/redis" || exit 1
for store in database file redis array; do
    app_env CACHE_STORE=$store "REDIS_PORT=$REDIS_PORT"
    put maxTries 9 maxExceptions 2
    both "$store: the first exception of two" --once
    both "$store: the second: failed" --stop-when-empty --sleep=0
    put maxTries 2 maxExceptions 3
    both "$store: tries are used up before: the count stays" --stop-when-empty --sleep=0
    put maxTries 1 maxExceptions 1
    both "$store: both at once" --once
done
app_env CACHE_STORE=database
put maxTries 9 maxExceptions 0
both "none is allowed" --once
put maxTries 9 maxExceptions 3 uuid null
both "without a uuid nothing is counted" --once

app_reset
put maxTries 9 maxExceptions 2
artisan queue:work --once >/dev/null
facteur queue:work --once >/dev/null
equals "one counted by PHP and one by facteur are two" \
    "$(sql 'select count(*) from jobs; select count(*) from failed_jobs; select count(*) from cache')" $'0\n1\n0'

# A timeout is an exception, too, for whoever settles it.
smtp_stop
smtp_start "$TMP/slow" --dir="$TMP/mails" --hang=data || exit 1
app_env CACHE_STORE=database
app_reset
put maxTries 9 maxExceptions 1 timeout 1
facteur queue:work --stop-when-empty --sleep=0 >/dev/null
equals "a timeout counts" "$(sql 'select count(*) from jobs; select exception like "%TimeoutExceeded%" from failed_jobs;
    select count(*) from cache')" $'0\n1\n0'

# Where nobody can count, tries decide.
smtp_stop
smtp_start "$TMP/smtp" --dir="$TMP/mails" --refuse="$REFUSED" || exit 1
app_env CACHE_STORE=database
sql 'rename table cache to cache_away'
app_reset
put maxTries 9 maxExceptions 1
facteur queue:work --once >/dev/null
equals "a counter that is away fails no job" "$(sql 'select attempts from jobs; select count(*) from failed_jobs')" $'1\n0'
has "and is said" "$(cat "$APP/storage/logs/laravel.log")" "maxExceptions cannot be counted" "cache"
