#!/bin/bash
# systemd.sh: the unit as it is shipped, under a real systemd: a container of Debian 12 (systemd-nspawn) with PHP, its JIT on,
# and an app where the unit looks for it. It is active when it is ready, tells its status, runs letters and jobs in PHP, sees
# of the machine what it is to see, ends its letter when it is stopped, and is started anew when it hangs.
[ "$(id -u)" = 0 ] || { echo "ok 1 - systemd # SKIP a root of its own needs root"; exit 0; }
if [ "${1:-}" != inside ]; then # what is mounted goes with this process
    unshare --mount --propagation private true 2>/dev/null ||
        { echo "ok 1 - systemd # SKIP no mount namespace can be made here"; exit 0; }
    exec unshare --mount --propagation private "$0" inside
fi
. test/lib/servers.sh
. test/lib/app.sh
. test/lib/php_jobs.sh
. test/lib/roots.sh
laravel_or_skip
trap 'status=$?; machine_stop; unmount; (exit $status); cleanup' EXIT
tmpdir
ROOT=$TMP/root

# === a machine ===

machine_stop() {
    # All of it goes with its first process.
    [ -z "${LEADER:-}" ] || kill -KILL "$LEADER" 2>/dev/null
    [ -z "${MACHINE:-}" ] || wait "$MACHINE"
    LEADER='' MACHINE=''
}
# on COMMAND...: on the machine.
on() { nsenter -t "$LEADER" --all env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }
ctl() { on systemctl --no-pager "$@"; }
shows() { ctl show facteur -p "$1" --value; }

installed() {
    root bookworm "$ROOT" && aptget "$ROOT" update &&
        aptget "$ROOT" install systemd php8.2-cli php8.2-mysql php8.2-xml php8.2-mbstring php8.2-opcache php8.2-gd php-dompdf php-font-lib \
            libcurl4 libgumbo1 libhiredis0.14 libhpdf-2.3.0 libidn2-0 libjansson4 libmariadb3 libpcre2-8-0 libssl3 libuuid1 tzdata &&
        make -s install build=release DESTDIR="$ROOT" && rm "$ROOT/usr/sbin/policy-rc.d"
}
if ! installed >"$TMP/install.log" 2>&1; then
    if ! curl -sfI -m 20 "$MIRROR/dists/bookworm/Release" >/dev/null; then skip systemd "$MIRROR cannot be reached"; exit 0; fi
    not_ok "a Debian with systemd and PHP is made" "$(tail -5 "$TMP/install.log")"
    exit 1
fi
printf 'opcache.enable_cli=1\nopcache.jit=tracing\nopcache.jit_buffer_size=16M\n' >"$ROOT/etc/php/8.2/cli/conf.d/99-jit.ini"
unmount

mariadb_start "$TMP/db" || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" --delay=2 || exit 1
php_app "$ROOT/var/www/activibe" 9 || exit 1
rm "$APP/vendor" && cp -a build/laravel/vendor "$APP/vendor" || exit 1
class Sees 'file_put_contents(storage_path("seen"), json_encode([
    "jit" => opcache_get_status(false)["jit"]["on"] ?? false,
    "app" => @file_put_contents(base_path("written"), "x"), "etc" => @file_put_contents("/etc/written", "x"),
    "home" => @scandir("/home"), "socket" => getenv("NOTIFY_SOCKET"), "user" => posix_geteuid()]));'
class Gid 'file_put_contents(storage_path("gid"), exec("/usr/local/bin/gid"));'
chown -R 33:33 "$APP"
# A setgid program, as Postfix's is that sendmail hands a mail to.
echo 'int printf(const char *, ...); unsigned getegid(void); int main(void) { return printf("%u", getegid()) < 0; }' |
    gcc -static -o "$ROOT/usr/local/bin/gid" -x c - || exit 1
chown root:mail "$ROOT/usr/local/bin/gid" && chmod 2755 "$ROOT/usr/local/bin/gid"

systemd-nspawn -q -D "$ROOT" --register=no --keep-unit --console=pipe --link-journal=no /lib/systemd/systemd --unit=multi-user.target \
    </dev/null >"$TMP/console" 2>&1 &
