#!/bin/bash
# lane.sh: the servers and the app of one lane of the proof: lane.sh NUMBER LARAVEL. Prints
# "ready" and where everything is; ends when its input does.
# shellcheck source=test/lib/servers.sh
. test/lib/servers.sh
# shellcheck source=test/lib/app.sh
. test/lib/app.sh
trap cleanup EXIT
mkdir -p build/tmp
TMP=$(mktemp -d "$PWD/build/tmp/proof.$1.XXXXXX")
exec 3>&1 >&2
mariadb_start "$TMP/db" --default-time-zone=+00:00 || exit 1
smtp_start "$TMP/strict" --commands="$TMP/commands" \
    --refuse-data=$'550-5.7.1 We do not take that,\r\n550 5.7.1 nor the next one' || exit 1
STRICT_PORT=$SMTP_PORT
smtp_start "$TMP/hang" --commands="$TMP/commands" --hang=data || exit 1
HANG_PORT=$SMTP_PORT
smtp_start "$TMP/smtp" --dir="$TMP/mails" --commands="$TMP/commands" --refuse="$REFUSED" \
    --defer=later@example.org || exit 1
redis_start "$TMP/redis" || exit 1
schema && test/lib/data.py >"$TMP/data.sql" && sql_file "$TMP/data.sql" test/laravel/schema.sql \
    sql/schema/job_batches.sql || exit 1
test/laravel/app_of "$2" "$TMP/app" || exit 1
for name in TMP DB_SOCKET DB_PORT DB_USERNAME DB_PASSWORD DB_DATABASE SMTP_PORT STRICT_PORT HANG_PORT REDIS_PORT; do
    printf '%s=%s\n' $name "${!name}" >&3
done
echo ready >&3
exec 3>&-
cat >/dev/null
