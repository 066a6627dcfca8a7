#!/bin/bash
# db.sh: module db against a real MariaDB (test/server/test_db.c).
. test/lib/servers.sh
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" || exit 1
export DB_USERNAME DB_PASSWORD DB_DATABASE
build/asan/server/test_db "$@"
