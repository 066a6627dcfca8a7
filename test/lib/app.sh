# shellcheck shell=bash
# app.sh: a Laravel app for one test, and the two workers on it. Source servers.sh first.
#
#   tmpdir; mariadb_start "$TMP/db"; smtp_start "$TMP/smtp" --dir "$TMP/mails"
#   app_schema                  tables and data of test/lib/data.py
#   app_new "$TMP/app"          $APP: its folder, whose .env names these servers
#   artisan queue:work --once   the real one (laravel_or_skip came first)
#   facteur queue:work --once

FACTEUR=${FACTEUR:-$PWD/build/asan/facteur}
REFUSED=refuse@nulle-part.example # of teacher 5
# shellcheck disable=SC2034
# SQL: the seconds from a job's making to when it is due. PHP reads its clock once for
# each, and a second may end between: an even delay and one second less are the same.
WAITS='(cast(available_at as signed) - created_at + 1) div 2 * 2'

# laravel_or_skip: ends the test program with one skipped check when there is no Laravel.
laravel_or_skip() {
    [ -e build/laravel/vendor/facteur-stamp ] && return 0
    skip "$(basename "$0" .sh)" "no Laravel in build/laravel (test/laravel/install says why)"
    exit 0
}

# app_schema [OPTION of data.py...]
app_schema() {
    schema && test/lib/data.py "$@" >"$TMP/data.sql" &&
        sql_file "$TMP/data.sql" test/laravel/schema.sql
}

# app_new DIR: the test app in DIR, without a copy of its vendor folder.
app_new() {
    APP=$1
    mkdir -p "$APP"
    cp -a test/laravel/app/. "$APP/"
    if [ -d build/laravel/vendor ]; then
        ln -s "$PWD/build/laravel/vendor" "$APP/vendor"
    else
        app_lock
    fi
    app_env
}

# app_own_classes: PHP takes the app's classes from its own folder: the vendor folder's
# autoloader knows those of build/laravel.
app_own_classes() {
    sed -i '1r /dev/stdin' "$APP/bootstrap/app.php" <<'PHP'
spl_autoload_register(function (string $class): void {
    $file = __DIR__.'/../app/'.strtr(substr($class, 4), '\\', '/').'.php';
    if (str_starts_with($class, 'App\\') && is_file($file)) {
        require $file;
    }
}, true, true);
PHP
}

