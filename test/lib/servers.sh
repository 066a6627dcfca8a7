# shellcheck shell=bash
# servers.sh: what system tests source: private servers, and checks printed as TAP.
#
#   . test/lib/servers.sh           (from the root of the repository)
#   trap cleanup EXIT
#   tmpdir                          $TMP: a private folder below build/tmp/
#   mariadb_start "$TMP/db"         $DB_SOCKET, $DB_PORT exported; user app, database app
#                                   (FACTEUR_DB=mysql: Oracle's MySQL in its place)
#   sql "select 1"
#   equals "the queue is empty" "$(sql "select count(*) from jobs")" 0
#
# Servers listen on sockets and on 127.0.0.1 only, each with data of its own. cleanup ends
# what was started here, by process id, and removes $TMP unless a check failed.

set -u
# Most tests are of what facteur does itself, in apps that no PHP could boot; those of PHP's
# jobs say --php=auto.
export FACTEUR_PHP=${FACTEUR_PHP:-off}
# Nor does PHP make the first letters: proven.sh is of that.
export FACTEUR_PROVE=${FACTEUR_PROVE:-0}
PATH=$PATH:/usr/sbin:/sbin # where mariadbd is, and a user's shell does not look
SERVER_PIDS=()
TAP_COUNT=0
TAP_FAILED=0
TMP=

# === checks ===

ok() {
    TAP_COUNT=$((TAP_COUNT + 1))
    echo "ok $TAP_COUNT - $1"
}

# not_ok NAME [DETAIL]: the detail follows as diagnostics.
not_ok() {
    TAP_COUNT=$((TAP_COUNT + 1))
    TAP_FAILED=$((TAP_FAILED + 1))
    echo "not ok $TAP_COUNT - $1"
    if [ -n "${2:-}" ]; then note "$2"; fi
}

# skip NAME WHY
skip() {
    TAP_COUNT=$((TAP_COUNT + 1))
    echo "ok $TAP_COUNT - $1 # SKIP $2"
}

# note TEXT: a line of diagnostics.
note() { printf '%s\n' "$1" | sed 's/^/# /'; }

# check NAME COMMAND...: ok when the command succeeds; its output is shown when not.
check() {
    local name=$1 out
    shift
    if out=$("$@" 2>&1); then ok "$name"; else not_ok "$name" "$* said: $out"; fi
}

# equals NAME GOT WANT
equals() {
    if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "got  [$2]"$'\n'"want [$3]"; fi
}

# eventually SECONDS COMMAND...: waits until the command succeeds.
eventually() {
    local until=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $until ] || return 1
        sleep 0.05
    done
}

# === folders, ports, processes ===

tmpdir() {
    mkdir -p build/tmp
    TMP=$(mktemp -d "$PWD/build/tmp/$(basename "$0" .sh).XXXXXX")
}

# free_port prints a port of 127.0.0.1 that nobody listens on, below those that the kernel
# gives to outgoing connections.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    echo "$port"
}

# end_process PID: TERM, and KILL when it does not go within ten seconds.
end_process() {
    local pid=$1
    kill "$pid" 2>/dev/null || { wait "$pid" 2>/dev/null; return 0; }
    for _ in $(seq 200); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.05
    done
    kill -9 "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    return 0
}

# remember PID, forget PID: what cleanup has to end.
remember() { SERVER_PIDS+=("$1"); }
forget() {
    local keep=() pid
    for pid in "${SERVER_PIDS[@]}"; do [ "$pid" = "$1" ] || keep+=("$pid"); done
    SERVER_PIDS=(${keep[@]+"${keep[@]}"})
}

