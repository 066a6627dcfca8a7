#!/bin/bash
# chaos.sh: everything that doc/safety.md tells of, at once and by chance: letters, two
# masters of two slots, and somebody who kills and stops and cuts whatever there is.
#
#   CHAOS_SEED=N CHAOS_SECONDS=600 test/system/chaos.sh
# The release build: the more letters, the more of them are hit.
FACTEUR=${FACTEUR:-$PWD/build/release/facteur}
. test/lib/servers.sh
. test/lib/work.sh
trap cleanup EXIT
tmpdir
SEED=${CHAOS_SEED:-$((RANDOM * 7 % 32768))} LASTS=${CHAOS_SECONDS:-25}
RANDOM=$SEED
note "CHAOS_SEED=$SEED CHAOS_SECONDS=$LASTS"

mariadb_start "$TMP/db" || exit 1
schema
smtp_start "$TMP/smtp" --dir="$TMP/mails"
app_make "$TMP/app" DB_QUEUE_RETRY_AFTER=8
LETTERS=$((LASTS * 40))
people $LETTERS
# Whoever is killed often enough must not run out of attempts.
sql "create trigger unlimited before insert on jobs for each row
     set new.payload = replace(new.payload, '\"maxTries\":3', '\"maxTries\":0')"
sql "set global innodb_lock_wait_timeout=2"

# === the workers ===

masters=()
start_master() { # PLACE
    (cd "$APP" && exec "$FACTEUR" --app="$APP" queue:work --workers=2 --tries=0 --sleep=0.1 --memory=2048) \
        >>"$TMP/work.$1.out" 2>&1 </dev/null &
    masters[$1]=$!
    remember $!
}
reap_master() { # PLACE
    wait "${masters[$1]}" 2>/dev/null
    forget "${masters[$1]}"
}
some_slot() { pgrep -P "${masters[$((RANDOM % 2))]}" | shuf -n 1 --random-source=<(yes "$RANDOM"); }

# === the cruelties; each says what it did ===

kill_slot() {
    local pid
    pid=$(some_slot)
    [ -z "$pid" ] || kill -9 "$pid" 2>/dev/null
}
kill_tree() {
    local at=$((RANDOM % 2))
    # shellcheck disable=SC2046
    kill -9 "${masters[$at]}" $(pgrep -P "${masters[$at]}") 2>/dev/null
    reap_master $at
    start_master $at
}
end_master() {
    local at=$((RANDOM % 2))
    kill -TERM "${masters[$at]}"
    reap_master $at
    start_master $at
}
stop_slot() {
    local pid
    pid=$(some_slot)
    [ -n "$pid" ] || return 0
    kill -STOP "$pid" 2>/dev/null
    sleep 0.7
    kill -CONT "$pid" 2>/dev/null
}
kill_session() {
    sql "select concat('kill ', id) from information_schema.processlist where user='$DB_USERNAME'
        order by rand($RANDOM) limit 2" | while read -r kill; do sql "$kill" 2>/dev/null; done
}
hold_rows() {
    sql "begin; select id from jobs order by id limit 5 for update; do sleep(0.8); rollback" >/dev/null 2>&1 &
}
restart_smtp() {
    local port=$SMTP_PORT
    kill -9 "$SMTP_PID" 2>/dev/null
    wait "$SMTP_PID" 2>/dev/null
    forget "$SMTP_PID"
    sleep 0.3
    smtp_start "$TMP/smtp" --smtp "$port" --dir="$TMP/mails"
}
restart_database() {
    kill -9 "$DB_PID"
    wait "$DB_PID" 2>/dev/null
    forget "$DB_PID"
    restart_db
}
# The app knows the server by its port, which must stay.
restart_db() {
    local dir=$TMP/db until=$((SECONDS + 60))
    mariadbd "${DB_FIXED[@]}" --datadir="$dir/data" --socket="$DB_SOCKET" --bind-address=127.0.0.1 \
        --port="$DB_PORT" --pid-file="$dir/pid" --skip-name-resolve --innodb-lock-wait-timeout=2 \
        --character-set-server=utf8mb4 --collation-server=utf8mb4_unicode_ci >>"$dir/log" 2>&1 &
    DB_PID=$!
    remember $DB_PID
    until sql "select 1" >/dev/null 2>&1 || [ $SECONDS -ge $until ]; do sleep 0.05; done
}

