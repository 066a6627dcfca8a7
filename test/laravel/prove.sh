#!/bin/bash
# letter:prove: PHP and facteur make the same letter, and none leaves the house. A package that shows no source of
# what it does makes another letter: it is told what differs. What PHP cannot be kept from doing proves nothing.
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

# prove ARGUMENT...: exit code, and the lines.
prove() {
    facteur letter:prove "$@" >"$TMP/out" 2>&1
    echo "exit $? $(tr '\n' ' ' <"$TMP/out" | sed 's/  */ /g')"
}

# left: what a letter would leave: mails, rows, jobs, and files but for the views that PHP compiled, and the record.
left() {
    mails
    sql 'select count(*) from volunteer_letter_sends; select count(*) from jobs; select count(*) from failed_jobs'
    find "$APP/storage" -type f ! -name .gitignore ! -path '*/framework/views/*' ! -name proven
}

# === apps that nobody has edited ===

unedited() {
    local version=$1
    APP=$TMP/laravel-$version
    test/laravel/app_of "$version" "$APP" && app_env || return 1
    has "Laravel $version: the letters are the same" "$(prove 1 1 1 2 2 3)" "exit 0" \
        "teacher 1 (Jean Peeters): facteur's letter is PHP's" "teacher 2" "club 2, teacher 3" "2 pages"
    equals "Laravel $version: nothing leaves the house" "$(left)" "$(printf '0\n0\n0\n0')"
}

for version in 8 9 10 11 12; do
    if [ "$version" = 12 ] || [ -e build/laravel-$version/vendor/facteur-stamp ]; then
        unedited $version
    else
        skip "Laravel $version" "it is not installed (test/laravel/install $version)"
    fi
done
if [ -e build/laravel-13/vendor/facteur-stamp ]; then
    PATH=$PWD/build/php/bin:$PATH unedited 13
else
    skip "Laravel 13" "it is not installed (test/laravel/install 13)"
fi

app_new "$TMP/app" && app_own_classes && app_package || exit 1
mkdir -p "$TMP/t/facteur-proof-1/app" "$TMP"/t/facteur-proof-{2,open} "$TMP/kept"
touch "$TMP/kept/file"
ln -s "$TMP/kept" "$TMP/t/facteur-proof-1/app/kept"
ln -s "$TMP/kept" "$TMP/t/facteur-proof-link"
chmod 700 "$TMP"/t/facteur-proof-{1,2} "$TMP/kept"
chmod 777 "$TMP/t/facteur-proof-open"
touch -d '2 hours ago' "$TMP"/t/facteur-proof-{1,open} "$TMP/kept"
has "a proof removes its files" "$(TMPDIR=$TMP/t prove 1 1)" "exit 0"
equals "and what a killed one left an hour ago, but nothing behind a link, or where others may write" \
    "$(ls "$TMP/t" "$TMP/kept" | xargs)" "$TMP/kept: file $TMP/t: facteur-proof-2 facteur-proof-link facteur-proof-open"
has "whose letter was recorded last is taken where nobody is named" \
    "$(sql 'insert into volunteer_letter_sends (club_id, teacher_id, recipient_email, status) values (2, 3, "x", "sent")'; prove)" \
    "exit 0" "club 2, teacher 3"
sql 'delete from volunteer_letter_sends'
has "and else anybody's" "$(prove)" "exit 0" "club 1, teacher 1"
has "a club without a teacher is no letter" "$(prove 1)" "exit 3" "Name a club and a teacher for each letter."
has "nor is a teacher without an address" "$(prove 1 4)" "exit 3" "the teacher has no address"
has "without PHP nobody can be asked" "$(PHP_BINARY=/nonexistent prove 1 1)" "exit 3" "/nonexistent"
has "what is not compared is printed" "$(prove --masks)" "exit 0" "Message-ID" "updated_at" "CreationDate"
view=$APP/resources/views/pdf/volunteer-letter.blade.php
cp "$view" "$TMP/view"
sed -i 's/<body>/<body><p>{{ now()->format("H:i:s") }}<\/p>/' "$view"
has "what a view prints of the time is the second of PHP's letter" "$(prove 1 1)" "exit 0"
sed -i 's/<body>/<body>@php(print 1)/' "$view"
has "what facteur cannot do is not compared" "$(prove 1 1)" "exit 3" "volunteer-letter.blade.php" "see above"
cp "$TMP/view" "$view"

# === what a package does ===

# differs NAME TEXT PHP: the letters differ, and that is told.
differs() {
    app_package_does "$3"
    has "$1" "$(prove -v 1 1)" "exit 1" "facteur's letter is another than PHP's" "$2"
}

differs "Mail::alwaysTo" 'mail 1 recipient 1: facteur "jean.peeters@example.org", PHP "staging@club.example"' \
    "Mail::alwaysTo('staging@club.example');"
