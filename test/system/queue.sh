#!/bin/bash
# queue.sh: module queue against a real MariaDB (test/server/test_queue_*.c).
. test/lib/servers.sh
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" --innodb-buffer-pool-size=256M || exit 1
export DB_USERNAME DB_PASSWORD DB_DATABASE
status=0
for test in look all claim settle turn trial; do
    build/asan/server/test_queue_$test "$@" || status=1
done
exit $status