# === the run ===

# shellcheck disable=SC2046
facteur letter:dispatch 1 $(seq $LETTERS) -q
equals "the letters wait, without a limit of attempts" \
    "$(sql "select count(*), sum(payload like '%\"maxTries\":0%') from jobs")" "$LETTERS"$'\t'"$LETTERS"
start_master 0
start_master 1
cruelties=0 database=0
ends=$((SECONDS + LASTS))
while [ $SECONDS -lt $ends ]; do
    case $((RANDOM % 12)) in
    0 | 1 | 2) kill_slot ;;
    3) kill_tree ;;
    4) end_master ;;
    5) stop_slot ;;
    6 | 7) kill_session ;;
    8 | 9) hold_rows ;;
    10) restart_smtp ;;
    11) [ $database -ge $((LASTS / 12)) ] || { restart_database; database=$((database + 1)); } ;;
    esac
    cruelties=$((cruelties + 1))
    sleep 0.$((RANDOM % 5))
done
note "$LETTERS letters, $(jobs_count) left, $cruelties cruelties, $database of them to the database"
check "there was much to bear" [ $cruelties -gt $((LASTS / 3)) ]

# === afterwards ===

for at in 0 1; do
    kill -TERM "${masters[$at]}" 2>/dev/null
    reap_master $at
done
sleep 9 # a reservation of nobody runs out
facteur queue:work --workers=2 --tries=0 --sleep=0.2 --stop-when-empty --memory=2048 >"$TMP/last.out" 2>&1
equals "the last worker ends well" $? 0
equals "no job is left" "$(jobs_count)" 0
equals "none has failed for good: every letter could be sent" "$(sql 'select count(*) from failed_jobs')" 0
equals "no row says pending" "$(sql "select count(*) from volunteer_letter_sends where status='pending'")" 0
/usr/bin/python3 - "$TMP/mails" >"$TMP/mails.tsv" <<'PY'
import collections, email, glob, sys
seen = collections.defaultdict(list)
for path in glob.glob(sys.argv[1] + "/*.eml"):
    with open(path, "rb") as f:
        head = email.message_from_bytes(f.read().partition(b"\r\n\r\n")[0])
    seen[head["To"]].append(head["Message-ID"])
for to, ids in sorted(seen.items()):
    print(to, len(ids), len(set(ids)), sep="\t")
PY
sql "create table mails (recipient varchar(99) primary key, copies int, ids int)"
while IFS=$'\t' read -r to copies ids; do echo "insert into mails values ('$to', $copies, $ids);"; done \
    <"$TMP/mails.tsv" >"$TMP/mails.sql"
sql_file "$TMP/mails.sql"
equals "nobody who has a row got no mail" "$(sql "select count(distinct recipient_email) from volunteer_letter_sends s
    where not exists (select 1 from mails m where m.recipient = s.recipient_email)")" 0
equals "nobody who was dispatched is forgotten" "$(sql "select count(*) from teachers t join users u on u.id = t.user_id
    where t.id <= $LETTERS and not exists (select 1 from mails m where m.recipient = u.email)")" 0
equals "every mail has a row that says sent" "$(sql "select count(*) from mails m where not exists
    (select 1 from volunteer_letter_sends s where s.recipient_email = m.recipient and s.status='sent')")" 0
# A second copy needs an attempt that ended while the mail server had the word.
equals "a second copy has an attempt before it that is told" "$(sql "select m.recipient, m.copies from mails m
    where m.copies > (select count(*) from volunteer_letter_sends s where s.recipient_email = m.recipient
        and (s.status='sent' or s.error_message like '%phase mail%' or s.error_message like '%SMTP%'))")" ""
note "second copies: $(sql 'select coalesce(sum(copies - 1), 0) from mails'), attempts that failed: \
$(sql "select count(*) from volunteer_letter_sends where status='failed'")"
equals "nothing is left in the run folder" "$(find "$APP/storage/framework/facteur" -name '*.run' | wc -l)" 0
