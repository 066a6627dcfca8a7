#!/bin/bash
# The app's cache stores beside Laravel's own Cache: each reads what the other wrote, and
# both leave the same rows, files and keys behind.
# shellcheck source=test/lib/servers.sh
. test/lib/servers.sh
# shellcheck source=test/lib/app.sh
. test/lib/app.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" || exit 1
openssl req -x509 -newkey rsa:2048 -nodes -days 7 -subj "/CN=127.0.0.1" \
    -addext "subjectAltName=IP:127.0.0.1" -keyout "$TMP/key.pem" -out "$TMP/cert.pem" 2>/dev/null
TLS_PORT=$(free_port)
redis_start "$TMP/redis" --requirepass 'geheim;"x' --user app on '>pass%word' '~*' '+@all' \
    --tls-port "$TLS_PORT" --tls-cert-file "$TMP/cert.pem" --tls-key-file "$TMP/key.pem" \
    --tls-ca-cert-file "$TMP/cert.pem" --tls-auth-clients no || exit 1
app_schema && app_new "$TMP/app"
PREFIXED=("CACHE_PREFIX=équipe_" "REDIS_PORT=$REDIS_PORT" "REDIS_PASSWORD='geheim;\"x'")

laravel() { clean php test/laravel/cache_ops.php "$APP" "$1"; }
ours() { clean build/asan/cache_ops "$APP" "$1"; }
redis() { REDISCLI_AUTH='geheim;"x' redis-cli -p "$REDIS_PORT" "$@"; }

