#!/bin/bash
# about.sh: about shows the configuration that facteur reads, each value with where it comes
# from, no secret, and whether a worker could start. It needs no server.
# shellcheck source=test/lib/servers.sh
. test/lib/servers.sh
# shellcheck source=test/lib/app.sh
. test/lib/app.sh
trap cleanup EXIT
tmpdir
SECRETS='Sup3rS3cret|url-s3cret|base64:a2V5|old-k3y'

APP=$TMP/app
mkdir -p "$APP/bootstrap/cache" "$APP/config" "$APP/storage/framework"
app_lock
cat >"$APP/.env" <<'ENV'
APP_ENV=local
APP_KEY=base64:a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2U=
APP_PREVIOUS_KEYS=old-k3y

DB_CONNECTION=letters
DB_PASSWORD=Sup3rS3cret
MAIL_MAILER=smtp
MAIL_URL="smtp://me:url-s3cret@mail.example:587?verify_peer=0&token=url-s3cret"
ENV
cat >"$APP/config/database.php" <<'PHP'
<?php
$shared = ['driver' => 'mysql', 'host' => env('LETTERS_HOST', 'db.example'), 'username' => 'club', 'password' => env('DB_PASSWORD')];
return [
    'default' => env('DB_CONNECTION'),
    'connections' => [
        'letters' => [...$shared, 'database' => 'club', 'prefix' => 'c_'],
        'jobs' => ['url' => 'mysql://q:url-s3cret@jobs.example:3307/q?x=url-s3cret'] + $shared,
    ],
];
PHP
cat >"$APP/config/queue.php" <<'PHP'
<?php
return [
    'default' => 'database',
    'connections' => ['database' => ['driver' => 'database', 'connection' => 'jobs', 'table' => 'todo']],
    'other' => unknown_function(),
];
PHP

# about [OPTION...]: STATUS, and the words of each line in $TMP/out.
about() {
    (cd "$APP" && clean env COLUMNS=160 LETTERS_HOST=h.example "$FACTEUR" about "$@") >"$TMP/raw" 2>&1
    STATUS=$?
    sed -E 's/ \.\.+ / = /; s/^ +//; s/ +$//' "$TMP/raw" >"$TMP/out"
}
shows() { check "$1" grep -qxF "$2" "$TMP/out"; }

about
equals "an app that can be worked: exit 0" $STATUS 0
shows "a value of .env, with its line" "Environment  Laravel 12's default, APP_ENV (.env:1) = local"
shows "a variable of the process" "Host  config/database.php:2, LETTERS_HOST (environment) = h.example"
shows "a value of a file" "Table  config/queue.php:4 = todo"
shows "a value of a variable that was spread" "Password  config/database.php:2, DB_PASSWORD (.env:6) = ******"
shows "a url without its password and options" "URL  config/database.php:7 = mysql://q:******@jobs.example:3307/q?******"
shows "a url of .env likewise" "URL  Laravel 12's default, MAIL_URL (.env:8) = smtp://me:******@mail.example:587?******"
shows "what could not be evaluated, and what is used" \
    "queue.other  config/queue.php:5 = null in its place: unknown_function() is not supported"
equals "both databases are there" "$(grep -c '^Connection = ' "$TMP/out")" 2
check "the key is masked" grep -qE '^Key .* = \*{6}$' "$TMP/out"

# At 80 columns the place stands under the value where both have no room.
(cd "$APP" && clean env COLUMNS=80 LETTERS_HOST=h.example "$FACTEUR" about) >"$TMP/narrow" 2>&1
equals "no line is wider than the terminal" "$(awk '{ sub(/ +$/, "") } length > 78' "$TMP/narrow")" ""
check "what has room stays in one line" grep -qE '^  Table  config/queue.php:4 \.+ todo  $' "$TMP/narrow"
equals "else the place stands under the value" \
    "$(grep -A1 -E '^  Maintenance Driver \.+ file' "$TMP/narrow" | tail -1)" "    Laravel 12's default, APP_MAINTENANCE_DRIVER (not set)"

leaks() { grep -cE "$SECRETS" "$TMP/raw"; }
equals "no secret in the text" "$(leaks)" 0
about --json
equals "no secret in JSON" "$(leaks)" 0
equals "JSON tells value and source" \
    "$(python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
print([r for r in d["queue"] if r["name"] == "table"], d["errors"])' "$TMP/raw")" \
    "[{'name': 'table', 'value': 'todo', 'from': 'config/queue.php:4'}] []"
about --only=failed_jobs,cache
equals "--only shows the named sections" \
    "$(grep -cE '^(Failed Jobs|Cache) ' "$TMP/out"):$(grep -cE '^(Queue|Mail) ' "$TMP/out")" 2:0
touch "$APP/storage/framework/down"
about --env=staging
shows "maintenance is seen" "Maintenance File = there"
shows "--env is told" "Environment  --env = staging"

# A hole that matters, and a connection that does not exist.
sed -i "s/'todo'/unknown_table()/; s/'jobs'/'nowhere'/" "$APP/config/queue.php"
about
equals "a worker could not start: exit 1" $STATUS 1
check "the value that is needed is named with its place" grep -q \
    'config/queue.php:4:.*queue.connections.database.table cannot be evaluated' "$TMP/raw"
sed -i "s/unknown_table()/'todo'/" "$APP/config/queue.php"
about
equals "an unknown connection: exit 1" $STATUS 1
check "it is named" grep -q 'Database connection \[nowhere\] not configured' "$TMP/raw"

echo "<?php return array ('app' => array ('env' => 'x'), 'database' => array ('default' => 'm', 'connections' => array ('m' => array ('driver' => 'mysql')))," \
    "'queue' => array ('default' => 'q', 'connections' => array ('q' => array ('driver' => 'database'))), 'mail' => array ('default' => 'log', 'mailers' => array ('log' => array ('transport' => 'log'))));" \
    >"$APP/bootstrap/cache/config.php"
about
check "a cached configuration is told" grep -qE '^Configuration +cached: .env is not read = .*/bootstrap/cache/config.php$' "$TMP/out"
shows "its values have its lines" "Environment  bootstrap/cache/config.php:1 = x"
exit "$((TAP_FAILED > 0))"
