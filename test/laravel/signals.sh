#!/bin/bash
# What an app tells its workers through its cache, each way round: restart, pause,
# maintenance, in each store that another process can see.
# shellcheck source=test/lib/servers.sh
. test/lib/servers.sh
# shellcheck source=test/lib/app.sh
. test/lib/app.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" || exit 1
redis_start "$TMP/redis" || exit 1
app_schema && app_new "$TMP/app" || exit 1
SPARE=(MAIL_PORT="$SMTP_PORT" REDIS_PORT="$REDIS_PORT")

# worker PROGRAM [OPTION...]: a worker in the background that sleeps a fifth of a second.
# It has begun when it has asked the database.
worker() {
    background "$TMP/worker.out" "$1" queue:work --sleep=0.2 "${@:2}"
    eventually 20 connected || note "the worker has not asked for jobs: $(cat "$TMP/worker.out")"
}
connected() { [ "$(sql "select count(*) from information_schema.processlist where user='app'")" -gt 0 ]; }

ended() { ! kill -0 "$WORKER" 2>/dev/null; }

# ends NAME: the worker ends with 0 within seconds.
ends() {
    if ! eventually 8 ended; then
        not_ok "$1" "it still runs: $(cat "$TMP/worker.out")"
        end_process "$WORKER"
        return
    fi
    wait "$WORKER"
    equals "$1" $? 0
    forget "$WORKER"
}

left() {
    sql "select \`key\`, if(value regexp '^i:1[0-9]{9};', 'TIME', value),
        if(expiration > unix_timestamp() + 86400, 'ever', expiration) from cache order by 1"
    (cd "$APP/storage/framework/cache/data" 2>/dev/null && find . -type f | sort |
        while read -r file; do echo "$file $(sed -E 's/^(9999999999i:)[0-9]+/\1TIME/' "$file")"; done)
    redis-cli -p "$REDIS_PORT" -n 1 keys '*' | sort | while read -r key; do
        [ -z "$key" ] || redis-cli -p "$REDIS_PORT" -n 1 get "$key" | sed -E "s/^1[0-9]{9}\$/TIME/; s/^/$key /"
    done
}

wipe() {
    sql "delete from cache"
    rm -rf "$APP/storage/framework/cache/data"
    redis-cli -p "$REDIS_PORT" flushall >/dev/null
}

did() {
    local program=$1
    shift
    wipe
    [ "$1" != queue:resume ] || artisan queue:pause emails >/dev/null
    $program "$@" 2>&1 | sed -E '/^In [A-Za-z]+\.php line [0-9]+:$/d'
    echo "exit ${PIPESTATUS[0]}"
    left
}

# both NAME COMMAND...: the same from both.
both() {
    local name=$1
    shift
    same "$name" "$(did facteur "$@")" "$(did artisan "$@")"
}

letters() { # QUEUE NUMBER
    artisan letters:dispatch 1 $(seq 7 $((6 + $2))) --queue="$1" >/dev/null
}

is() { [ "$("${@:2}")" = "$1" ]; }
waiting() { sql "select count(*) from jobs where queue='$1'"; }

for store in database file redis; do
    app_env "${SPARE[@]}" CACHE_STORE=$store
    both "$store: queue:restart" queue:restart
    both "$store: queue:pause" queue:pause emails
    both "$store: queue:pause with a connection" queue:pause database:emails
    both "$store: queue:resume" queue:resume emails
    wipe
    worker facteur --workers=2
    sleep 1
    artisan queue:restart >/dev/null
    ends "$store: facteur ends after artisan's queue:restart"
    worker facteur
    sleep 1
    check "$store: the restart of before does not count" kill -0 "$WORKER"
    facteur queue:restart >/dev/null
    ends "$store: facteur ends after its own queue:restart"
    worker artisan
    sleep 1
    facteur queue:restart >/dev/null
    ends "$store: artisan's worker ends after facteur's queue:restart"

    app_reset
    artisan queue:pause emails >/dev/null
    letters emails 1
    letters default 2
    facteur queue:work --queue=emails,default --stop-when-empty --sleep=0 >/dev/null
    equals "$store: a paused queue waits" "$(waiting emails) $(waiting default) $(mails)" "1 0 2"
    worker facteur --queue=emails,default
    sleep 1
    equals "$store: for a running worker as well" "$(waiting emails)" 1
    artisan queue:resume emails >/dev/null
    check "$store: until it is resumed" eventually 5 is 0 waiting emails
    facteur queue:pause database:default >/dev/null
    sleep 0.4
    letters default 1
    sleep 1
    equals "$store: paused while the worker runs" "$(waiting default)" 1
    facteur queue:continue default >/dev/null
    check "$store: queue:continue resumes" eventually 5 is 0 waiting default
    facteur queue:restart >/dev/null
    ends "$store: restarted"
