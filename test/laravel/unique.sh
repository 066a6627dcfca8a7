#!/bin/bash
# Letters that may be queued once only: the lock that the app's dispatch takes is released
# by facteur when artisan would release it, in each store that holds locks.
. test/lib/servers.sh
. test/lib/app.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" --default-time-zone=+00:00 || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" --refuse="$REFUSED" || exit 1
redis_start "$TMP/redis" || exit 1
app_schema && app_new "$TMP/app" && app_own_classes || exit 1
class=$APP/app/Jobs/SendVolunteerLetterJob.php
cp "$class" "$TMP/plain.php"

sed -i "s/    'stores' => \[/&\n        'database' => ['driver' => 'database', 'connection' => env('LOCK_CONNECTION'), 'table' => 'cache', 'lock_table' => 'cache_locks'],\n        'redis' => ['driver' => 'redis', 'connection' => 'cache', 'lock_connection' => 'default'],/" \
    "$APP/config/cache.php"
sed -i "s/    'connections' => \[/    'redis' => ['client' => 'phpredis', 'options' => ['prefix' => 'app-'],\n        'default' => ['host' => '127.0.0.1', 'port' => $REDIS_PORT, 'database' => 0],\n        'cache' => ['host' => '127.0.0.1', 'port' => $REDIS_PORT, 'database' => 1]],\n&\n        'locks' => ['driver' => 'mysql', 'host' => '127.0.0.1', 'port' => env('DB_PORT'), 'database' => env('DB_DATABASE'), 'username' => env('DB_USERNAME'), 'password' => env('DB_PASSWORD'), 'charset' => 'utf8mb4', 'collation' => 'utf8mb4_unicode_ci', 'prefix' => ''],/" \
    "$APP/config/database.php"

# class_is INTERFACE BODY: what the class says of its lock
class_is() {
    sed "s/implements ShouldQueue\$/implements ShouldQueue, \\\\Illuminate\\\\Contracts\\\\Queue\\\\$1/
         s/    public \$tries = 3;/    ${2//\\/\\\\}\n&/" "$TMP/plain.php" >"$class"
}

# in_store STORE: the store that locks are in, as the default one
in_store() { app_env "CACHE_STORE=$1" "${@:2}"; }

locks() {
    sql 'select concat("row ", `key`) from cache_locks order by 1'
    redis-cli -p "$REDIS_PORT" keys '*unique*' | sed 's/^/key /' | grep -v '^key $'
    grep -rlE 's:16:"' "$APP/storage/framework/cache/data" 2>/dev/null | sed 's|.*/|file |'
}
clear_locks() {
    sql 'delete from cache_locks'
    redis-cli -p "$REDIS_PORT" flushall >/dev/null
    rm -rf "$APP/storage/framework/cache/data"
}

# run PROGRAM TEACHER OPTION...: dispatched twice, worked on once
run() {
    local program=$1 teacher=$2
    shift 2
    app_reset
    sql 'truncate jobs'
    clear_locks
    artisan letters:dispatch 1 "$teacher" "$teacher"
    [ -z "${before:-}" ] || sql "$before"
    echo "queued $(sql 'select count(*) from jobs')"
    echo "taken: $(locks)"
    $program queue:work "$@" >"$TMP/work.log" 2>&1
    echo "left: $(locks)"
    sql "select 'job', attempts from jobs; select 'failed', count(*) from failed_jobs;
         select 'send', status from volunteer_letter_sends"
    [ "$program" = artisan ] || [ -z "${again:-}" ] || {
        artisan letters:dispatch 1 "$teacher"
        echo "queued again $(sql 'select count(*) from jobs')" >>"$TMP/again"
    }
}

both() {
    local name=$1 php
    shift
    php=$(run artisan "$@")
    ours=$(run facteur "$@")
    same "$name" "$ours" "$php"
}

kind() { case $1 in database) echo "taken: row" ;; file) echo "taken: file" ;; *) echo "taken: key" ;; esac; }

# === each store ===

class_is ShouldBeUnique 'public $uniqueFor = 900;'
for store in database file redis; do
    in_store $store
    again=1
    both "$store: a lock is released when the letter is sent" 1 --once
    again=
    has "$store: there was one, which kept the second letter out" "$ours" "queued 1" "$(kind $store)"
    both "$store: it is kept when the letter is released" 5 --once
    both "$store: and released when it fails" 5 --stop-when-empty --sleep=0
done
in_store database LOCK_CONNECTION=locks
both "locks on a connection of their own" 1 --once

equals "after each the app can queue the letter again" "$(uniq -c "$TMP/again" | tr -s ' ')" " 3 queued again 1"

# === when ===

in_store database
class_is ShouldBeUniqueUntilProcessing 'public $uniqueFor = 900;'
both "until processing: released by the letter that is sent" 1 --once
both "and by the one that is released" 5 --once
before='update jobs set attempts=9'
both "but not by one that fails before it begins" 5 --once
class_is ShouldBeUnique 'public $uniqueFor = 900;'
both "which a lock until the end is" 5 --once
before=
both "nobody to write to: done" 9999 --once

# === the name ===

class_is ShouldBeUnique 'public $uniqueId = "brief";'
both "an id in a property" 1 --once
has "is in the name" "$ours" "SendVolunteerLetterJob:brief"
class_is ShouldBeUnique 'public function uniqueId(): string { return $this->clubId."-".$this->teacherId."-".$this->sentByUserId; }'
both "one that a method makes" 2 --once
has "too" "$ours" "SendVolunteerLetterJob:1-2-"
class_is ShouldBeUnique 'public function uniqueId() { $x = md5($this->teacherId); return $x; }'
both "one that only PHP makes: as the dispatch noted it" 1 --once
class_is ShouldBeUnique 'public function displayName() { return "Brief"; }'
both "a display name" 1 --once
class_is ShouldBeUnique 'public function uniqueVia() { return cache()->store("file"); }'
both "a store of its own" 1 --once

# === PHP's ===

class_is ShouldBeUnique 'public function uniqueId() { $x = 1; return $x; }'
before="update jobs set payload=json_remove(payload, '\$.\"illuminate:log:context\"')"
run facteur 1 --once >/dev/null
equals "a name that nobody here can tell: left to PHP" "$(mails), $(sql 'select attempts from jobs limit 1')" "0, 0"
has "which is said" "$(tr -s ' \n' ' ' <"$TMP/work.log")" "is unique, by a lock whose name only PHP can tell"
before=

# === a store that is away ===

class_is ShouldBeUnique 'public function uniqueVia() { return cache()->store("redis"); }'
in_store file
app_reset
sql 'truncate jobs'
clear_locks
artisan letters:dispatch 1 1
redis_stop
facteur queue:work --stop-when-empty --sleep=0 >"$TMP/work.log" 2>&1
equals "the letter is sent all the same, once" "$(mails), $(sql 'select count(*) from jobs')" "1, 0"
has "and that the lock stays is said" "$(tr -s ' \n' ' ' <"$TMP/work.log")" \
    "the lock laravel_unique_job:App\\Jobs\\SendVolunteerLetterJob: of a unique job is not released"
