#!/bin/bash
# proven.sh: the first letters of each kind are run by PHP, for real, and compared with facteur's; then they are
# facteur's. One that is another than PHP's leaves all of them to PHP.
# shellcheck source=test/lib/servers.sh
. test/lib/servers.sh
# shellcheck source=test/lib/app.sh
. test/lib/app.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" || exit 1
app_schema
app_new "$TMP/app" && app_own_classes && app_package || exit 1
export FACTEUR_PHP=auto
export FACTEUR_PROVE=3 # as without the variable
RECORD=$APP/storage/framework/facteur/proven
LOG=$TMP/worker.log

# begin OPTION...: a worker that goes on in the background.
begin() { background "$LOG" facteur queue:work --sleep=0.1 "$@"; }
stop_worker() {
    end_process "$WORKER"
    forget "$WORKER"
}
letters() { # CLUB TEACHER...: jobs of these
    (cd "$APP" && clean php artisan letters:dispatch "$@" >/dev/null)
}
sent() { [ "$(sql "select count(*) from volunteer_letter_sends where status = 'sent'")" = "$1" ]; }
# by_facteur: how many of the mails facteur made.
by_facteur() { { grep -l _facteur_ "$TMP"/mails/*.eml 2>/dev/null || true; } | wc -l; }
# ways: how many letters were found equal, of each way.
ways() { grep -o '"x[0-9a-f]*":[0-9]*' "$RECORD" 2>/dev/null | sed 's/.*://' | sort -n | tr '\n' ' '; }
ways_are() { [ "$(ways)" = "$1" ]; }
said() { tr '\n' ' ' <"$LOG" | sed 's/  */ /g'; }

# one N CLUB TEACHER: one letter, which is the Nth.
one() {
    letters "$2" "$3"
    eventually 30 sent "$1" || note "letter $1 does not go out: $(said)"
}

# === the first letters ===

app_reset
begin
for n in 1 2 3; do
    one $n 1 1
    eventually 30 ways_are "$n " || note "after letter $n: [$(ways)] $(said)"
done
equals "the first three letters are PHP's" "$(mails) $(by_facteur)" "3 0"
equals "each was found equal" "$(ways)" "3 "
one 4 1 1
equals "the fourth is facteur's" "$(mails) $(by_facteur)" "4 1"
equals "each went out once, and none failed" \
    "$(sql "select count(*), count(distinct id), min(status), max(status) from volunteer_letter_sends" | tr '\t' ' ') $(sql 'select count(*) from failed_jobs')" \
    "4 4 sent sent 0"
has "why PHP ran them is said" "$(said)" "letters like this were not found equal to PHP's yet"
equals "once" "$(grep -c 'not found equal' "$LOG")" 1

# === an edit while the worker runs ===

view=$APP/resources/views/emails/volunteer-letter.blade.php
sed -i 's|</body>|<p>Une ligne de plus.</p></body>|' "$view"
sleep 1.2
one 5 1 1
equals "after an edit of the view the next letter is PHP's again" "$(mails) $(by_facteur)" "5 1"
again() { [ "$(wc -w <<<"$(ways)")" -ge 1 ] && [ "$(ways)" != "3 " ]; }
eventually 30 again || note "[$(ways)] $(said)"
for n in 6 7; do one $n 1 1; done
three() { ways_are "3 " || ways_are "3 3 "; }
eventually 60 three || note "[$(ways)] $(said)"
before=$(by_facteur)
one 8 1 1
equals "and facteur's when three more were equal" "$(by_facteur)" $((before + 1))
stop_worker

# === a worker that starts with a record ===

app_reset
begin
one 1 1 1
equals "what is recorded counts for the next worker" "$(mails) $(by_facteur)" "1 1"
rm "$RECORD"
sleep 2
one 2 1 1
equals "until the record is taken away" "$(mails) $(by_facteur)" "2 1"
stop_worker

# === another branch of the view ===

rm -f "$RECORD"
app_reset
sed -i 's|<p>Une ligne de plus.</p>|@if ($teacherName === "Jean Peeters")<p>A.</p>@else<p>B.</p>@endif|' "$view"
grep -q 'B.</p>' "$view" || note "the view has no branch"
begin --prove=1
one 1 1 1
eventually 30 ways_are "1 " || note "[$(ways)] $(said)"
one 2 1 1
equals "one letter is enough with --prove=1" "$(mails) $(by_facteur)" "2 1"
one 3 1 2
equals "a letter that takes another branch is PHP's" "$(mails) $(by_facteur)" "3 1"
eventually 30 ways_are "1 1 " || note "[$(ways)] $(said)"
one 4 1 2
equals "until one of them was equal" "$(mails) $(by_facteur)" "4 2"
one 5 1 1
equals "the first is facteur's all the while" "$(mails) $(by_facteur)" "5 3"
stop_worker

# === a letter that differs ===

# What no source and no booted app tells: PHP's session speaks another character set.
app_package_does "DB::unprepared('set names latin1');"
rm -f "$RECORD"
app_reset
begin --prove=1
one 1 1 1
told() { said | grep -q "facteur's letter is another than PHP's"; }
check "a difference is told" eventually 30 told
has "with what differs" "$(said)" "letters are left to PHP"
for n in 2 3; do one $n 1 1; done
equals "no letter is facteur's" "$(mails) $(by_facteur)" "3 0"
equals "it is told once" "$(grep -c 'is another than' "$LOG")" 1
equals "and nothing is recorded" "$(ways)" ""
stop_worker

# === a difference that comes later, which no file shows ===

app_package_does "if (is_file(storage_path('latin'))) { DB::unprepared('set names latin1'); }"
app_reset
begin --prove=1 --prove-every=1
one 1 1 1
eventually 30 ways_are "1 " || note "[$(ways)] $(said)"
touch "$APP/storage/latin"
one 2 1 1
equals "a letter goes out as facteur makes it" "$(mails) $(by_facteur)" "2 1"
wrong() { said | grep -q "letters went out as facteur makes them since the last that was found equal"; }
check "one of them is compared, and its difference is an error" eventually 30 wrong
has "which names the job and how many went out" "$(said)" "ERROR job " " went out, and club 1, teacher 1" "1 letters went out"
one 3 1 1
equals "and PHP has the letters back" "$(mails) $(by_facteur)" "3 1"
stop_worker
rm "$APP/storage/latin"

# === whose PHP fails, and who has none ===

app_package_does "Event::listen(Illuminate\\Mail\\Events\\MessageSending::class, function () { throw new RuntimeException('not today'); });"
rm -f "$RECORD"
app_reset
letters 1 1
facteur queue:work --stop-when-empty --tries=1 >"$LOG" 2>&1
equals "a run by PHP that fails is an attempt, and no proof" \
    "$(mails) $(sql 'select count(*) from failed_jobs') $(ways)" "0 1 "
app_package_does ''
app_reset
letters 1 1
facteur queue:work --stop-when-empty --php=off >"$LOG" 2>&1
has "without PHP nobody compares, which is told" "$(said)" "nobody compared facteur's letters with PHP's" "there is no PHP"
equals "and letters go by their source" "$(mails) $(by_facteur)" "1 1"
app_reset
letters 1 1
facteur queue:work --stop-when-empty --prove=0 >"$LOG" 2>&1
equals "with --prove=0 nobody asks" "$(mails) $(by_facteur) $(ways)" "1 1 "

# === an app without a key, which has no record ===

app_env APP_KEY=
app_reset
rm -f "$RECORD"
begin
for n in 1 2 3; do
    one $n 1 1
    sleep 2
done
one 4 1 1
equals "without APP_KEY the worker itself knows" "$(mails) $(by_facteur) $(ways)" "4 1 "
stop_worker
app_env

# === a worker that ends at once ===

app_reset
for n in 1 2 3 4; do
    letters 1 1
    facteur queue:work --once >"$LOG" 2>&1
done
equals "workers that run one letter each prove them as well" "$(mails) $(by_facteur) $(ways)" "4 1 3 "
