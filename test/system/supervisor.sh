#!/bin/bash
# facteur under a real supervisord, with the program file that is shipped: start, a stop in
# mid-letter, restarts after a crash and after --max-time, the log's rotation, reread and update,
# a second group: the file's other way, two masters of one slot.
FACTEUR=${FACTEUR:-$PWD/build/release/facteur} # the program file has no --memory for ASan
. test/lib/servers.sh
. test/lib/app.sh
command -v supervisord >/dev/null || { skip supervisor "supervisord is not installed"; exit 0; }
socket=$(mktemp -u /tmp/facteur-supervisor.XXXXXX) # short enough for the kernel
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" || exit 1
# A letter takes a second and a half on its way to the catcher.
smtp_start "$TMP/smtp" --dir="$TMP/mails" --delay=1.5 || exit 1
app_schema && app_new "$TMP/app" || exit 1

# === supervisord, with a socket of its own ===

# conf MAXTIME [FILE]: the shipped file, with this test's program, app and account.
conf() {
    sed -e "s|/usr/local/bin/facteur|$FACTEUR|; s|/var/www/activibe|$APP|g" \
        -e "s|--max-time=[0-9]*|--max-time=$1|; /^user=/d" "${2:-supervisor/facteur.conf}"
}

control="serverurl=unix://$socket"
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
$control

[include]
files = $TMP/conf.d/*.conf
CONF
mkdir "$TMP/conf.d"
conf 3600 >"$TMP/conf.d/facteur.conf"
equals "the shipped file names program, app and log in the form of the app's own" \
    "$(grep -cE "^(command=$FACTEUR --app=$APP queue:work .*--max-time=3600|stdout_logfile=$APP/storage/logs/worker.log|stopwaitsecs=3600|stopsignal=TERM|redirect_stderr=true)$" "$TMP/conf.d/facteur.conf")" 5
equals "and signals the master alone" "$(grep -cE '^;? ?(stop|kill)asgroup=' supervisor/facteur.conf)" 0

# exec: the pid to end is supervisord's, not a shell's.
(exec env -u DB_SOCKET -u DB_PORT supervisord -c "$TMP/supervisord.conf") \
    >"$TMP/supervisord.out" 2>&1 &
supervisord=$!
remember $supervisord

ctl() { supervisorctl -c "$TMP/supervisord.conf" "$@"; }
running() { ctl status facteur:facteur_00 | grep -q ' RUNNING '; }
master() { ctl pid facteur:facteur_00; }
rows() { sql "select count(*) from volunteer_letter_sends where status='$1'"; }
some() { [ "$(rows "$1")" -ge "$2" ]; }

# push TEACHER: one letter on the queue.
push() { facteur letter:dispatch 1 "$1" >/dev/null; }

# === start ===

if ! eventually 20 running; then
    not_ok "the program starts" "$(ctl status; tail -5 "$TMP/supervisord.out" "$APP/storage/logs/worker.log")"
    exit 1
fi
ok "the program starts"
push 1
check "and sends a letter" eventually 20 some sent 1
has "its lines are in the worker's log" "$(cat "$APP/storage/logs/worker.log")" \
    "App\\Jobs\\SendVolunteerLetterJob" "DONE"

# === a stop in mid-letter ===

pid=$(master)
mapfile -t family < <(echo "$pid"; pgrep -P "$pid")
push 2
eventually 20 some pending 1 || not_ok "a letter is on its way"
begin=$SECONDS
check "supervisorctl stops it in mid-letter" ctl stop facteur:facteur_00
if [ $((SECONDS - begin)) -le 15 ]; then ok "without waiting long"; else
    not_ok "without waiting long" "$((SECONDS - begin)) s"; fi
equals "the letter was finished first" "$(rows sent), $(mails), $(sql 'select count(*) from jobs')" \
    "2, 2, 0"
has "it ended with 0" "$(grep -E 'stopped: facteur_00|exited: facteur_00' "$TMP/supervisord.log")" \
    "exit status 0"
none_alive() { ! kill -0 "${family[@]}"; }
check "no process of it is left" eventually 5 none_alive

# === restart after a crash ===

ctl start facteur:facteur_00 >/dev/null
eventually 20 running
pid=$(master)
push 3
eventually 20 some pending 1 || not_ok "a letter is on its way"
kill -9 "$pid"
restarted() { running && [ "$(master)" != "$pid" ]; }
check "after a crash supervisord starts it anew" eventually 20 restarted
check "the slot it left behind finished its letter" eventually 20 some sent 3
equals "which went out once" "$(mails), $(sql 'select count(*) from jobs')" "3, 0"
push 7
check "the new one works" eventually 20 some sent 4

# === --max-time ===

conf 6 >"$TMP/conf.d/facteur.conf" # longer than startsecs
ctl update >/dev/null
eventually 20 running
pid=$(master)
check "when --max-time is over it ends, and is started anew" eventually 20 restarted
has "with exit status 0" "$(grep 'exited: facteur_00' "$TMP/supervisord.log" | tail -1)" \
    "exit status 0; expected"
push 8
check "and letters go on" eventually 20 some sent 5
# === the log is rotated ===

conf 3600 | sed 's/^stdout_logfile_maxbytes=.*/stdout_logfile_maxbytes=200/' >"$TMP/conf.d/facteur.conf"
ctl update >/dev/null
eventually 20 running
push 9
check "a letter goes out" eventually 20 some sent 6
push 1
check "and another one" eventually 20 some sent 7
rotated() { [ -s "$APP/storage/logs/worker.log.1" ]; }
check "the log is rotated at its size" eventually 10 rotated
equals "into as many files as the shipped one says" "$(grep -c '^stdout_logfile_backups=5$' supervisor/facteur.conf)" 1
check "and the worker goes on" running

# === a second group, beside the first ===

sed -n '/^; \[program:facteur-apart\]/,/^$/s/^; //p' supervisor/facteur.conf >"$TMP/apart.conf"
has "the shipped file has the other way" "$(cat "$TMP/apart.conf")" "numprocs=2" "[program:facteur-apart]"
conf 3600 "$TMP/apart.conf" >"$TMP/conf.d/apart.conf"
pid=$(master)
equals "reread finds it" "$(ctl reread)" "facteur-apart: available"
equals "and starts nothing yet" "$(ctl status | grep -c apart)" 0
equals "update starts it" "$(ctl update)" "facteur-apart: added process group"
both() { [ "$(ctl status facteur-apart:* | grep -c ' RUNNING ')" = 2 ]; }
check "two masters run" eventually 20 both
equals "the first group was left alone" "$(master)" "$pid"
ctl stop facteur:* >/dev/null
for teacher in 2 3 7 8; do push $teacher; done
two() { [ "$(sql 'select count(*) from jobs where reserved_at is not null')" = 2 ]; }
check "both take letters at a time" eventually 20 two
check "one of them is stopped" ctl stop facteur-apart:facteur-apart_01
check "the other one sends what is left" eventually 30 some sent 11
equals "each once" "$(mails), $(sql 'select count(*) from jobs')" "11, 0"
rm "$TMP/conf.d/apart.conf"
has "update takes it away again" "$(ctl update)" "facteur-apart: removed process group"
ctl shutdown >/dev/null
equals "eleven letters, eleven mails" "$(rows sent), $(mails)" "11, 11"
