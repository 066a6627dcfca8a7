#!/bin/bash
# rights.sh: what may not be read is told, and taken for nothing else: not for a file that
# is not there, whose place a default would take.
. test/lib/servers.sh
. test/lib/work.sh
trap cleanup EXIT
tmpdir
umask 022
mariadb_start "$TMP/db"
schema
smtp_start "$TMP/smtp" --dir="$TMP/mails"
app_make "$TMP/app"
people 1
mkdir -p "$APP"/{vendor/composer,app/Models,app/Jobs,lang/fr}
cp test/laravel/app/app/Models/{Club,Teacher,User}.php "$APP/app/Models"
cp test/laravel/app/app/Jobs/SendVolunteerLetterJob.php "$APP/app/Jobs"
mkdir -p "$APP/app/Mail"
cp test/laravel/app/app/Mail/VolunteerLetterMail.php "$APP/app/Mail"
chmod 755 "$TMP"

# Root reads everything: it becomes nobody, whose the storage is.
me=$(id -un) as=()
if [ "$(id -u)" = 0 ]; then
    me=nobody as=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
    chown -R nobody "$APP/storage"
    if ! "${as[@]}" test -x "$FACTEUR" -a -r "$APP/.env"; then
        skip "what may not be read" "nobody may not look into $PWD"
        exit 0
    fi
fi
# A sanitizer's look for leaks needs root once core dumps are off.
export ASAN_OPTIONS=detect_leaks=0
user() { "${as[@]}" "$FACTEUR" --app="$APP" "$@" >"$TMP/out" 2>&1 </dev/null; }
said() { tr -s ' \n' ' ' <"$TMP/out"; }
work() { user queue:work --memory=1024 --stop-when-empty --sleep=0; }

user letter:dispatch 1 1
work
equals "with all rights a letter goes" "$? $(mails)" "0 1"

# barred PATH RIGHT WHERE: with PATH closed a worker does not start, and says what is missing.
barred() {
    local path=$APP/$1 mode
    mode=$(stat -c %a "$path")
    chmod 000 "$path"
    [ -z "${3:-}" ] || chmod "$3" "$path"
    user letter:dispatch 1 1
    work
    equals "$1 without rights: exit 1" $? 1
    has "$1: who, which right and where" "$(said)" "$me (" "needs the right $2 on" "$1, which belongs to"
    user about
    equals "$1: about as well" $? 1
    chmod "$mode" "$path"
}
has() { # NAME TEXT WORD...
    local name=$1 text=$2 word
    shift 2
    for word; do
        [[ ${text// /} == *"${word// /}"* ]] || { not_ok "$name" "no [$word] in: $text"; return; }
    done
    ok "$name"
}
barred .env r
barred config r
barred config r 711
barred config x 744
barred config/app.php r
barred resources x
barred resources/views/pdf x
barred resources/views/emails/volunteer-letter.blade.php r
barred app x
barred app/Models/Club.php r
barred app/Jobs/SendVolunteerLetterJob.php r
barred composer.lock r
barred vendor x
barred bootstrap x
barred bootstrap/cache x
chmod 555 "$APP/storage/framework"
mv "$APP/storage/framework/facteur" "$TMP/kept"
work
equals "no right to make the run folder: exit 1" $? 1
has "the run folder: who, which right and where" "$(said)" "cannot make a folder in" "$me (" "needs the right w on"
chmod 755 "$APP/storage/framework"
mv "$TMP/kept" "$APP/storage/framework/facteur"
if [ "$(id -u)" = 0 ]; then
    chown root "$APP/storage/framework/facteur"
    work
    equals "a run folder of root's: exit 1" $? 1
    has "whose it is and who is here" "$(said)" "storage/framework/facteur: belongs to root (0), but facteur runs as nobody (65534); remove the folder or run as its owner"
    chown nobody "$APP/storage/framework/facteur"
fi
equals "nothing was mailed meanwhile" "$(mails)" 1
sql "delete from jobs"
user letter:dispatch 1 1
work
equals "with the rights again it goes on" "$? $(mails)" "0 2"

# A running worker: what is closed under it is left to PHP, and taken again afterwards.
work_as_user() { "${as[@]}" "$FACTEUR" --app="$APP" queue:work --memory=1024 --sleep=0.2 >"$TMP/work.out" 2>&1 </dev/null & }
work_as_user
WORK_PID=$!
remember $WORK_PID
user letter:dispatch 1 1
check "a running worker sends" eventually 20 is 3 mails
chmod 000 "$APP/resources/views/pdf"
user letter:dispatch 1 1
check "a view that may not be read any more is told" eventually 10 grep -q 'needs the right x on' "$LOG"
sleep 1
equals "its letter is left as it was" "$(sql 'select attempts, reserved_at is null from jobs' | tr '\t' ' ')" "0 1"
chmod 755 "$APP/resources/views/pdf"
check "and goes when the view may be read" eventually 10 is 4 mails
kill -TERM $WORK_PID
work_wait