done

both "queue:pause without a name" queue:pause
both "queue:pause of nothing" queue:pause ""
both "queue:pause of a connection's default queue" queue:pause database:
both "queue:pause --all is of Laravel 13.25" queue:pause emails --all
both "queue:resume of what is not paused" queue:resume other
both "queue:continue" queue:continue emails

# === maintenance ===

down_and_up() { # TITLE
    app_reset
    letters default 1
    artisan down >/dev/null
    facteur queue:work --stop-when-empty --sleep=0.1 >/dev/null
    equals "$1: nothing is sent, and --stop-when-empty ends with 0" "$? $(waiting default)" "0 1"
    facteur queue:work --once --sleep=0 >/dev/null
    equals "$1: nor with --once" "$? $(waiting default)" "0 1"
    worker facteur
    sleep 1
    equals "$1: a running worker waits" "$(waiting default)" 1
    artisan up >/dev/null
    check "$1: until the app is up" eventually 5 is 0 waiting default
    artisan down >/dev/null
    letters default 1
    sleep 1
    equals "$1: down again" "$(waiting default)" 1
    facteur queue:restart >/dev/null
    ends "$1: a worker that waits can be restarted"
    facteur queue:work --force --stop-when-empty --sleep=0 >/dev/null
    equals "$1: --force sends" "$? $(waiting default)" "0 0"
    artisan up >/dev/null
}
down_and_up "down"
app_env "${SPARE[@]}" CACHE_STORE=file APP_MAINTENANCE_DRIVER=cache APP_MAINTENANCE_STORE=redis
down_and_up "down in a cache store"

# === stores that are not there ===

app_env "${SPARE[@]}" CACHE_STORE=redis
app_reset
wipe # a restart that vanishes with the server is one
worker facteur
sleep 1
redis_stop
letters default 1
check "a store that is away is said" eventually 5 grep -q "does not answer" "$TMP/worker.out"
sleep 1.5
equals "once" "$(grep -c "does not answer" "$TMP/worker.out")" 1
equals "and meanwhile nothing is begun" "$(waiting default)" 1
redis-server --bind 127.0.0.1 --port "$REDIS_PORT" --dir "$TMP/redis" --save '' >"$TMP/redis/again.log" 2>&1 &
remember $!
check "when it is back, the work goes on" eventually 10 is 0 waiting default
check "which is said" eventually 5 grep -q "the connection is back" "$TMP/worker.out"
facteur queue:restart >/dev/null
ends "and a restart is seen"

app_env "${SPARE[@]}" CACHE_STORE=octane
letters default 1
facteur queue:work --stop-when-empty --sleep=0 >"$TMP/out" 2>&1
equals "a store that facteur does not know is no reason to stop" "$? $(waiting default)" "0 0"
has "but it is said" "$(tr -s ' \n' ' ' <"$TMP/out")" 'the cache store "octane"' "queue:restart and queue:pause cannot be seen"
app_env "${SPARE[@]}" CACHE_STORE=database
sql "rename table cache to cache_away"
letters default 1
facteur queue:work --stop-when-empty --sleep=0 >"$TMP/out" 2>&1
equals "nor is a table that is missing" "$? $(waiting default)" "0 0"
equals "which is said once" "$(grep -c "cannot be seen" "$APP/storage/logs/laravel.log" | head -1)" 2
app_env "${SPARE[@]}" CACHE_STORE=array
has "a store that nobody else sees" "$(facteur queue:restart)" "The cache store [array]" "Broadcasting queue restart signal."
