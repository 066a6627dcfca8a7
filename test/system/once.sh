#!/bin/bash
# once.sh: a payload is read once: an encrypted command is decrypted once from claim to mail,
# once more by whoever settles for a process that is gone, and not where rows are only looked at.
FACTEUR=$PWD/build/release/facteur # counts stand before it
. test/lib/servers.sh
. test/lib/work.sh
trap cleanup EXIT
tmpdir

mariadb_start "$TMP/db"
schema
smtp_start "$TMP/smtp" --dir="$TMP/mails" --delay=1
key=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
app_make "$TMP/app" "APP_KEY=base64:$(xxd -r -p <<<$key | base64)"
cat >"$APP/config/app.php" <<'PHP'
<?php

return ['name' => env('APP_NAME'), 'env' => env('APP_ENV'), 'timezone' => 'Europe/Paris',
    'locale' => 'fr', 'key' => env('APP_KEY'), 'cipher' => 'AES-256-CBC'];
PHP
people 3
COUNTER=$PWD/build/release/decryptions.so

# seal: rows "ID HEX" of payloads become statements that put them back with their commands as
# Laravel's encrypter writes a string.
seal() {
    python3 -c '
import base64, hashlib, hmac, json, subprocess, sys
key, iv = sys.argv[1], bytes(range(16))
for line in sys.stdin:
    row, text = line.split()
    payload = json.loads(bytes.fromhex(text))
    command = payload["data"]["command"].encode()
    plain = b"s:%d:\"%s\";" % (len(command), command)
    value = subprocess.run(["openssl", "enc", "-aes-256-cbc", "-K", key, "-iv", iv.hex()], input=plain,
                           capture_output=True, check=True).stdout
    parts = {"iv": base64.b64encode(iv).decode(), "value": base64.b64encode(value).decode()}
    told = (parts["iv"] + parts["value"]).encode()
    parts["mac"] = hmac.new(bytes.fromhex(key), told, hashlib.sha256).hexdigest()
    parts["tag"] = ""
    payload["data"]["command"] = base64.b64encode(json.dumps(parts).encode()).decode()
    text = json.dumps(payload, separators=(",", ":")) # as PHP writes it
    print(f"update jobs set payload = 0x{text.encode().hex()} where id = {row};")
' $key
}

# jobs_sealed TEACHER...: a letter to each, whose commands are encrypted.
jobs_sealed() {
    facteur letter:dispatch 1 "$@" -q
    sql "select id, hex(payload) from jobs" | seal >"$TMP/sealed.sql"
    sql_file "$TMP/sealed.sql"
}
counted() { DECRYPTIONS=$TMP/counted LD_PRELOAD=$COUNTER "$@"; }
count() { wc -c <"$TMP/counted"; }
reset() {
    sql "delete from jobs; delete from failed_jobs; delete from volunteer_letter_sends"
    : >"$TMP/counted"
}
in_mail() { ps -o args= --ppid "$WORK_PID" | grep -q 'slot 1: mail'; }

reset
jobs_sealed 1 2 3
equals "the commands are encrypted" \
    "$(sql "select count(*) from jobs where json_value(payload, '\$.data.command') like 'eyJpdiI6%'")" 3
counted facteur queue:work --stop-when-empty --sleep=0 -q
equals "three letters are sent" "$(sends), $(jobs_count) jobs" "sent,sent,sent, 0 jobs"
equals "and their commands decrypted once each" "$(count)" 3

reset
jobs_sealed 1 2
sql "update jobs set available_at = unix_timestamp() + 1000"
counted facteur queue:work --stop-when-empty --sleep=0 -q
equals "what is only looked at is not decrypted" "$(jobs_count) jobs, $(count)" "2 jobs, 0"

reset
jobs_sealed 1
DECRYPTIONS=$TMP/counted LD_PRELOAD=$COUNTER work_start --sleep=0.2 --backoff=1000
check "a slot is at work" eventually 20 in_mail
equals "it has decrypted the command once" "$(count)" 1
kill -9 "$(slots_of "$WORK_PID")"
released() { sql "select count(*) from jobs where reserved_at is null and attempts = 1"; }
check "its job is settled by another" eventually 20 is 1 released
kill -TERM "$WORK_PID"
work_wait
equals "which decrypted it once" "$(count)" 2