MACHINE=$!
leader() { LEADER=$(pgrep -P "$MACHINE" | head -1) && [ -n "$LEADER" ] && ctl is-system-running 2>/dev/null | grep -qE 'running|degraded'; }
if ! eventually 60 leader; then
    skip systemd "it does not boot in a container here: $(head -1 "$TMP/console")"
    [ -n "${LEADER:-}" ] || end_process "$MACHINE"
    exit 0
fi

# === start ===

equals "it is installed disabled" "$(ctl is-enabled facteur)" disabled
check "it is enabled and started" ctl enable --now facteur
equals "and is active, as it said itself" "$(ctl is-active facteur) $(shows Type)" "active notify"
[ "$(ctl is-active facteur)" = active ] || note "$(on journalctl -u facteur --no-pager | tail -20)"
status() { [ "$(shows StatusText)" = "$1" ]; }
check "its status is told" eventually 10 status "0 of 2 slots at work, 0 jobs taken"

# === jobs ===

in_app() { within "$ROOT" /usr/local/bin/facteur --app=/var/www/activibe "$@" >/dev/null; }
sent() { [ "$(sql "select count(*) from volunteer_letter_sends where status='sent'")" = "$1" ]; }
in_app letter:dispatch 1 1
check "a letter goes out" eventually 20 sent 1
check "and is told" eventually 10 status "0 of 2 slots at work, 1 jobs taken"

# edit LINE...: what `systemctl edit` leaves, and a start with it.
edit() {
    mkdir -p "$ROOT/etc/systemd/system/facteur.service.d"
    printf '%s\n' '[Service]' "$@" >"$ROOT/etc/systemd/system/facteur.service.d/override.conf"
    ctl daemon-reload
    ctl restart facteur
}
edit 'Environment="FACTEUR_OPTIONS=--workers=1 --sleep=0.2 --no-php-opcache"' # its files and the JIT exclude each other
check "its options are those of the environment" eventually 10 status "0 of 1 slots at work, 0 jobs taken"
put Sees
check "a job in PHP runs" eventually 30 test -s "$APP/storage/seen"
equals "with PHP's JIT; it writes below storage alone, sees no home, and knows nothing of the socket" \
    "$(cat "$APP/storage/seen")" '{"jit":true,"app":false,"etc":false,"home":false,"socket":false,"user":33}'

put Gid
check "a job that starts a setgid program runs" eventually 20 test -s "$APP/storage/gid"
equals "which stays of the worker's group" "$(cat "$APP/storage/gid")" 33
rm "$APP/storage/gid"
mapfile -t taken_back < <(sed -n '/^# A sendmail that is setgid/,/^# and for Exim/s/^#   \([A-Z].*=.*\)/\1/p' systemd/facteur.service)
edit "${taken_back[@]}"
put Gid
check "with what the unit says to take back it runs too" eventually 20 test -s "$APP/storage/gid"
equals "and gets its group" "$(cat "$APP/storage/gid")" 8
edit 'Environment="FACTEUR_OPTIONS=--workers=1 --sleep=0.2"'

# === a stop in mid-letter ===

in_app letter:dispatch 1 2
busy() { [[ $(shows StatusText) == "1 of 1 slots at work, "* ]]; }
check "a letter is on its way" eventually 10 busy
check "it is stopped in mid-letter" ctl stop facteur
equals "the letter was finished" "$(sql 'select count(*) from jobs') $(mails)" "0 2"
equals "it ended well" "$(shows Result) $(shows ExecMainStatus)" "success 0"

# === a master that hangs, one that is killed, one that ends ===

edit WatchdogSec=3 TimeoutAbortSec=2 'Environment="FACTEUR_OPTIONS=--workers=1 --sleep=0.2"'
check "it is active again" eventually 10 status "0 of 1 slots at work, 0 jobs taken"
sleep 5
equals "fed, the watchdog lets it be" "$(shows NRestarts)" 0
ctl kill --kill-who=main -s STOP facteur
restarts() { [ "$(shows NRestarts)" -ge "$1" ] && [ "$(ctl is-active facteur)" = active ]; }
check "a master that hangs is started anew" eventually 30 restarts 1
ctl kill --kill-who=main -s KILL facteur
check "one that was killed too" eventually 30 restarts 2
in_app queue:restart
check "and one that queue:restart ended" eventually 30 restarts 3
in_app letter:dispatch 1 3
check "and letters go on" eventually 20 sent 3
ctl stop facteur
machine_stop
exit "$((TAP_FAILED > 0))"
