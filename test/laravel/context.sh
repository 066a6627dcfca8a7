#!/bin/bash
# What was known where a letter was dispatched (Laravel's Context) stands behind each line
# that it writes to the log, as under artisan. What the class says of missing models and of
# transactions changes nothing for a worker.
. test/lib/servers.sh
. test/lib/app.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" --default-time-zone=+00:00 || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" --refuse="$REFUSED" || exit 1
app_schema && app_new "$TMP/app" && app_own_classes || exit 1
class=$APP/app/Jobs/SendVolunteerLetterJob.php

# letters 'PHP that dispatches some'
letters() {
    sql 'truncate jobs'
    cat >"$APP/letters.php" <<PHP
<?php
require __DIR__.'/vendor/autoload.php';
\$app = require __DIR__.'/bootstrap/app.php';
\$app->make(Illuminate\Contracts\Console\Kernel::class)->bootstrap();
use App\Jobs\SendVolunteerLetterJob as Letter;
use App\Models\Club;
use Illuminate\Support\Facades\Context;
use Illuminate\Support\Facades\DB;
$1;
PHP
    (cd "$APP" && clean php letters.php) || exit 1
    sql 'drop table if exists saved; create table saved as select * from jobs'
}

# log: the records as they are, but for times, errors' texts and traces; of an exception only
# what stands behind it.
log() {
    /usr/bin/python3 - "$APP/storage/logs/laravel.log" <<'PY'
import re, sys
for record in re.split(r"^(?=\[20\d\d-)", open(sys.argv[1]).read(), flags=re.M)[1:]:
    record = re.sub(r"^\[[^]]*\]", "[T]", record)
    if '{"exception":"[object]' in record:
        record = "[T] an exception" + record[record.rindex('\n"}'):].replace("\n", "", 1)
    print(re.sub(r'"(error|trace)":"(\\.|[^"\\])*"', r'"\1":"?"', record, flags=re.S), end="")
PY
}

run() {
    local program=$1
    shift
    app_reset
    sql 'truncate jobs; insert into jobs select * from saved'
    $program queue:work --stop-when-empty --sleep=0 --tries=1 "$@" >"$TMP/work.log" 2>&1
    log
    sql "select teacher_id, status from volunteer_letter_sends; select count(*) from failed_jobs;
         select count(*) from jobs"
}

both() {
    php=$(run artisan)
    ours=$(run facteur)
    same "$1" "$ours" "$php"
}

letters 'Context::add("request", "a/é \"%context% %extra%"); Letter::dispatch(1, 1)'
both "a context of one text"
has "is shown" "$ours" '} {"request":"a/é \"%context% %extra%"}'
letters 'Context::add(["list" => [1, 2.0, null], "map" => ["ü" => true, 3 => "x"], "n" => null, "f" => 0.1, "empty" => []]); Letter::dispatch(1, 1)'
both "values of every kind"
letters 'Context::add("a", 1); Context::addHidden("secret", "do not tell"); Letter::dispatch(9999, 1); Letter::dispatch(1, 5)'
sql "update saved set payload=json_set(payload, '\$.maxTries', 1)"
both "of a letter to nobody, and of one that fails"
equals "what is hidden is not shown" "$(grep -c 'do not tell' "$APP/storage/logs/laravel.log")" 0
letters 'Letter::dispatch(1, 1); Context::add("a", 1); Letter::dispatch(1, 2); Context::flush(); Letter::dispatch(1, 3)'
both "each letter has its own, or none"
letters 'Context::addHidden("only", "hidden"); Letter::dispatch(1, 1)'
both "a hidden one alone shows nothing"

letters 'Context::add("club", Club::find(1)); Letter::dispatch(1, 1)'
run facteur >/dev/null
equals "a model in it: left to PHP" "$(mails), $(sql 'select attempts from jobs')" "0, 0"
has "which is said" "$(tr -s ' \n' ' ' <"$TMP/work.log")" "has a log context that only PHP can read"

# === what concerns only who dispatches, or reads models ===

sed -i 's/    public \$tries = 3;/    public $deleteWhenMissingModels = true;\n    public $note;\n&/' "$class"
letters 'DB::transaction(function () { Letter::dispatch(1, 1)->afterCommit(); Letter::dispatch(1, 2)->beforeCommit(); })'
equals "afterCommit and beforeCommit are in the payload" \
    "$(sql "select sum(payload like '%afterCommit%') from saved")" 2
both "and change nothing for a worker"
letters '$l = new Letter(1, 9999); dispatch($l); $l = new Letter(1, 8); dispatch($l)'
both "deleteWhenMissingModels is about models in the payload: teachers are found by their ids"
letters '$l = new Letter(1, 1); $l->note = Club::find(1); dispatch($l)'
run facteur >/dev/null
equals "a letter that carries a model is left to PHP" "$(mails), $(sql 'select attempts from jobs')" "0, 0"
has "which is said, too" "$(tr -s ' \n' ' ' <"$TMP/work.log")" "carries models"
