#!/bin/bash
# moved.sh: what bootstrap/app.php moves (.env, config/, storage/ and the other folders)
# is where real Laravel has it; what facteur cannot follow ends it with file and line.
. test/lib/servers.sh
. test/lib/app.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
DB_PORT=1 DB_DATABASE=x DB_USERNAME=x DB_PASSWORD=x
app_new "$TMP/app"
mkdir -p "$APP"/{other/settings,other/env,elsewhere/storage/framework,boot/cache}
cp "$APP"/config/*.php "$APP/other/settings"
cat >"$APP/config/paths.php" <<'PHP'
<?php
return ['config' => 'config', 'sender' => env('MAIL_FROM_ADDRESS'), 'from' => config('mail.from.address'), 'base' => base_path('x'),
    'app' => app_path('x'), 'config_path' => config_path('x'), 'database' => database_path('x'), 'public' => public_path('x'),
    'lang' => lang_path('x'), 'resource' => resource_path('x'), 'storage' => storage_path('x')];
PHP
sed "s/'config' => 'config'/'config' => 'other'/" "$APP/config/paths.php" >"$APP/other/settings/paths.php"
echo MAIL_FROM_ADDRESS=usual@example.test >>"$APP/.env"
sed 's/usual@/club@/' "$APP/.env" >"$APP/.env.club"
sed 's/usual@/staging@/' "$APP/.env" >"$APP/.env.club.staging"
sed 's/usual@/other@/' "$APP/.env" >"$APP/other/env/.env"
cp "$APP/bootstrap/app.php" "$TMP/plain.php"
cp "$APP/artisan" "$TMP/artisan"

# boot CODE [BEFORE]: bootstrap/app.php makes the app, runs CODE, returns it.
boot() {
    {
        printf '<?php\n\nuse Illuminate\\Foundation\\Application;\n%s\n' "${2:-}"
        printf '$app = Application::configure(basePath: dirname(__DIR__))\n    ->withMiddleware(fn () => null)\n    ->withExceptions(fn () => null)\n    ->create();\n\n'
        printf '%s\n\nreturn $app;\n' "$1"
    } >"$APP/bootstrap/app.php"
}
cat >"$TMP/paths.php" <<'PHP'
<?php
$_SERVER['argv'] = $GLOBALS['argv'] = ['artisan', ...array_slice($argv, 1)];
require getcwd().'/vendor/autoload.php';
$app = require getcwd().'/bootstrap/app.php';
$app->make(Illuminate\Contracts\Console\Kernel::class)->bootstrap();
echo json_encode(config('paths'), JSON_UNESCAPED_SLASHES), "\n";
PHP
by_php() { (cd "$APP" && clean php "$TMP/paths.php" "$@") 2>&1; }
by_facteur() { clean build/asan/config_dump "$APP" paths 2>"$TMP/said" | /usr/bin/python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin)["paths"], separators=(",", ":"), ensure_ascii=False))' 2>/dev/null || cat "$TMP/said"; }
# follows NAME CODE [BEFORE]
follows() {
    boot "$2" "${3:-}"
    same "$1" "$(by_facteur)" "$(by_php)"
}
# refuses NAME WORDS CODE [BEFORE]
refuses() {
    boot "$3" "${4:-}"
    (cd "$APP" && clean "$FACTEUR" about) >"$TMP/out" 2>&1
    equals "$1: exit 1" $? 1
    has "$1: with file and line" "$(tr -d ' \n' <"$TMP/out")" "${2// /}"
}

follows "nothing is moved" ''
follows "another .env" "\$app->loadEnvironmentFrom('.env.club');"
has "which it is" "$(by_facteur)" club@example.test
export APP_ENV=staging
follows "another .env has its own for an environment" "\$app->loadEnvironmentFrom('.env.club');"
has "which it is" "$(by_facteur)" staging@example.test
unset APP_ENV
follows "the folder of .env" "\$app->useEnvironmentPath(__DIR__.'/../other/env');"
has "which it is" "$(by_facteur)" other@example.test
follows "config" "\$app->useConfigPath(\$app->basePath('other/settings'));"
has "which it is" "$(by_facteur)" '"config":"other"'
follows "storage, in a chain" "\$app->useStoragePath(dirname(__DIR__).'/elsewhere/storage')->useLangPath(base_path('x/lang'));"
has "which it is" "$(by_facteur)" '/elsewhere/storage/x'
export LARAVEL_STORAGE_PATH=$APP/lost
follows "storage wins over LARAVEL_STORAGE_PATH" "\$app->useStoragePath(dirname(__DIR__).'/elsewhere/storage');"
unset LARAVEL_STORAGE_PATH
follows "app, database, public, lang" "\$app->useAppPath(base_path('src'));
\$app->useDatabasePath(base_path('db'));
\$app->usePublicPath(realpath(__DIR__.'/..').'/public_html');
\$app->useLangPath(base_path('words'));"
follows "a path in a variable" "\$app->useStoragePath(\$where);" "\$where = __DIR__.'/../elsewhere/storage';"
export WHERE=elsewhere
follows "a path of the environment" "\$app->useStoragePath(base_path((getenv('WHERE') ?: 'storage').'/storage'));"
unset WHERE
follows "words in comments and strings are no code" "// \$app->useConfigPath('/nowhere');
/* \$app->useStoragePath('/nowhere'); */
\$note = '\$app->useConfigPath(1)';"
mkdir -p "$APP/resources/lang"
follows "resources/lang" ''
rmdir "$APP/resources/lang"
mkdir -p "$APP/.laravel/cache"
follows "a folder .laravel" ''
rm -r "$APP/.laravel"

