#!/bin/bash
# What the booted app says of itself, though no source that facteur reads shows it: a package does each
# of these things, and the letters are PHP's then. An app that nobody has edited says nothing.
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
export FACTEUR_PHP=auto
IN_FORCE="in force in the booted app"

# === apps that nobody has edited ===

unedited() {
    local version=$1
    APP=$TMP/laravel-$version
    test/laravel/app_of "$version" "$APP" && app_env || return 1
    facteur queue:work --stop-when-empty >"$TMP/out" 2>&1
    equals "Laravel $version: an unedited app boots, and says nothing" "$? $(grep -v STOPPED "$TMP/out")" "0 "
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

# === what a package does ===

app_new "$TMP/app" && app_own_classes && app_package || exit 1

# told WHAT PHP [OPTION...]: the worker's lines of a start at which a package does that.
told() {
    app_package_does "$1"
    shift
    app_reset
    facteur queue:work --stop-when-empty "$@" >"$TMP/out" 2>&1
    tr '\n' ' ' <"$TMP/out" | sed 's/  */ /g'
}

# tells NAME TEXT PHP: the letters are PHP's, since that is told.
tells() {
    has "$1" "$(told "$3")" "$2" "letters are left to PHP"
}

# silent NAME PHP
silent() {
    equals "$1" "$(told "$2")" ""
}

silent "a package that does nothing is nothing to tell" ''
HERE=vendor/hidden/code.php:3
tells "Mail::alwaysTo" "Mail::alwaysTo (smtp) is $IN_FORCE" "Mail::alwaysTo('staging@club.example');"
tells "Mail::alwaysFrom" "Mail::alwaysFrom (smtp) is" "Mail::alwaysFrom('club@club.example');"
tells "Mail::alwaysReplyTo" "Mail::alwaysReplyTo (smtp) is" "Mail::alwaysReplyTo('club@club.example');"
tells "Mail::alwaysReturnPath" "Mail::alwaysReturnPath (smtp) is" "Mail::alwaysReturnPath('club@club.example');"
tells "a listener of a mail, with its place" \
    "$HERE:1: a listener of Illuminate\\Mail\\Events\\MessageSending (a closure) is $IN_FORCE" \
    "Event::listen(Illuminate\\Mail\\Events\\MessageSending::class, function () { return false; });"
tells "a listener of all events" "$HERE:1: a listener of * (a closure)" "Event::listen('*', function () {});"
tells "a listener of what is logged" "$HERE:1: a listener of Illuminate\\Log\\Events\\MessageLogged" "Log::listen(function () {});"
tells "a composer of a view" "$HERE:1: a listener of composing: pdf.volunteer-letter" \
    "View::composer('pdf.volunteer-letter', function () {});"
tells "a composer of all views" "$HERE:1: a listener of composing: *" "View::composer('*', function () {});"
silent "a composer of a package's view" "View::composer('package::page', function () {});"
tells "what views share" "View::share of club" "View::share('club', 1);"
tells "a directive that a view has" "$HERE:1: the Blade directive @money" "Blade::directive('money', function () { return ''; });
file_put_contents(resource_path('views/money.blade.php'), '@money(1)');"
rm "$APP/resources/views/money.blade.php"
silent "a directive that no view has" "Blade::directive('money', function () { return ''; });"
tells "what Blade compiles before all" "$HERE:1: a change of Blade's precompilers (a closure)" \
    "Blade::precompiler(function (\$s) { return \$s; });"
tells "a setting of the mail" "mail.from.name is another than facteur's (config/mail.php:" "config(['mail.from.name' => 'Nobody']);"
tells "a setting of the app's" "app.locale is another than facteur's" "config(['app.locale' => 'xx']);"
tells "a time zone" "another time zone, Asia/Tokyo" "date_default_timezone_set('Asia/Tokyo');"
tells "a clock that stands" "Carbon::setTestNow" "Illuminate\\Support\\Carbon::setTestNow('2020-01-01');"
tells "a model's event" "$HERE:1: a listener of eloquent.creating: App\\Models\\VolunteerLetterSend" \
    "App\\Models\\VolunteerLetterSend::creating(function () { return false; });"
silent "an event of a model that letters do not know" "Event::listen('eloquent.saved: App\\\\Models\\\\Invoice', function () {});"
silent "an event that no letter fires" "App\\Models\\Club::deleted(function () {});"
tells "a model's global scope" "$HERE:1: the global scope active (a closure)" \
    "App\\Models\\Teacher::addGlobalScope('active', function (\$q) {});"
tells "another transport" "$HERE:1: a mail transport of the app's for smtp" \
    "Mail::extend('smtp', function () { return new Symfony\\Component\\Mailer\\Transport\\NullTransport; });"
tells "another service" \
    "$HERE:1: another class, or an extension, of the service files (Illuminate\\Filesystem\\Filesystem@anonymous" \
    "app()->instance('files', new class extends Illuminate\\Filesystem\\Filesystem {});"
tells "a pipe of the bus" "Bus::pipeThrough" "Bus::pipeThrough([function (\$job, \$next) { return \$next(\$job); }]);"
tells "who is told of exceptions" "$HERE:1: the exception handler's report (a closure)" \
    "app(Illuminate\\Contracts\\Debug\\ExceptionHandler::class)->reportable(function (Throwable \$e) { report_it(\$e); });"
for call in before after failing looping; do
    tells "Queue::$call" "$HERE:1: a listener of Illuminate\\Queue\\Events\\" "Queue::$call(function () {});"
done
tells "what payloads are given" "$HERE:1: a callback of Queue::createPayloadUsing" \
    "Queue::createPayloadUsing(function () { return []; });"
out=$(told "Queue::after(function () {});" --native-events=ignore)
has "job events that are ignored are told, and leave letters here" "$out" "JobProcessed (a closure) is not told of letters that facteur runs"
equals "and nothing else is" "$(grep -c "left to PHP" <<<"$out")" 0

# A package whose source shows that it hears of jobs, and no more.
rm "$APP/vendor/composer"
cp -r build/laravel/vendor/composer "$APP/vendor/composer"
mkdir -p "$APP/vendor/acme/tools/src"
cat >"$APP/vendor/acme/tools/src/Provider.php" <<'PHP'
<?php

namespace Acme\Tools;

class Provider extends \Illuminate\Support\ServiceProvider
{
    public function boot(): void
    {
        $this->app['events']->listen(\Illuminate\Queue\Events\JobProcessed::class, fn () => null);
    }
}
PHP
echo "spl_autoload_register(function (\$c) { if (\$c === 'Acme\\\\Tools\\\\Provider') { require __DIR__.'/../acme/tools/src/Provider.php'; } });" \
    >>"$APP/vendor/hidden/Provider.php"
cp "$APP/bootstrap/cache/packages.php" "$TMP/packages.php"
sed -i "s/return \[/return ['acme\/tools' => ['providers' => ['Acme\\\\\\\\Tools\\\\\\\\Provider']], /" "$APP/bootstrap/cache/packages.php"
/usr/bin/python3 - "$APP/vendor/composer/installed.json" <<'PY'
import json, sys
all = json.load(open(sys.argv[1]))
all["packages"].append({"name": "acme/tools", "install-path": "../acme/tools",
                        "autoload": {"psr-4": {"Acme\\Tools\\": "src/"}}})
json.dump(all, open(sys.argv[1], "w"))
PY
has "so are those of a package's source" "$(told '')" "vendor/acme/tools/src/Provider.php:9" "JobProcessed, in a package"
out=$(told '' --native-events=ignore)
has "which are ignored alike" "$out" "JobProcessed (a closure) is not told of letters that facteur runs"
equals "and nothing is left to PHP" "$(grep -c "left to PHP" <<<"$out")" 0
cp "$TMP/packages.php" "$APP/bootstrap/cache/packages.php"

out=$(told "config(['queue.connections.database.table' => 'other_jobs']);")
has "another queue ends the start" "$out" "queue.connections.database.table is another in the booted app" "config/queue.php:"
out=$(told "throw new RuntimeException('not today');")
has "an app that cannot be booted was not asked" "$out" "not today" "nobody asked the app"
out=$(FACTEUR_PHP=off told "Mail::alwaysTo('staging@club.example');")
equals "without PHP nobody is asked" "$(grep -c "booted app" <<<"$out")" 0

# === a letter ===

app_package_does "Mail::alwaysTo('staging@club.example');"
app_reset
artisan letters:dispatch 1 1
facteur queue:work --once >"$TMP/out" 2>&1
equals "a letter that PHP sends elsewhere goes there" \
    "$(mails) $(grep -ci '^To: staging@club.example' "$(last_mail)")" "1 1"
sql 'select status from volunteer_letter_sends' >"$TMP/status"
equals "and is sent" "$(cat "$TMP/status")" sent
