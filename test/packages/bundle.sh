#!/bin/bash
# bundle.sh: the bundle in a root without glibc: busybox and musl alone, as Alpine is. A letter goes out by
# host name and with TLS, a login that libmariadb loads by name works, programs of the root start and
# see nothing of the bundle; www-data is uid 82, and storage has the mode that its entrypoint gives it.
[ "$(id -u)" = 0 ] || { echo "ok 1 - bundle # SKIP a root of its own needs root"; exit 0; }
if [ "${1:-}" != inside ]; then # what is mounted goes with this process
    unshare --mount --propagation private true 2>/dev/null ||
        { echo "ok 1 - bundle # SKIP no mount namespace can be made here"; exit 0; }
    exec unshare --mount --propagation private "$0" inside
fi
test/tools/from_sid mysql >build/mysql-install.log 2>&1 && export FACTEUR_DB=mysql
. test/lib/servers.sh
. test/lib/app.sh
# What cleanup removes must have nothing of the machine's mounted below it.
unmount() { grep -oE " $ROOT/[^ ]+" /proc/self/mounts | sort -r | xargs -rn1 umount; }
trap 'status=$?; unmount; (exit $status); cleanup' EXIT
tmpdir
ROOT=$TMP/root
HOST=mail.letters.test
RESOLVER=127.77.0.53

# === the bundle, and a root that knows nothing of glibc ===

make -s bundle >"$TMP/make.log" 2>&1 || { not_ok "make bundle" "$(tail -20 "$TMP/make.log")"; exit 1; }
archive=$(echo build/bundle/facteur-*-linux-*.tar.gz)
mkdir -p "$ROOT"/{bin,dev,etc,lib,opt,proc,sys,tmp,var/www/html}
tar -C "$ROOT/opt" -xzf "$archive"
cp /bin/busybox "$ROOT/bin/"
for name in sh ls ps cat env date sleep id tr grep; do ln -s busybox "$ROOT/bin/$name"; done
cp "/lib/ld-musl-$(uname -m).so.1" "$ROOT/lib/"
mount -t proc proc "$ROOT/proc"
for device in null zero urandom; do touch "$ROOT/dev/$device"; mount --bind "/dev/$device" "$ROOT/dev/$device"; done
echo "nameserver $RESOLVER" >"$ROOT/etc/resolv.conf"
echo "www-data:x:82:82::/var/www:/bin/sh" >"$ROOT/etc/passwd"
echo "www-data:x:82:" >"$ROOT/etc/group"
equals "the root has no other library than musl's" "$(find "$ROOT" -xdev -path "$ROOT/opt" -prune -o -name '*.so*' -print | sed "s|$ROOT||")" \
    "/lib/ld-musl-$(uname -m).so.1"

# A program of the root: linked with its libc, it says what it was started with.
cat >"$TMP/sendmail.c" <<'C'
#include <stdio.h>
extern char **environ;
int main(void)
{
    FILE *seen = fopen("/tmp/sendmail.env", "w"), *mail = fopen("/tmp/sendmail.eml", "w");
    int c;
    if (!seen || !mail)
        return 75;
    for (char **e = environ; *e; e++)
        fprintf(seen, "%s\n", *e);
    while ((c = getchar()) != EOF)
        putc(c, mail);
    return fclose(seen) || fclose(mail);
}
C
musl-gcc -o "$ROOT/bin/sendmail" "$TMP/sendmail.c" || exit 1
chmod 1777 "$ROOT/tmp"

# inside COMMAND...: in the root, as its www-data, with what an Alpine image of PHP has in its environment.
inside() {
    env -i PATH=/bin TERM=dumb LD_PRELOAD=/usr/lib/preloadable_libiconv.so LD_LIBRARY_PATH=/lib \
        /usr/sbin/chroot --userspec=82:82 "$ROOT" "$@"
}
# The host's own loader complains of LD_PRELOAD, since chroot is the host's.
quiet() { inside "$@" 2> >(grep -v "from LD_PRELOAD cannot be preloaded" >&2); }
bundled() { quiet /opt/facteur/bin/facteur --app=/var/www/html "$@"; }

