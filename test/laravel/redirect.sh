#!/bin/bash
# The app's own redirection of mail: a provider sends it to a catcher while the app is developed,
# though .env names the relay. Two mail servers: where artisan's letter arrives, facteur's does,
# and the other stays empty.
# shellcheck source=test/lib/servers.sh
. test/lib/servers.sh
# shellcheck source=test/lib/app.sh
. test/lib/app.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" || exit 1
smtp_start "$TMP/relay" --dir="$TMP/relay/mails" || exit 1
relay=$SMTP_PORT
smtp_start "$TMP/catcher" --dir="$TMP/catcher/mails" || exit 1
catcher=$SMTP_PORT
SMTP_PORT=$relay
app_schema && app_new "$TMP/app" && app_own_classes || exit 1

arrived() {
    local name
    for name in relay catcher; do
        echo "$name: $(find "$TMP/$name/mails" -name '*.eml' 2>/dev/null | wc -l)"
    done
}

# where PROGRAM NAME=VALUE...: which server one letter arrives at, and what the row says.
where() {
    local program=$1
    shift
    sql 'delete from jobs; delete from failed_jobs; delete from volunteer_letter_sends'
    rm -f "$TMP"/{relay,catcher}/mails/*.eml
    artisan letters:dispatch 1 1 >"$TMP/dispatched" || return 1
    (export "$@" NOTHING=; "$program" queue:work --once --tries=1 >"$TMP/$program.out" 2>&1)
    arrived
    sql 'select status, recipient_email from volunteer_letter_sends; select count(*) from jobs'
}

# beside NAME ARRIVES NAME=VALUE...: as artisan, and at that server.
beside() {
    local name=$1 at=$2 php ours
    shift 2
    php=$(where artisan "$@") ours=$(where facteur "$@")
    same "$name: facteur's letter goes where artisan's does" "$ours" "$php"
    has "$name: it arrives at the $at, and nowhere else" "$ours" "$at: 1" ": 0" sent
}

docker=(MAIL_USE_MAILHOG=true MAIL_MAILHOG_HOST=127.0.0.1 "MAIL_MAILHOG_PORT=$catcher")

all() {
    local how=$1
    beside "$how, the flag on" catcher "MAIL_USE_MAILHOG=true"
    beside "$how, the flag off" relay "MAIL_USE_MAILHOG=off"
    beside "$how, as Docker sets it" catcher "${docker[@]}"
    beside "$how, in production with the flag on" catcher APP_ENV=production MAIL_USE_MAILHOG=1
}

app_env "MAIL_MAILHOG_PORT=$catcher"
sed -i '/^MAIL_USE_MAILHOG/d' "$APP/.env"
all "by variables"
beside "the flag unset, in a local environment" catcher APP_ENV=local
beside "the flag unset, in development" catcher APP_ENV=development
beside "the flag unset, in production" relay APP_ENV=production
beside "the flag empty, in production" relay APP_ENV=production MAIL_USE_MAILHOG=

app_env "MAIL_MAILHOG_PORT=$catcher" MAIL_USE_MAILHOG=yes APP_ENV=production
beside "the flag on in .env" catcher APP_DEBUG=false
app_env "MAIL_MAILHOG_PORT=$catcher" MAIL_USE_MAILHOG=no
beside "the flag off in .env" relay APP_DEBUG=false

# A cached configuration: .env is not read any more, the variables are.
sed -i '/^MAIL_USE_MAILHOG/d; /^MAIL_MAILHOG/d' "$APP/.env"
# What a provider set while it was made is in it, so it is made with the flag off.
(cd "$APP" && MAIL_USE_MAILHOG=0 clean php artisan config:cache >"$TMP/cached") || not_ok "config:cache" "$(cat "$TMP/cached")"
beside "cached, as Docker sets it" catcher "${docker[@]}"
beside "cached, the flag off" relay MAIL_USE_MAILHOG=0
rm -f "$APP/bootstrap/cache/config.php"

# about says who decides.
app_env "MAIL_MAILHOG_PORT=$catcher" MAIL_USE_MAILHOG=true
has "about names the provider's line" "$(facteur about --only=mail)" \
    "app/Providers/AppServiceProvider.php:" mailhog "MAIL_MAILHOG_PORT (.env:" "$catcher"

# === what facteur cannot run leaves the letter to PHP, with its place ===

# Each line: what boot() does, a part of what is said.
cases() {
    cat <<'CASES'
\Illuminate\Support\Facades\Mail::alwaysTo('staging@example.org');|Mail::alwaysTo()
\Illuminate\Support\Facades\View::share('club', null);|View::share()
\Illuminate\Support\Facades\Event::listen(\Illuminate\Mail\Events\MessageSending::class, fn () => false);|Event::listen()
if (\App\Models\Club::query()->exists()) { config(['mail.default' => 'mailhog']); }|Club::query()
foreach (glob('/nowhere/*') as $file) { config(['mail.default' => basename($file)]); }|glob()
$this->app->extend('mail.manager', fn ($manager) => $manager);|->extend()
app('mailer')->alwaysFrom('other@example.org');|->alwaysFrom()
while (true) { break; }|while
CASES
}
app_env MAIL_USE_MAILHOG=false
cp "$APP/app/Providers/AppServiceProvider.php" "$TMP/provider.php"
line=$(grep -n 'this->catchMail();' "$TMP/provider.php" | cut -d: -f1)
while IFS='|' read -r code said; do
    /usr/bin/python3 - "$TMP/provider.php" "$code" >"$APP/app/Providers/AppServiceProvider.php" <<'PY'
import sys
text = open(sys.argv[1]).read()
print(text.replace("        $this->catchMail();", "        " + sys.argv[2], 1), end="")
PY
    got=$(where facteur APP_ENV=local)
    same "left to PHP: $said" "$got" $'relay: 0\ncatcher: 0\n1'
    has "said with its place: $said" "$(cat "$TMP/facteur.out")" "$said" \
        "app/Providers/AppServiceProvider.php:$line:"
done < <(cases)

exit "$((TAP_FAILED > 0))"
