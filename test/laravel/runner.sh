#!/bin/bash
# runner.sh: what the PHP process says on its pipe, and when it ends, without facteur around it.
. test/lib/servers.sh
. test/lib/app.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
DB_PORT=1 DB_DATABASE=none DB_USERNAME=none DB_PASSWORD=none app_new "$TMP/app" || exit 1
env -u DB_SOCKET /usr/bin/python3 test/lib/runner.py "$APP" src/child/runner.php