# cleanup: for `trap cleanup EXIT`. The program fails when a check did.
cleanup() {
    local status=$? pid
    for pid in ${SERVER_PIDS[@]+"${SERVER_PIDS[@]}"}; do end_process "$pid"; done
    SERVER_PIDS=()
    # A server that was killed leaves the socket for which its folder had too long a name.
    [[ ${DB_SOCKET:-} != /tmp/* ]] || rm -f "$DB_SOCKET" "$DB_SOCKET.lock"
    if [ $status -ne 0 ] || [ $TAP_FAILED -gt 0 ]; then
        [ -z "$TMP" ] || note "left for you to look at: $TMP"
        [ $status -ne 0 ] || status=1
    elif [ -n "$TMP" ]; then
        rm -rf "$TMP"
    fi
    trap - EXIT
    exit $status
}

# === MariaDB, or MySQL ===

FACTEUR_DB=${FACTEUR_DB:-mariadb}
DB_TEMPLATE=build/$FACTEUR_DB-template
DB_FIXED=(--no-defaults)
[ "$(id -u)" != 0 ] || DB_FIXED+=(--user=root)
if [ "$FACTEUR_DB" = mysql ]; then
    MYSQL_SHARE=$PWD/build/mysql/root/usr/share/mysql
    DB_FIXED+=(--basedir="$PWD/build/mysql/root/usr" --lc-messages-dir="$MYSQL_SHARE"
        --character-sets-dir="$MYSQL_SHARE/charsets" --innodb-redo-log-capacity=32M
        --plugin-dir="$PWD/build/mysql/root/usr/lib/mysql/plugin")
else
    DB_FIXED+=(--innodb-log-file-size=32M)
fi

# mysql_or_skip: ends the test program with one skipped check where MySQL cannot be had.
mysql_or_skip() {
    [ "$FACTEUR_DB" = mysql ] || return 0
    test/tools/from_sid mysql >build/mysql-install.log 2>&1 && return 0
    skip "$(basename "$0" .sh) on MySQL" "$(head -1 build/mysql-install.log)"
    exit 0
}

# db_template makes the data of an empty server once (4 s); a copy takes 0.2 s.
db_template() {
    mkdir -p build
    (
        flock 9
        [ -e "$DB_TEMPLATE/made" ] && exit 0
        rm -rf "$DB_TEMPLATE"
        mkdir -p "$DB_TEMPLATE"
        db_install >"$DB_TEMPLATE.log" 2>&1 || { cat "$DB_TEMPLATE.log" >&2; exit 1; }
        touch "$DB_TEMPLATE/made"
    ) 9>"$DB_TEMPLATE.lock"
}

db_install() {
    if [ "$FACTEUR_DB" = mysql ]; then
        build/mysql/run mysqld "${DB_FIXED[@]}" --initialize-insecure \
            --datadir="$PWD/$DB_TEMPLATE/data" || return 1
        # As with MariaDB there is TLS only where a test gives certificates.
        rm -f "$DB_TEMPLATE"/data/{ca,ca-key,server-cert,server-key,client-cert,client-key}.pem
    else
        # --force: in a bare root not even localhost has an address.
        mariadb-install-db "${DB_FIXED[@]}" --force --datadir="$PWD/$DB_TEMPLATE/data" \
            --auth-root-authentication-method=normal --skip-test-db
    fi
}

# db_program OPTION...: the server itself, in this process's place.
db_program() {
    if [ "$FACTEUR_DB" = mysql ]; then
        exec build/mysql/run mysqld "${DB_FIXED[@]}" --mysqlx=OFF --skip-log-bin --auto-generate-certs=OFF \
            --innodb-buffer-pool-size=64M --performance-schema=OFF --secure-file-priv=NULL "$@"
    fi
    exec mariadbd "${DB_FIXED[@]}" "$@"
}

# mariadb_start DIR [OPTION...]: a server of its own in DIR. When DIR holds data already
# they are used again. Sets DB_SOCKET, DB_PORT (exported), DB_PID, and DB_USERNAME,
# DB_PASSWORD, DB_DATABASE of an account that may do all in its own database.
mariadb_start() {
    local dir
    mkdir -p "$1/tmp"
    dir=$(cd "$1" && pwd)
    shift
    mysql_or_skip
    db_template || return 1
    [ -d "$dir/data" ] || cp -a "$DB_TEMPLATE/data" "$dir/data"
    DB_SOCKET=$dir/sock
    # The kernel knows sockets by paths of 107 bytes at most.
    [ ${#DB_SOCKET} -le 100 ] || DB_SOCKET=$(mktemp -u /tmp/facteur-sock.XXXXXX)
    DB_PORT=$(free_port)
    DB_USERNAME=app DB_PASSWORD='s3cret;"word' DB_DATABASE=app
    cat >"$dir/init.sql" <<SQL
create database if not exists $DB_DATABASE character set utf8mb4 collate utf8mb4_unicode_ci;
create user if not exists $DB_USERNAME@localhost identified by '$DB_PASSWORD';
create user if not exists $DB_USERNAME@'127.0.0.1' identified by '$DB_PASSWORD';
grant all on $DB_DATABASE.* to $DB_USERNAME@localhost;
grant all on $DB_DATABASE.* to $DB_USERNAME@'127.0.0.1';
SQL
    # Without a tmpdir of its own each server that starts removes the #sql files of all others
    # from /tmp, and MariaDB 10.11 dies of that.
    db_program --datadir="$dir/data" --tmpdir="$dir/tmp" --socket="$DB_SOCKET" \
        --bind-address=127.0.0.1 --port="$DB_PORT" --pid-file="$dir/pid" \
        --init-file="$dir/init.sql" --skip-name-resolve --innodb-flush-log-at-trx-commit=1 \
        --character-set-server=utf8mb4 --collation-server=utf8mb4_unicode_ci \
        "$@" >"$dir/log" 2>&1 &
    DB_PID=$!
    remember $DB_PID
    export DB_SOCKET DB_PORT
    local until=$((SECONDS + 60))
    until DB_DATABASE='' sql "select 1" >/dev/null 2>&1; do
        if ! kill -0 $DB_PID 2>/dev/null || [ $SECONDS -ge $until ]; then
            echo "mariadb_start: the server does not answer; its log:" >&2
            tail -20 "$dir/log" >&2
            exit 1 # nothing that follows could tell anything
        fi
        sleep 0.05
    done
}

# sql STATEMENTS: runs them as root of the last server started, prints rows with tabs.
sql() {
    mariadb --no-defaults --default-character-set=utf8mb4 -uroot -S "$DB_SOCKET" -N -B \
        ${DB_DATABASE:+-D "$DB_DATABASE"} -e "$1"
}

# sql_file FILE...
sql_file() {
    local file
    for file; do
        mariadb --no-defaults --default-character-set=utf8mb4 -uroot -S "$DB_SOCKET" \
            -D "$DB_DATABASE" <"$file" || return 1
    done
}

# schema: the tables of a Laravel 12 app with letters.
schema() {
    sql_file sql/schema/jobs.sql sql/schema/failed_jobs.sql sql/schema/cache.sql \
        sql/schema/app.sql
}

mariadb_stop() {
    end_process "$DB_PID"
    forget "$DB_PID"
}

# === SMTP ===

# smtp_start DIR [OPTION of test/smtpcatch.py...]: sets SMTP_PORT, SMTP_HTTP_PORT, SMTP_PID.
# DIR holds its log; --dir=FOLDER keeps the mails.
smtp_start() {
    local dir=$1 until=$((SECONDS + 20))
    shift
    mkdir -p "$dir"
    : >"$dir/smtp.ready"
    /usr/bin/python3 test/smtpcatch.py "$@" >"$dir/smtp.ready" 2>"$dir/smtp.log" &
    SMTP_PID=$!
    remember $SMTP_PID
    until grep -q '^ready ' "$dir/smtp.ready"; do
        if ! kill -0 $SMTP_PID 2>/dev/null || [ $SECONDS -ge $until ]; then
            echo "smtp_start: the catcher is not ready; its log:" >&2
            tail -20 "$dir/smtp.log" >&2
            return 1
        fi
        sleep 0.05
    done
    read -r _ SMTP_PORT SMTP_HTTP_PORT < <(grep '^ready ' "$dir/smtp.ready")
    export SMTP_PORT SMTP_HTTP_PORT
}

smtp_stop() {
    end_process "$SMTP_PID"
    forget "$SMTP_PID"
}

# script_start DIR ARGUMENT...: a fresh test/lib/scripted_smtp.py in the place of the last one.
# Sets SMTP_PORT; $SCRIPT_LOG is what its clients say. script_taken counts the mails it took.
SCRIPT_PID=
script_start() {
    local dir=$1
    shift
    script_stop
    mkdir -p "$dir"
    SCRIPT_LOG=$dir/log
    rm -f "$dir/port" "$SCRIPT_LOG"
    /usr/bin/python3 test/lib/scripted_smtp.py --port-file "$dir/port" --log "$SCRIPT_LOG" "$@" &
    SCRIPT_PID=$!
    remember "$SCRIPT_PID"
    eventually 30 test -s "$dir/port" || { echo "script_start: no server" >&2; exit 1; }
    SMTP_PORT=$(cat "$dir/port")
    export SMTP_PORT
}
script_stop() {
    [ -n "$SCRIPT_PID" ] || return 0
    end_process "$SCRIPT_PID"
    forget "$SCRIPT_PID"
    SCRIPT_PID=
}
script_taken() { grep -c ' taken ' "$SCRIPT_LOG"; }

# === Redis ===

# redis_start DIR [OPTION...]: a server of its own, without persistence. Sets REDIS_PID,
# REDIS_PORT; its socket is DIR/redis.sock.
redis_start() {
    local dir=$1 until=$((SECONDS + 20))
    shift
    mkdir -p "$dir"
    REDIS_PORT=$(free_port)
    redis-server --bind 127.0.0.1 --port "$REDIS_PORT" --dir "$dir" --save '' --appendonly no \
        --unixsocket "$dir/redis.sock" "$@" >"$dir/redis.log" 2>&1 &
    REDIS_PID=$!
    remember $REDIS_PID
    until grep -qs 'Ready to accept connections' "$dir/redis.log"; do
        if ! kill -0 $REDIS_PID 2>/dev/null || [ $SECONDS -ge $until ]; then
            echo "redis_start: the server is not ready; its log:" >&2
            tail -20 "$dir/redis.log" >&2
            return 1
        fi
        sleep 0.05
    done
}

redis_stop() {
    end_process "$REDIS_PID"
    forget "$REDIS_PID"
}
