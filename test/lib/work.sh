# shellcheck shell=bash
# work.sh: what tests of the worker source after servers.sh: an app's folder, people who get
# letters, facteur under test.
#
#   app_make "$TMP/app"             an app on the servers started before; $APP
#   people 3                        teachers 1..3 of club 1
#   facteur queue:work --stop-when-empty

FACTEUR=${FACTEUR:-$PWD/build/asan/facteur}
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1}

facteur() { "$FACTEUR" --app="$APP" "$@"; }

# app_make DIR [ENV LINE...]: an app whose zone is Paris, whatever the server's is.
app_make() {
    APP=$1
    shift
    mkdir -p "$APP"/{bootstrap/cache,config,storage/logs,storage/framework,resources}
    cp -r views "$APP/resources"
    printf '#!/usr/bin/env php\n' >"$APP/artisan"
    printf "<?php\n\nreturn ['name' => env('APP_NAME'), 'env' => env('APP_ENV'),\n    'timezone' => 'Europe/Paris', 'locale' => 'fr'];\n" \
        >"$APP/config/app.php"
    printf '{"packages":[{"name":"laravel/framework","version":"v12.72.0"}]}\n' >"$APP/composer.lock"
    {
        echo "APP_NAME=Activibe"
        echo "APP_ENV=testing"
        echo "DB_CONNECTION=mysql"
        echo "DB_HOST=127.0.0.1"
        echo "DB_PORT=$DB_PORT"
        echo "DB_DATABASE=$DB_DATABASE"
        echo "DB_USERNAME=$DB_USERNAME"
        echo "DB_PASSWORD='$DB_PASSWORD'"
        echo "QUEUE_CONNECTION=database"
        echo "MAIL_MAILER=smtp"
        echo "MAIL_HOST=127.0.0.1"
        echo "MAIL_PORT=${SMTP_PORT:-25}"
        echo "MAIL_FROM_ADDRESS=club@activibe.test"
        echo 'MAIL_FROM_NAME="Activibe Équitation"'
        echo "LOG_CHANNEL=single"
        for line; do echo "$line"; done
    } >"$APP/.env"
    LOG=$APP/storage/logs/laravel.log
}

# proxy_start: the app's connections to the database go through test/lib/dbproxy.py from now on;
# $PROXY_PID; what it is told, and says, is in $TMP/proxy.
proxy_start() {
    mkdir -p "$TMP/proxy"
    : >"$TMP/proxy/ready"
    test/lib/dbproxy.py "$DB_PORT" "$TMP/proxy" >"$TMP/proxy/ready" 2>"$TMP/proxy/log" &
    PROXY_PID=$!
    remember $PROXY_PID
    eventually 10 grep -q ready "$TMP/proxy/ready"
    sed -i "s/^DB_PORT=.*/DB_PORT=$(cut -d' ' -f2 "$TMP/proxy/ready")/" "$APP/.env"
}

# people N: club 1, and teachers 1..N with users of the same ids.
people() {
    local i
    {
        echo "insert into clubs (id, name, city, legal_representative_name, created_at, updated_at)
              values (1, 'Les Écuries de l''Étang', 'Wavre', 'Élise Dupont', now(), now());"
        for i in $(seq "$1"); do
            echo "insert into users (id, name, email, city, password, remember_token)
                  values ($i, 'Zoë Lefèvre $i', 'teacher$i@example.test', 'Namur', 'hash-$i', 'token-$i');
                  insert into teachers (id, user_id) values ($i, $i);
                  insert into club_teacher (club_id, teacher_id) values (1, $i);"
        done
    } >"$TMP/people.sql"
    sql_file "$TMP/people.sql"
}

# foreign_job CLASS [QUEUE]: a job that is not ours.
foreign_job() {
    sql "insert into jobs (queue, payload, attempts, reserved_at, available_at, created_at) values
        ('${2:-default}', '{\"uuid\":\"$(cat /proc/sys/kernel/random/uuid)\",\"displayName\":\"App\\\\\\\\Jobs\\\\\\\\$1\",\"job\":\"Illuminate\\\\\\\\Queue\\\\\\\\CallQueuedHandler@call\",\"maxTries\":null,\"data\":{\"commandName\":\"App\\\\\\\\Jobs\\\\\\\\$1\",\"command\":\"O:1:\\\\\"X\\\\\":0:{}\"}}', 0, null, 0, 0)"
}

# work_start [OPTION...]: queue:work in the background; $WORK_PID, output in $WORK_OUT.
work_start() {
    WORK_OUT=$TMP/work.out
    "$FACTEUR" --app="$APP" queue:work --memory=1024 "$@" >"$WORK_OUT" 2>&1 </dev/null &
    WORK_PID=$!
    remember $WORK_PID
}

# work_wait: waits for it and leaves its exit code in $WORK_STATUS.
work_wait() {
    wait "$WORK_PID"
    WORK_STATUS=$?
    forget "$WORK_PID"
}

mails() { find "$TMP/mails" -name '*.eml' 2>/dev/null | wc -l; }
jobs_count() { sql "select count(*) from jobs"; }
sends() { sql "select group_concat(status order by id) from volunteer_letter_sends"; }
is() { [ "$("${@:2}")" = "$1" ]; } # is WANT COMMAND...
slots_of() { pgrep -P "$1"; }