# === servers, and the app ===

mariadb_start "$TMP/db" || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" --tls=starttls --tls-name=$HOST --ca-dir="$TMP/ca" || exit 1
test/lib/dns.py $RESOLVER 53 $HOST=127.0.0.1 db.letters.test=127.0.0.1 >"$TMP/dns.ready" 2>&1 &
remember $!
check "a name server answers" eventually 10 grep -q ready "$TMP/dns.ready"
app_schema && app_new "$ROOT/var/www/html" || exit 1
rm -rf "$APP/vendor" # a link to this machine's
app_lock
app_env MAIL_HOST=$HOST DB_HOST=db.letters.test APP_TIMEZONE=Europe/Paris
chown -R 82:82 "$APP/storage"
chmod -R 775 "$APP/storage"
mails() { ls "$TMP/mails" 2>/dev/null | grep -c '\.eml$'; }

# === it starts ===

equals "it runs" "$(inside /opt/facteur/bin/facteur --version 2>/dev/null)" "facteur $(sed -n 's/^VERSION := //p' Makefile)"
equals "and refuses what is none of its commands with 1" "$(bundled nonsense >/dev/null 2>&1; echo $?)" 1

# === a letter ===

# authorities FILE: where the test's own is trusted.
bundled letter:dispatch 1 1 >"$TMP/out" 2>&1 || not_ok "a letter is put on the queue" "$(cat "$TMP/out")"
bundled queue:work --once >"$TMP/out" 2>&1
equals "a server whose authority nobody knows gets no letter" "$(mails) $(sql 'select count(*) from jobs')" "0 1"
has_ca() { cat "$TMP/ca/ca.pem" >>"$1"; }
has_ca "$ROOT/opt/facteur/share/certificates/ca-certificates.crt"
sql "update jobs set available_at = 0, reserved_at = null"
bundled queue:work --once >"$TMP/out" 2>&1
check "a letter goes out by host name, with TLS, by the bundle's authorities" test "$(mails)" = 1
[ "$(mails)" = 1 ] || note "$(cat "$TMP/out"; tail -5 "$APP/storage/logs/laravel.log")"
# The image's own come first.
mkdir -p "$ROOT/etc/ssl/certs"
cp /etc/ssl/certs/ca-certificates.crt "$ROOT/etc/ssl/certs/"
bundled letter:dispatch 1 2 >/dev/null 2>&1
bundled queue:work --once >"$TMP/out" 2>&1
equals "where the image has authorities of its own, these are asked" "$(mails)" 1
has_ca "$ROOT/etc/ssl/certs/ca-certificates.crt"
sql "update jobs set available_at = 0, reserved_at = null"
bundled queue:work --once >"$TMP/out" 2>&1
equals "and trusted" "$(mails) $(sql 'select count(*) from jobs')" "2 0"
equals "times are those of the app's zone, which the image does not have" \
    "$(sql "select count(*) from volunteer_letter_sends where status='sent' and abs(timestampdiff(second, sent_at, '$(TZ=Europe/Paris date '+%F %T')')) < 60")" 2
if [ "$FACTEUR_DB" = mysql ]; then
    equals "the login was one that libmariadb loads by name" \
        "$(sql "select plugin from mysql.user where user='$DB_USERNAME' and host='127.0.0.1'")" caching_sha2_password
else
    skip "a login that libmariadb loads by name" "$(head -1 build/mysql-install.log)"
fi

# === programs that it starts ===

app_env MAIL_MAILER=sendmail MAIL_SENDMAIL_PATH="'/bin/sendmail -t -i'" DB_HOST=db.letters.test
bundled letter:dispatch 1 3 >/dev/null 2>&1
bundled queue:work --once >"$TMP/out" 2>&1
check "a program of the root takes a letter" grep -q '^Subject: ' "$ROOT/tmp/sendmail.eml"
equals "it is started in the environment that the bundle was started in" "$(sort "$ROOT/tmp/sendmail.env" 2>&1)" \
    "$(inside /bin/env 2>/dev/null | sort)"

# === how it looks from outside ===

