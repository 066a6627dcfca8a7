#!/bin/bash
# config.sh: config files evaluated by facteur and loaded by real Laravel, compared key by
# key: those of Laravel's own skeletons, and an app that does what people do in theirs.
# shellcheck source=test/lib/servers.sh
. test/lib/servers.sh
# shellcheck source=test/lib/app.sh
. test/lib/app.sh
trap cleanup EXIT
laravel_or_skip
tmpdir
DUMP=build/asan/config_dump
SKELETONS=build/skeletons # fetched once

# skeleton VERSION: Laravel's own app of that version, without its packages.
skeleton() {
    local to=$SKELETONS/$1
    [ ! -e "$to/config" ] || return 0
    mkdir -p $SKELETONS
    COMPOSER_ALLOW_SUPERUSER=1 timeout 120 composer create-project --no-install --no-scripts \
        --no-interaction --no-progress --no-plugins laravel/laravel "$to" "$1.*" \
        >"$TMP/composer.log" 2>&1 </dev/null
    [ -e "$to/config" ]
}

# app_of VERSION FROM: a copy with what tells the version.
app_of() {
    DIR=$TMP/app$1
    mkdir -p "$DIR/bootstrap/cache" "$DIR/storage"
    cp -r "$2/." "$DIR/"
    rm -f "$DIR/.env" "$DIR/composer.lock"
    echo '{"packages": [{"name": "laravel/framework", "version": "v'"$1"'.44.0"}]}' >"$DIR/composer.lock"
}

names() { grep -rhoE "env\('[A-Z0-9_]+'" "$DIR/config" "$DIR/shared" 2>/dev/null | cut -d"'" -f2 | sort -u; }

# variant NAME: what .env holds.
variant() {
    local i=0 name words=(true '(false)' null empty '"two words"' "''" 5 '"#1"' 'a"b"' "'x\${APP_NAME}'")
    rm -f "$DIR/.env"
    [ "$1" = none ] && return
    for name in $(names); do
        i=$((i + 1))
        case $1:$name in
            *:TZ_NAME | *:APP_TIMEZONE) echo "$name=Europe/Paris" ;;
            words:APP_URL | words:LOG_STACK | words:QUEUES | words:APP_PREVIOUS_KEYS) echo "$name=x,y" ;;
            words:*) echo "$name=${words[i % ${#words[@]}]}" ;;
            set:*URL*) echo "$name=https://host-$i.example:80$i/p" ;;
            set:*) echo "$name='Value $i of $name'" ;;
        esac
    done >"$DIR/.env"
}

# same NAME MERGE [OPTION of config_diff.py...]
same() {
    local name=$1 merge=$2 files
    shift 2
    files=$(cd "$DIR/config" && ls | sed 's/\.php$//')
    php test/laravel/config_by_php.php "$DIR" "$merge" "$TMP/cached.php" >"$TMP/php.json" 2>"$TMP/error" || {
        not_ok "$name" "$(tail -3 "$TMP/error")"
        return
    }
    # shellcheck disable=SC2086 # a list
    clean "$DUMP" "$DIR" $files >"$TMP/facteur.json" 2>"$TMP/error" || {
        not_ok "$name" "$(tail -3 "$TMP/error")"
        return
    }
    if test/lib/config_diff.py "$TMP/php.json" "$TMP/facteur.json" "$@" >"$TMP/diff"; then
        ok "$name ($(tail -1 "$TMP/diff" | cut -c3-))"
    else
        not_ok "$name" "$(head -20 "$TMP/diff")"
    fi
}

# all_variants NAME MERGE [OPTION...]
all_variants() {
    local name=$1
    shift
    for v in none set words; do
        variant $v
        same "$name, .env: $v" "$@"
    done
    # The last one as artisan config:cache writes it; .env is then not read.
    cp "$TMP/cached.php" "$DIR/bootstrap/cache/config.php"
    rm -f "$DIR/.env"
    same "$name, cached" "$@"
}

app_of 12 test/app/usual
# Its packages, with Composer's lists in its own place: App is its own folder then.
mkdir -p "$DIR/vendor"
ln -s "$PWD"/build/laravel/vendor/* "$DIR/vendor/"
rm "$DIR/vendor/composer"
cp -r build/laravel/vendor/composer "$DIR/vendor/composer"
all_variants "what people do in their files" yes

# The providers and aliases of another version are not in this vendor folder.
for version in 10 11 12; do
    if ! skeleton $version; then
        skip "skeleton of Laravel $version" "Packagist cannot be reached"
        continue
    fi
    app_of $version $SKELETONS/$version
    case $version in
        10) all_variants "skeleton of Laravel 10" no --except app.providers,app.aliases ;;
        11) all_variants "skeleton of Laravel 11" no --more ;;
        12) all_variants "skeleton of Laravel 12" yes ;;
    esac
done
# about beside artisan config:show, which leaves out the folder of the app: the same values.
DB_PORT=3306 DB_DATABASE=club DB_USERNAME=me DB_PASSWORD=secret
app_new "$TMP/shown"
facteur about --json >"$TMP/about.json"
for row in queue:default:queue.default queue:table:queue.connections.database.table \
    queue:retry_after:queue.connections.database.retry_after failed_jobs:driver:queue.failed.driver \
    failed_jobs:database_connection:queue.failed.database batching:table:queue.batching.table \
    cache:default_store:cache.default cache:prefix:cache.prefix cache:path:cache.stores.file.path \
    mail:mailer:mail.default mail:host:mail.mailers.smtp.host mail:port:mail.mailers.smtp.port \
    mail:from_address:mail.from.address database:host:database.connections.mysql.host \
    database:database:database.connections.mysql.database environment:timezone:app.timezone \
    environment:locale:app.locale environment:url:app.url logging:default_channel:logging.default; do
    IFS=: read -r section name path <<<"$row"
    ours=$(python3 -c 'import json, sys
print([r["value"] for r in json.load(open(sys.argv[1]))[sys.argv[2]] if r["name"] == sys.argv[3]][0])' \
        "$TMP/about.json" "$section" "$name" 2>&1 | tail -1)
    COLUMNS=200 artisan config:show "$path" >"$TMP/shown.txt"
    equals "about shows $path as config:show does" "${ours#"$APP"/}" "$(sed -nE 's/^ .*\.\.+ (.*[^ ]) *$/\1/p' "$TMP/shown.txt")"
done
exit "$((TAP_FAILED > 0))"