# app_package: the app has a package that shows no source of what it does: it takes its packages from a vendor
# folder of its own, which has one more. app_package_does PHP: what that one does when the app boots.
app_package() {
    rm "$APP/vendor"
    mkdir -p "$APP/vendor/hidden"
    ln -s "$PWD"/build/laravel/vendor/* "$APP/vendor/"
    rm "$APP/vendor/autoload.php"
    cat >"$APP/vendor/autoload.php" <<PHP
<?php
require __DIR__.'/hidden/Provider.php';
return require '$PWD/build/laravel/vendor/autoload.php';
PHP
    cat >"$APP/vendor/hidden/Provider.php" <<'PHP'
<?php
namespace Hidden;

spl_autoload_register(function (string $class): void {
    if ($class === 'Hidden\\Provider') {
        class_alias(get_class(new class(null) extends \Illuminate\Support\ServiceProvider {
            public function register() {}
            public function boot() { require __DIR__.'/code.php'; }
        }), 'Hidden\\Provider');
    }
});
PHP
    cat >"$APP/bootstrap/cache/packages.php" <<'PHP'
<?php return ['nesbot/carbon' => ['providers' => ['Carbon\\Laravel\\ServiceProvider']], 'hidden/hidden' => ['providers' => ['Hidden\\Provider']]];
PHP
    app_package_does ''
}
app_package_does() {
    printf '<?php\nuse Illuminate\\Support\\Facades\\{Blade, Bus, DB, Event, Http, Log, Mail, Queue, View};\n%s\n' "$1" \
        >"$APP/vendor/hidden/code.php"
}

# app_lock: without a vendor folder, this is what tells the framework's version.
app_lock() {
    cat >"$APP/composer.lock" <<'JSON'
{"packages": [{"name": "laravel/framework", "version": "v12.72.0"}], "packages-dev": []}
JSON
}

# app_env [NAME=VALUE...]: writes .env; a later word wins over what is set here.
app_env() {
    local word
    {
        cat "$APP/.env.example"
        cat <<ENV
APP_KEY=base64:$(printf 'facteur: a key only for its tests' | head -c 32 | base64)
DB_PORT=$DB_PORT
DB_DATABASE=$DB_DATABASE
DB_USERNAME=$DB_USERNAME
DB_PASSWORD='$DB_PASSWORD'
MAIL_PORT=${SMTP_PORT:-1}
ENV
        for word; do echo "$word"; done
    } >"$APP/.env"
}

# The servers' own variables would win over .env, in both programs alike.
clean() { env -u DB_SOCKET -u DB_PORT -u SMTP_PORT -u SMTP_HTTP_PORT "$@"; }

# A worker that hangs must not hang the test.
artisan() { (cd "$APP" && clean timeout 300 php artisan "$@"); }

# facteur COMMAND...: the ASan build, whose shadow memory counts in --memory.
facteur() {
    local more=()
    [ "$1" != queue:work ] || more=(--memory=2048)
    (cd "$APP" && clean timeout 300 "$FACTEUR" "$@" ${more[@]+"${more[@]}"})
}

# background LOG artisan|facteur COMMAND...: the program itself, not a shell around it, goes on
# in the background. WORKER is its pid, which cleanup ends.
background() {
    local log=$1 program=(php artisan)
    [ "$2" = artisan ] || program=("$FACTEUR")
    [ "$2 $3" != "facteur queue:work" ] || set -- "$@" --memory=2048
    shift 2
    (cd "$APP" && exec env -u DB_SOCKET -u DB_PORT -u SMTP_PORT -u SMTP_HTTP_PORT "${program[@]}" "$@") \
        >"$log" 2>&1 </dev/null &
    WORKER=$!
    remember $WORKER
}

# log_shape: the app's log in a form that two workers can be compared by.
log_shape() { test/lib/seen.py log "$APP/storage/logs/laravel.log"; }

# app_reset: an empty queue, no sends, no mails, no log.
app_reset() {
    sql 'delete from jobs; delete from failed_jobs; delete from volunteer_letter_sends;
         delete from done_jobs'
    rm -f "$APP/storage/logs/laravel.log" "$TMP/mails"/*.eml
}

mails() { find "$TMP/mails" -name '*.eml' 2>/dev/null | wc -l; }

# last_mail prints the path of the newest mail.
last_mail() { find "$TMP/mails" -name '*.eml' | sort | tail -n 1; }

# attachment MAIL FILE: the letter of a mail
attachment() {
    /usr/bin/python3 - "$1" "$2" <<'PY'
import email, email.policy, sys
mail = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
pdf = [part for part in mail.walk() if part.get_content_type() == "application/pdf"][0]
open(sys.argv[2], "wb").write(pdf.get_content())
PY
}

# same NAME GOT WANT: as equals, with the lines that differ.
same() {
    local how
    if how=$(diff <(printf '%s\n' "$3") <(printf '%s\n' "$2")); then
        ok "$1"
    else
        not_ok "$1" "< wanted, > got"$'\n'"$how"
    fi
}

# has NAME TEXT WORD...: the text holds each of the words.
has() {
    local name=$1 text=$2 word missing=
    shift 2
    for word; do [[ $text == *"$word"* ]] || missing+="[$word] "; done
    if [ -z "$missing" ]; then ok "$name"; else not_ok "$name" "missing: $missing in: $text"; fi
}

# near NAME TIME ZONE: the time, as the app writes it, is now in that zone.
near() {
    local now then
    now=$(date +%s)
    then=$(TZ=$3 date -d "$2" +%s 2>/dev/null || echo 0)
    if [ $((now - then)) -ge -2 ] && [ $((now - then)) -le 60 ]; then
        ok "$1"
    else
        not_ok "$1" "$2 is not now in $3"
    fi
}
