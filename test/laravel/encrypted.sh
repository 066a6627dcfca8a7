#!/bin/bash
# Letters whose commands the app encrypted: read with its ciphers and keys, old keys too,
# as PHP reads them; one of a key that nobody has fails as PHP's does.
. test/lib/servers.sh
. test/lib/app.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" --default-time-zone=+00:00 || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" || exit 1
app_schema && app_new "$TMP/app" && app_own_classes || exit 1

sed -i 's/implements ShouldQueue$/implements ShouldQueue, \\Illuminate\\Contracts\\Queue\\ShouldBeEncrypted/' \
    "$APP/app/Jobs/SendVolunteerLetterJob.php"
sed -i "s/'AES-256-CBC'/env('APP_CIPHER', 'AES-256-CBC')/" "$APP/config/app.php"

key() { printf 'base64:%s' "$(printf '%s' "$1" | head -c "$2" | base64)"; }
new=$(key 'a key of thirty-two bytes for new' 32)
old=$(key 'a key of thirty-two bytes, as old' 32)
short=$(key 'and sixteen of them' 16)

# under CIPHER KEY: the app's environment
under() { app_env "APP_CIPHER=$1" "APP_KEY=$2" "${@:3}"; }

# sent NAME: facteur sends the letter of user 101 to teacher 1.
sent() {
    equals "$1: the command is encrypted" \
        "$(sql "select json_value(payload, '\$.data.command') like 'eyJpdiI6%' from jobs")" 1
    facteur queue:work --stop-when-empty --sleep=0 >"$TMP/work.log" 2>&1
    equals "$1: sent" "$(sql "select group_concat(concat_ws(' ', club_id, teacher_id,
        sent_by_user_id, status)) from volunteer_letter_sends"), $(mails), $(
        sql 'select count(*) from jobs')" "1 1 101 sent, 1, 0"
}

for cipher in AES-256-CBC aes-256-gcm AES-128-CBC AES-128-GCM; do
    app_reset
    case $cipher in *128*) under $cipher "$short" ;; *) under $cipher "$new" ;; esac
    artisan letters:dispatch 1 1 --user=101
    sent $cipher
done

for cipher in AES-256-CBC AES-256-GCM; do
    app_reset
    under $cipher "$old"
    artisan letters:dispatch 1 1 --user=101
    under $cipher "$new" "APP_PREVIOUS_KEYS=$(key 'neither this one of 32 bytes here' 32),$old"
    sent "$cipher, by a previous key"
done

# What is left of a job that nobody can read, but for the texts that name PHP's files.
state() {
    sql "select 'job', attempts, payload = (select payload from saved),
            $WAITS from jobs;
         select 'failed', payload = (select payload from saved), connection, queue,
            substring_index(exception, ' in ', 1) from failed_jobs;
         select 'send', status from volunteer_letter_sends"
}

# both NAME OPTION...: on the saved row
both() {
    local name=$1 program php ours
    shift
    for program in artisan facteur; do
        app_reset
        sql "insert into jobs (queue, payload, attempts, available_at, created_at)
             select queue, payload, 0, unix_timestamp(), unix_timestamp() from saved"
        $program queue:work "$@" >"$TMP/work.log" 2>&1
        if [ $program = artisan ]; then php=$(state); else ours=$(state); fi
    done
    same "$name" "$ours" "$php"
}

app_reset
under AES-256-CBC "$old"
artisan letters:dispatch 1 1
sql 'drop table if exists saved; create table saved as select queue, payload from jobs'
under AES-256-CBC "$new"
both "of a key that is gone: released with its backoff" --once --backoff=8
both "and failed after the class's tries" --stop-when-empty --sleep=0
has "as Laravel's exception" "$(sql 'select exception from failed_jobs')" \
    "Encryption\\\\DecryptException: The MAC is invalid."
sql "update saved set payload = json_set(payload, '\$.data.command', 'no base64 at all')"
both "what is no encrypted text fails likewise" --stop-when-empty --sleep=0

app_reset
artisan letters:dispatch 1 1
under AES-256-CBC 'base64:dG9vIHNob3J0'
facteur queue:work --stop-when-empty --sleep=0 >"$TMP/work.log" 2>&1
has "without a key that fits the job is left to PHP, aloud" \
    "$(tr -s ' \n' ' ' <"$TMP/work.log")" "is encrypted, and cannot be decrypted:" \
    "left for an artisan worker"
equals "untouched" "$(sql 'select attempts, reserved_at from jobs')" $'0\tNULL'
equals "and no key is told" "$(cat "$TMP/work.log" "$APP/storage/logs/laravel.log" |
    grep -c -e 'dG9vIHNob3J0' -e "${new#base64:}")" 0
