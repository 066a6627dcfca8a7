#!/bin/bash
# drain.sh: the program of a real supervisord, whose command is `php artisan queue:work …`, becomes facteur's by
# one word of its line; it drains a queue of jobs of all kinds while processes of every kind are killed.
#
#   DRAIN_EACH=24    so many jobs of each kind, 300 in all; 160 are 2,000
#   DRAIN_KILLS=20
#   DRAIN_SEED=N     the same order of killing once more
. test/lib/servers.sh
. test/lib/app.sh
. test/lib/drain.sh
laravel_or_skip
command -v supervisord >/dev/null || { skip drain "supervisord is not installed"; exit 0; }
socket=$(mktemp -u /tmp/facteur-drain.XXXXXX)
trap cleanup EXIT
tmpdir
export FACTEUR_PROVE=3 # as without the variable: the first letters of each kind are run by PHP
SEED=${DRAIN_SEED:-$RANDOM}
note "DRAIN_SEED=$SEED"
RANDOM=$SEED
mariadb_start "$TMP/db" || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" || exit 1
drain_app "$TMP/app" DB_QUEUE_RETRY_AFTER=20 || exit 1
drain_fill "${DRAIN_EACH:-24}" || exit 1

# === the program, before and after ===

mkdir "$TMP/conf.d" "$TMP/bin"
ln -s "$FACTEUR" "$TMP/bin/facteur"
cat >"$TMP/artisan.conf" <<CONF
[program:worker]
directory=$APP
command=php artisan queue:work database --sleep=0 --tries=20 --timeout=15 --memory=2048
autorestart=true
startsecs=0
startretries=1000
stopwaitsecs=30
redirect_stderr=true
stdout_logfile=$TMP/worker.log
CONF
sed 's/^command=php artisan /command=facteur /' "$TMP/artisan.conf" >"$TMP/conf.d/worker.conf"
equals "one line is changed" "$(diff "$TMP/artisan.conf" "$TMP/conf.d/worker.conf" | grep -c '^>')" 1
cat >"$TMP/supervisord.conf" <<CONF
[supervisord]
nodaemon=true
logfile=$TMP/supervisord.log
pidfile=$TMP/supervisord.pid
childlogdir=$TMP
$([ "$(id -u)" != 0 ] || echo user=root)
[unix_http_server]
file=$socket
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://$socket
[include]
files = $TMP/conf.d/*.conf
CONF
(PATH=$TMP/bin:$PATH exec env -u DB_SOCKET -u DB_PORT -u SMTP_PORT -u SMTP_HTTP_PORT -u FACTEUR_PHP \
    supervisord -c "$TMP/supervisord.conf") >"$TMP/supervisord.out" 2>&1 &
supervisord=$!
remember $supervisord

# === killing ===

master() { pgrep -P $supervisord -f 'queue:work' | head -1; }
children() { local pid; for pid; do pgrep -P "$pid"; done; }
# shellcheck disable=SC2046
slots() { children $(master); }
# shellcheck disable=SC2046
phps() { children $(slots); }
# shellcheck disable=SC2046
grandchildren() { children $(phps); } # what jobs have started
one_of() { [ $# -gt 0 ] && shuf -n1 --random-source=<(yes $RANDOM) -e "$@"; }
KILLS=0
kill_one() { # WHAT
    local pid
    # shellcheck disable=SC2046
    pid=$(one_of $($1)) && kill -9 "$pid" 2>/dev/null || return 1
    killed+="$1 "
    [ "$1" = master ] || KILLS=$((KILLS + 1))
}
kill_all() {
    local m s
    m=$(master)
    mapfile -t s < <(slots)
    kill -STOP "$m" || return 1
    kill -9 "${s[@]}" "$m"
    killed+="all "
    KILLS=$((KILLS + ${#s[@]}))
}
killed=
busy() { [ -n "$(phps)" ]; }
began=$SECONDS
eventually 30 busy || not_ok "the program runs PHP" "$(tail "$TMP/supervisord.log" "$TMP/worker.log")"
WHAT=(phps slots grandchildren phps master phps slots grandchildren grandchildren all)
for ((i = 0; i < ${DRAIN_KILLS:-20}; i++)); do
    drain_empty && break
    sleep "0.$((RANDOM % 6 + 1))"
    case ${WHAT[i % ${#WHAT[@]}]} in
    all) kill_all ;;
    grandchildren) eventually 2 kill_one grandchildren ;;
    *) kill_one "${WHAT[i % ${#WHAT[@]}]}" ;;
    esac
done
note "$(tr ' ' '\n' <<<"$killed" | grep . | sort | uniq -c | paste -sd, | tr -s ' ')"
check "the queue is drained" eventually 300 drain_empty
note "$((SECONDS - began)) s"
family=$(master; slots; phps)
check "the program stops when it is told" supervisorctl -c "$TMP/supervisord.conf" stop worker
none() { local p; for p in $family; do ! kill -0 "$p" 2>/dev/null || return 1; done; }
check "and leaves no process" eventually 10 none
supervisorctl -c "$TMP/supervisord.conf" shutdown >/dev/null
wait $supervisord
forget $supervisord
equals "nor any other that it had started" "$(pgrep -f "$TMP/app" | wc -l)" 0
equals "nothing is left in the run folder" "$(find "$APP/storage/framework/facteur" -type f -not -path '*/opcache-*' | wc -l)" 0
drain_held $KILLS
check "no error of a sanitizer" bash -c "! grep -l Sanitizer '$TMP/worker.log'"