has "each difference of them is told on demand" "$(cat "$TMP/out")" "mail 1 to: " "mail 1 x-to: only PHP has it"
equals "else the first one" "$(prove 1 1 | grep -o 'PHP "[^"]*"\|only PHP' | wc -l)" 1
differs "one more recipient" 'mail 1 recipient 2: only PHP has it, "archive@club.example"' \
    "Event::listen(Illuminate\\Mail\\Events\\MessageSending::class, function (\$e) { \$e->message->addBcc('archive@club.example'); });"
differs "another sender" 'mail 1 sender: facteur "' "Mail::alwaysReturnPath('bounces@club.example');"
differs "a field of the mail" 'mail 1 x-club: only PHP has it, "1"' \
    "Event::listen(Illuminate\\Mail\\Events\\MessageSending::class, function (\$e) { \$e->message->getHeaders()->addTextHeader('X-Club', '1'); });"
differs "no mail at all" 'mail 1 sender: only facteur has it' \
    "Event::listen(Illuminate\\Mail\\Events\\MessageSending::class, function () { return false; });"
differs "the mail's view" 'mail 1 part 1 content, line ' \
    "View::composer('emails.volunteer-letter', function (\$v) { \$v->with('teacherName', 'Nobody'); });"
has "is told as the view's, too" "$(cat "$TMP/out")" "view 2 HTML, line "
differs "what is written in the PDF" 'page 1: only PHP "' \
    "View::composer('pdf.volunteer-letter', function (\$v) { \$v->with('club', tap(clone \$v->club, fn (\$c) => \$c->name = 'Another')); });"
differs "where it is written" 'page 1: only PHP "' "config(['dompdf.options.dpi' => 90]);"
differs "a row" 'row 1 recipient_email: facteur "jean.peeters@example.org", PHP "x@club.example"' \
    "App\\Models\\VolunteerLetterSend::creating(function (\$s) { \$s->recipient_email = 'x@club.example'; });"
differs "a line in the log" 'log line 1 message: facteur "SendVolunteerLetterJob - ' \
    "Event::listen(Illuminate\\Mail\\Events\\MessageSent::class, function () { Log::info('sent'); });"
app_package_does "Event::listen(Illuminate\\Mail\\Events\\MessageSent::class, function () { Log::channel('null')->info('sent'); });"
has "but for one that goes nowhere" "$(prove 1 1)" "exit 0"

# proves_nothing NAME TEXT PHP
proves_nothing() {
    app_package_does "$3"
    has "$1" "$(prove 1 1)" "exit 3" "$2"
}
sending() { echo "Event::listen(Illuminate\\Mail\\Events\\MessageSending::class, function (\$e) { $1 });"; }
proves_nothing "another letter each time" "PHP itself makes another letter each time" \
    "$(sending "\$e->message->subject('x'.random_int(0, PHP_INT_MAX));")"
proves_nothing "a job that is pushed" "it pushes a job" "$(sending "dispatch(new App\\Jobs\\Nothing(1));")"
proves_nothing "a cache" "it uses the cache" "$(sending "cache()->put('x', 1);")"
proves_nothing "another server" "it asks another server" "$(sending "try { Http::get('http://127.0.0.1:1'); } catch (Throwable \$e) {}")"
proves_nothing "another database" "it uses the database connection" \
    "config(['database.connections.other' => config('database.connections.mysql')]);
$(sending "try { DB::connection('other')->delete('delete from clubs'); } catch (Throwable \$e) {}")"
proves_nothing "what waits for a commit" "something waits for its commit" "$(sending "DB::afterCommit(function () { unlink('/x'); });")"
proves_nothing "a job that fails" "RuntimeException: not today" "$(sending "throw new RuntimeException('not today');")"
proves_nothing "an app that cannot be booted" "not today" "throw new RuntimeException('not today');"
equals "nothing of all this left the house" "$(left)" "$(printf '0\n0\n0\n0')"
equals "the clubs are there" "$(sql 'select count(*) > 0 from clubs')" 1

# === the record ===

# works OPTION...: what the worker prints, for which a letter waits.
RECORD=$APP/storage/framework/facteur/proven
works() {
    app_reset
    artisan letters:dispatch 1 2
    facteur queue:work --stop-when-empty "$@" >"$TMP/out" 2>&1
    tr '\n' ' ' <"$TMP/out" | sed 's/  */ /g'
}
export FACTEUR_PHP=auto FACTEUR_PROVE=3
app_package_does ''

compared() { facteur about --only=facteur 2>&1 | grep -o 'Letters Compared.*' | sed 's/  */ /g'; }
rm -f "$RECORD"
has "where nothing was compared it says so" "$(compared)" "none"
prove 1 1 1 2 --record="$TMP/record" >"$TMP/said"
has "equal letters are recorded" "$(compared)" "2 equal to PHP's"
equals "the file that was named is the record" "$(cat "$TMP/record")" "$(cat "$RECORD")"
equals "a worker without PHP goes by it" "$(works --php=off | grep -c "nobody compared") $(mails)" "0 1"
# A session that makes other letters would be seen if they were made.
app_package_does "DB::unprepared('set names latin1');"
equals "a worker with PHP does not compare again" "$(works --prove=1 | grep -c WARN)" 0
app_package_does ''
touch -d '1 hour ago' "$view"
has "a file that was only touched has not changed" "$(compared)" "2 equal"
echo ' ' >>"$view"
has "a view that was edited has" "$(compared)" "none since the app changed"
equals "which is a reason to compare again" "$(works --php=off | grep -c "nobody compared")" 1
cp "$TMP/view" "$view"
has "until it is as it was" "$(compared)" "2 equal"
sed -i 's/^APP_NAME=.*/APP_NAME=Another/' "$APP/.env"
has "so has .env" "$(compared)" "none since the app changed"
app_env
has "which is the same again" "$(compared)" "2 equal"
sed -i 's/"at":/"at":1/' "$RECORD"
has "a record that somebody else wrote is none" "$(compared)" "none"
cp "$TMP/record" "$RECORD"
has "one of the same app from elsewhere is one" "$(compared)" "2 equal"
app_package_does "Mail::alwaysTo('staging@club.example');"
prove 1 1 >"$TMP/said"
has "a letter that differs ends it" "$(cat "$TMP/said") $(compared)" "exit 1" "none"

# === what the mail's class says of its addresses ===

app_package_does ''
sed -i 's/^            subject:/            cc: ["cc{$this->club->id}@example.org"], bcc: ["archive@example.org"],\n&/' \
    "$APP/app/Mail/VolunteerLetterMail.php"
has "recipients that the mail's class adds are proven too" "$(prove 1 1)" "exit 0" "facteur's letter is PHP's"
