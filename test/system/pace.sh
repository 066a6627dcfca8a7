#!/bin/bash
# pace.sh: a mail server that wants fewer letters at a time gets them more slowly: the tries of a
# letter do not all meet the same limit.
. test/lib/servers.sh
. test/lib/work.sh
trap cleanup EXIT
tmpdir

mariadb_start "$TMP/db"
schema
people 30
script() {
    script_start "$TMP/script" "$@"
    rm -rf "$TMP/app"
    app_make "$TMP/app"
    sql "delete from jobs; delete from failed_jobs; delete from volunteer_letter_sends"
}
letters() { facteur letter:dispatch 1 $(seq "$1") >"$TMP/out"; }
work() { facteur queue:work --memory=2048 --stop-when-empty --sleep=0 --tries=3 "$@" >"$TMP/out" 2>&1 </dev/null; }
refused() { sql "select count(*) from volunteer_letter_sends where status = 'failed'"; }
sent_once() { # sent_once NAME N: N letters, each once
    equals "$1: each letter is sent, once" "$(grep ' taken ' "$SCRIPT_LOG" | cut -d' ' -f3 | sort | uniq -c | awk '{print $1}' | sort | uniq -c | tr -s ' ')" " $2 1"
    equals "$1: none failed" "$(sql "select count(*) from failed_jobs")" 0
}
warned() { grep -c 'the mail server asks for less' "$LOG"; }

# === a limit of mails per second ===

# By chance one letter may be the sixth of two seconds three times.
script --rate 5/2
letters 20
sql "update jobs set payload = json_set(payload, '\$.maxTries', 6)"
work --workers=2
sent_once "5 mails in 2 seconds" 20
equals "it is said once" "$(warned)" 1
note "$(refused) attempts met the limit"

# === a limit of connections ===

script --connections 1 "data=~0.01 354 go on"
letters 20
work --workers=2
sent_once "one connection, two slots" 20
note "$(refused) attempts met the limit"

# === slower and slower, and not by what is the recipient's ===

# gaps: the times between the MAILs of the log, in ms.
gaps() { awk '$2 == "at" { if (last) printf "%d\n", ($3 - last) * 1000; last = $3 }' "$SCRIPT_LOG"; }
no_less() { # no_less NAME MS...: the first gaps are at least these
    local name=$1 want got
    shift
    mapfile -t got < <(gaps)
    for want; do
        [ "${#got[@]}" -gt 0 ] && [ "${got[0]}" -ge "$want" ] || { not_ok "$name" "gaps: $(gaps | paste -sd' ')"; return; }
        got=("${got[@]:1}")
    done
    ok "$name"
}
script "mail=451 later|451 later|250 ok"
letters 1
work
sent_once "two limits in a row" 1
no_less "each time twice as long" 250 500

script "rcpt=450 4.2.0 Greylisted, see http://postgrey/"
letters 4
work --tries=1
equals "greylisting is the recipient's" "$(warned) $(sql "select count(*) from failed_jobs")" "0 4"
script "rcpt=451 later|250 ok"
letters 2
work
equals "one recipient who must wait, too" "$(warned)" 0
script "rcpt=451 later"
letters 3
FACTEUR_PACE_MAX_MS=1 work --tries=1
equals "two in a row are a limit" "$(warned)" 1
script_stop
work --tries=1
letters 2
FACTEUR_PACE_MAX_MS=1 work --tries=1
equals "a connection that is refused is one" "$(warned)" 2

# === what the app says of the pace ===

config() {
    mkdir -p "$APP/config"
    printf '%s\n' '<?php return ["default" => "smtp", "from" => ["address" => "sender@example.be"],' \
        '"mailers" => ["smtp" => ["transport" => "smtp", "host" => "127.0.0.1",' "\"port\" => $SMTP_PORT," \
        "$@" ']]];' >"$APP/config/mail.php"
}
script
config '"max_per_second" => 2,'
letters 5
work --workers=2
sent_once "max_per_second" 5
check "all slots together keep to max_per_second" test "$(gaps | awk '{ s += $1 } END { print s }')" -ge 1500
script
config '"restart_threshold" => 2, "restart_threshold_sleep" => 1,'
letters 4
work
sent_once "restart_threshold_sleep" 4
check "a slot rests between two sessions" test "$(gaps | sed -n 2p)" -ge 1000
equals "each has its number of mails" "$(grep -c EHLO "$SCRIPT_LOG")" 2

# === the answer to the message ===

script "body=trickle:0.6 250 taken later"
echo "DB_QUEUE_RETRY_AFTER=3" >>"$APP/.env"
config '"timeout" => 1,'
letters 1
work --workers=2
sent_once "an answer that trickles for eight seconds" 1
equals "in one attempt, though others look for lost jobs meanwhile" "$(sends)" sent
