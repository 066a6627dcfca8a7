#!/bin/bash
# classes.sh: two classes of jobs side by side (test/server/test_jobs.c).
. test/lib/servers.sh
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" || exit 1
schema
export TMP DB_USERNAME DB_PASSWORD DB_DATABASE
build/asan/server/test_jobs "$@"
