#!/bin/bash
# queue.sh: module queue against a real MariaDB (test/server/test_queue_*.c).
#
# What a claim costs where every row is watched, in numbers:
#   make build=release server
#   BUILD=release POOL=2G BENCH_ROWS=100000 test/system/queue.sh 'test_a_claim_behind*'
#   BUILD=release POOL=2G BENCH_ROWS=1000000 test/system/queue.sh test_the_first_pass_over*
. test/lib/servers.sh
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" --innodb-buffer-pool-size="${POOL:-256M}" || exit 1
export DB_USERNAME DB_PASSWORD DB_DATABASE
status=0
for test in look all claim settle turn trial; do
    "build/${BUILD:-asan}/server/test_queue_$test" "$@" || status=1
done
exit $status