# left prints all that is in the stores; expiry is told as seconds from now, roughly.
left() {
    local now file until
    now=$(date +%s)
    sql "select 'row', \`key\`, value, ceiling((expiration - $now) / 30) from cache
        union all select 'lock', \`key\`, owner, ceiling((expiration - $now) / 30) from cache_locks
        order by 1, 2"
    (cd "$APP/storage/framework/cache/data" 2>/dev/null && find . -type f | sort |
        while read -r file; do
            until=$(head -c 10 "$file")
            [ "$until" = 9999999999 ] || until=$(((until - now + 29) / 30))
            echo "$file $until $(stat -c %A "$file") $(tail -c +11 "$file")"
        done)
    for db in 0 1 5; do
        redis -n $db keys '*' | sort | while read -r key; do
            [ -z "$key" ] || echo "redis $db $key = $(redis -n $db get "$key")" \
                "ttl $((($(redis -n $db ttl "$key") + 29) / 30))"
        done
    done
}

wipe() {
    sql "delete from cache; delete from cache_locks"
    rm -rf "$APP/storage/framework/cache/data"
    redis flushall >/dev/null
}

VALUES=$'put\tint\t1795447844\t0
put\tzero\t0\t86400
put\ttrue\ttrue\t0
put\tfalse\tfalse\t500
put\ttext\t"caf\\u00e9 \\"x\\""\t500
put\tdigits\t"123"\t500
put\tfloat\t1.5\t500
put\tlist\t[1,"a",{"k":null}]\t500
put\tilluminate:queue:restart\t1795447844\t0
put\tilluminate:queue:paused:database:default\ttrue\t0'
READS=$'read\tint\nread\tzero\nread\ttrue\nread\tfalse\nread\ttext\nread\tdigits\nread\tfloat\nread\tlist
read\tilluminate:queue:restart\nread\tilluminate:queue:paused:database:default\nread\tnothing'
CHANGES=$'put\tgone\t1\t0\nforget\tgone\nread\tgone\nforget\tnever
put\tn\t0\t86400\nincrement\tn\nincrement\tn\nread\tn
increment\tabsent\nread\tabsent
put\tword\t"x"\t500\nput\tn2\t5\t0\nincrement\tn2
put\tint\t7\t500\nput\tshort\t1\t2\nread\tshort'
LOCKS=$'lock\tone\towner00000000001\t50\nlock\ttwo\towner00000000002\t50\nlock\tthree\towner00000000003\t0
lock\tlaravel_unique_job:App\\Jobs\\X:1\towner00000000004\t3600'
UNLOCKS=$'unlock\tone\nunlock\ttwo\tanother0000000001\nunlock\tthree\towner00000000003
unlock\tlaravel_unique_job:App\\Jobs\\X:1\nunlock\tnever'

# compare STORE TITLE
compare() {
    local store=$1 title=$2 want got
    wipe
    laravel "$store" <<<"$VALUES" >/dev/null
    want=$(laravel "$store" <<<"$READS")
    same "$title: what Laravel wrote is read" "$(ours "$store" <<<"$READS" | sed 's/^"\([0-9.]*\)"$/\1/')" \
        "$(sed 's/^"\([0-9.]*\)"$/\1/' <<<"$want")"
    want=$(left)
    wipe
    equals "$title: everything is written" "$(ours "$store" <<<"$VALUES" | sort -u)" true
    same "$title: as Laravel writes it" "$(left)" "$want"
    wipe
    want=$(laravel "$store" <<<"$CHANGES"; sleep 2.2; laravel "$store" <<<$'read\tshort'; left)
    wipe
    got=$(ours "$store" <<<"$CHANGES"; sleep 2.2; ours "$store" <<<$'read\tshort'; left)
    same "$title: changes, counting, what expires" "$(sed 's/^"\([0-9.]*\)"$/\1/' <<<"$got")" \
        "$(sed 's/^"\([0-9.]*\)"$/\1/' <<<"$want")"
    wipe
    laravel "$store" <<<"$LOCKS" >/dev/null
    equals "$title: locks are there" "$(left | wc -l)" 4
    laravel "$store" <<<"$UNLOCKS" >/dev/null
    want=$(left)
    wipe
    laravel "$store" <<<"$LOCKS" >/dev/null
    ours "$store" <<<"$UNLOCKS" >/dev/null
    same "$title: locks are released" "$(left)" "$want"
}

app_env "${PREFIXED[@]}"
compare database "database"
compare file "file"
compare redis "redis with a password"
compare failover "failover"
app_env "${PREFIXED[@]}" DB_CACHE_TABLE=cache CACHE_PREFIX= REDIS_PREFIX= REDIS_CACHE_DB=5 \
    REDIS_USERNAME=app REDIS_PASSWORD=pass%word
compare redis "redis with a user, another database, no prefix"
app_env "${PREFIXED[@]}" "REDIS_URL=redis://app:pass%25word@127.0.0.1:$REDIS_PORT/5"
compare redis "redis by a url"
app_env "${PREFIXED[@]}" "REDIS_HOST=$TMP/redis/redis.sock" REDIS_PORT=0
compare redis "redis by a socket"

# TLS: the certificate is checked, by PHP as well.
app_env "${PREFIXED[@]}" REDIS_HOST=tls://127.0.0.1 "REDIS_PORT=$TLS_PORT"
has "an unknown authority is refused" "$(ours redis <<<$'read\tint')" "error connection lost" "127.0.0.1:$TLS_PORT"
cp "$APP/config/database.php" "$TMP/database.php"
sed -i "\$d" "$APP/config/database.php"
cat >>"$APP/config/database.php" <<PHP
    'redis' => [
        'client' => 'phpredis',
        'options' => ['prefix' => 'p:', 'context' => ['stream' => ['cafile' => '$TMP/cert.pem']]],
        'cache' => ['host' => '127.0.0.1', 'scheme' => 'tls', 'password' => env('REDIS_PASSWORD'), 'port' => $TLS_PORT, 'database' => 1,
            'context' => ['stream' => ['cafile' => '$TMP/cert.pem']]],
        'default' => ['host' => 'tls://127.0.0.1', 'password' => env('REDIS_PASSWORD'), 'port' => $TLS_PORT, 'database' => '0',
            'context' => ['stream' => ['cafile' => '$TMP/cert.pem']]],
    ],
];
PHP
compare redis "redis with TLS"
sed -i "s/'prefix' => 'p:'/'prefix' => 'p:', 'serializer' => Redis::SERIALIZER_PHP/" "$APP/config/database.php"
compare redis "redis with PHP's serializer"
sed -i "s/Redis::SERIALIZER_PHP/Redis::SERIALIZER_JSON/" "$APP/config/database.php"
has "another serializer is refused" "$(ours redis <<<$'read\tint')" "error unsupported" serializer
cp "$TMP/database.php" "$APP/config/database.php"

# What is not there
app_env "${PREFIXED[@]}" REDIS_PASSWORD=wrong
said=$(ours redis <<<$'read\tint')
has "a wrong password is fatal" "$said" "error fatal" WRONGPASS
equals "and no password is repeated" "$(grep -c -e wrong -e geheim <<<"$said")" 0
redis_stop
app_env "${PREFIXED[@]}"
has "a server that is away" "$(ours redis <<<$'read\tint')" "error connection lost" "Redis at 127.0.0.1:$REDIS_PORT does not answer"
has "an unknown store" "$(ours nowhere </dev/null)" "Cache store [nowhere] is not defined."
has "an unknown driver" "$(ours octane </dev/null)" 'error unsupported: the cache store "octane"'
equals "array counts within one process" \
    "$(ours array <<<$'put\tn\t0\t86400\nincrement\tn\nincrement\tn\nread\tn\nread\tx' | tr '\n' ' ')" \
    "true 1 2 2 null "
equals "null keeps nothing" "$(ours null <<<$'put\tn\t1\t0\nread\tn' | tr '\n' ' ')" "true null "
app_env "${PREFIXED[@]}" CACHE_STORE=null
equals "nor does a default that is null" "$(ours '' <<<$'put\tn\t1\t86400\nread\tn' | tr '\n' ' ')" "true null "
app_env "${PREFIXED[@]}"
sql "drop table cache"
has "a table that is missing" "$(ours database <<<$'read\tn')" "error job" "cache"