bundled queue:work --workers=2 --sleep=0.2 >"$TMP/out" 2>&1 &
worker=$!
remember $worker
titles() { quiet /bin/ps -o args | grep -c '^facteur queue:work'; }
three() { [ "$(titles)" = 3 ]; }
check "process titles are facteur's, not its loader's" eventually 20 three
equals "and none is named after the loader" "$(quiet /bin/ps -o comm,args | grep ' [f]acteur queue:work' | grep -v '^facteur ')" ""
for pid in $(pgrep -f '^facteur queue:work .* master'); do
    [ "$(readlink "/proc/$pid/root")" != "$(readlink -f "$ROOT")" ] || kill -TERM "$pid"
done
check "TERM ends it" eventually 20 eval "! kill -0 $worker 2>/dev/null"

# === the app's own program, with one changed line ===

# supervisord is the host's; what it starts is the bundle, at the place where the image has it.
mount -t tmpfs tmpfs /opt && mkdir /opt/facteur && mount --bind "$ROOT/opt/facteur" /opt/facteur || exit 1
mount -t tmpfs tmpfs /var && mkdir -p /var/www/html && mount --bind "$APP" /var/www/html || exit 1
chmod 755 /opt /var
user=www-data
chown -R $user: "$APP/storage"
smtp_stop
smtp_start "$TMP/slow" --dir="$TMP/slow-mails" --delay=2 || exit 1
app_env DB_HOST=127.0.0.1
cat >"$TMP/supervisord.conf" <<CONF
[supervisord]
nodaemon=true
user=root
logfile=$TMP/supervisord.log
pidfile=$TMP/supervisord.pid
childlogdir=$TMP

[unix_http_server]
file=$TMP/s.sock

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://$TMP/s.sock

[program:laravel-worker]
process_name=%(program_name)s_%(process_num)02d
command=/opt/facteur/bin/facteur --app=/var/www/html queue:work --sleep=3 --tries=3 --max-time=3600 --timeout=60 --memory=128
autostart=true
autorestart=true
numprocs=2
user=$user
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile=/dev/stdout
stdout_logfile_maxbytes=0
startsecs=15
stopwaitsecs=3600
CONF
(exec env -u DB_SOCKET -u DB_PORT supervisord -c "$TMP/supervisord.conf") >"$TMP/stdout" 2>&1 &
remember $!
ctl() { supervisorctl -c "$TMP/supervisord.conf" "$@"; }
running() { [ "$(ctl status 2>/dev/null | grep -c ' RUNNING ')" = "$1" ]; }
reserved() { [ "$(sql 'select count(*) from jobs where reserved_at is not null')" -ge "$1" ]; }
check "two programs run, and still after startsecs" eventually 40 running 2
for teacher in 1 2 3 7 8 9; do (cd "$APP" && clean /opt/facteur/bin/facteur letter:dispatch 1 $teacher) >/dev/null; done
check "letters are under way" eventually 20 reserved 2
ctl stop laravel-worker:* >"$TMP/out" 2>&1
equals "a stop of the group, told to each process of it, leaves none half done" \
    "$(sql 'select count(*) from jobs where reserved_at is not null') $(sql "select count(*) from volunteer_letter_sends where status='pending'")" "0 0"
ctl start laravel-worker:* >>"$TMP/out" 2>&1
empty() { [ "$(sql 'select count(*) from jobs')" = 0 ]; }
check "after a start the rest goes out" eventually 40 empty
equals "each letter once" "$(ls "$TMP/slow-mails" | grep -c 'eml$') $(grep -h '^To:' "$TMP/slow-mails"/*.eml | sort -u | grep -c .)" "6 6"
check "what it prints is in the container's output" grep -q 'SendVolunteerLetterJob .* DONE' "$TMP/stdout"
pids() { ctl pid laravel-worker:laravel-worker_00; ctl pid laravel-worker:laravel-worker_01; }
mapfile -t masters < <(pids)
kill -KILL "${masters[0]}"
again() { [ "$(ctl pid laravel-worker:laravel-worker_00)" != "${masters[0]}" ] && running 2; }
check "one that dies is started again" eventually 40 again
ctl shutdown >/dev/null