boot ''
(cd "$APP" && clean php artisan config:cache) >/dev/null
mv "$APP/bootstrap/cache/config.php" "$APP/boot/cache/config.php"
sed -i 's/usual@/uncached@/' "$APP/.env"
follows "the cached configuration in another bootstrap folder" "\$app->useBootstrapPath(\$app->basePath('boot'));"
has "which it is" "$(by_facteur)" usual@example.test
rm "$APP/boot/cache/config.php"

printf '<?php\nnamespace App;\nclass Application extends \\Illuminate\\Foundation\\Application { public function hasDebugModeEnabled(): bool { return false; } }\n' >"$APP/app/Application.php"
boot ''
app_own_classes
sed -i 's/^use Illuminate.Foundation.Application;/use App\\Application;/' "$APP/bootstrap/app.php"
same "a subclass that moves nothing" "$(by_facteur)" "$(by_php)"
printf '<?php\nnamespace App;\nclass Application extends \\Illuminate\\Foundation\\Application\n{\n    public function environmentFile() { return ".env.club"; }\n}\n' >"$APP/app/Application.php"
(cd "$APP" && clean "$FACTEUR" about) >"$TMP/out" 2>&1
equals "a subclass that does: exit 1" $? 1
has "and is named" "$(tr -d ' \n' <"$TMP/out")" "app/Application.php:5:environmentFileoftheapplicationclassApp\\Application"
rm "$APP/app/Application.php"

refuses "a branch" "bootstrap/app.php:10: useStoragePath: facteur follows it where it stands alone" \
    "if (getenv('X')) { \$app->useStoragePath('/x'); }"
refuses "a branch without braces" "bootstrap/app.php:11: loadEnvironmentFrom" $'if (getenv("X"))\n    $app->loadEnvironmentFrom(".env.x");'
refuses "a branch with colons" "bootstrap/app.php:12: loadEnvironmentFrom" $'if (getenv("X")):\n    $y = 1;\n    $app->loadEnvironmentFrom(".env.x");\nendif;'
refuses "a short branch" "bootstrap/app.php:10: loadEnvironmentFrom" "getenv('X') && \$app->loadEnvironmentFrom('.env.x');"
refuses "a closure" "bootstrap/app.php:10: useEnvironmentPath" "\$app->booting(fn () => \$app->useEnvironmentPath('/x'));"
refuses "what cannot be evaluated" "bootstrap/app.php:10: useConfigPath:" "\$app->useConfigPath(some_function());"
refuses "a relative path" "bootstrap/app.php:10: useConfigPath: its argument is no absolute path" "\$app->useConfigPath('other');"
refuses "the environment written" "bootstrap/app.php:10: \$_ENV: it changes the app's environment" "\$_ENV['APP_ENV'] = 'x';"
refuses "putenv" "bootstrap/app.php:10: putenv" "putenv('APP_ENV=x');"
refuses "Dotenv" "bootstrap/app.php:10: Dotenv" "Dotenv\\Dotenv::createImmutable(__DIR__.'/..', '.env.club')->load();"
refuses "a path bound by its name" "bootstrap/app.php:10: path.config: it is bound in the container" "\$app->instance('path.config', '/x');"
cp "$TMP/plain.php" "$APP/bootstrap/app.php"
sed -i 's/dirname(__DIR__)/dirname(__DIR__, 2)/' "$APP/bootstrap/app.php"
(cd "$APP" && clean "$FACTEUR" about) >"$TMP/out" 2>&1
equals "another base path: exit 1" $? 1
has "and is named" "$(tr -d ' \n' <"$TMP/out")" "bootstrap/app.php:5:Application:theapp'sbasepathis"
cp "$TMP/plain.php" "$APP/bootstrap/app.php"
sed -i 's|^exit|$app->loadEnvironmentFrom(".env.club");\n\nexit|' "$APP/artisan"
has "artisan itself may move things" "$(by_facteur)" club@example.test
cp "$TMP/artisan" "$APP/artisan"

# A folder that facteur itself does not read: only who asks for it fails.
boot "\$app->usePublicPath(some_function());"
has "an unknown public folder is told where it is asked for" "$(clean build/asan/config_dump "$APP" paths 2>&1)" \
    "where bootstrap/app.php:10 moves the folder public is not known"
(cd "$APP" && clean "$FACTEUR" about --only=mail) >"$TMP/out" 2>&1
has "the rest is read" "$(cat "$TMP/out")" uncached@example.test

# A provider moves things when all is read: a needed one leaves letters to PHP.
cp "$TMP/plain.php" "$APP/bootstrap/app.php"
provider=$APP/app/Providers/AppServiceProvider.php
about_boot() { (cd "$APP" && clean "$FACTEUR" view:check) >"$TMP/out" 2>&1; }
sed -i "s/public function boot(): void {\?/&/; 0,/function boot()[^{]*{/s//&\n        \$this->app->useStoragePath('\/x');/" "$provider"
grep -q useStoragePath "$provider" || sed -i "0,/function boot()/{/function boot()/{n;s/{/{\n        \$this->app->useStoragePath('\/x');/}}" "$provider"
boot "\$app->useLangPath(base_path('words'));"
about_boot
has "a provider that moves storage is told" "$(cat "$TMP/out")" "useStoragePath() moves what has been read already"
if grep -q useLangPath "$TMP/out"; then not_ok "what bootstrap/app.php moves is no finding" "$(cat "$TMP/out")"; else ok "what bootstrap/app.php moves is no finding"; fi
