#!/bin/bash
# A part of the proof of the jobs that facteur gives to a PHP process (make proof: all).
# shellcheck source=test/lib/servers.sh
. test/lib/servers.sh
# shellcheck source=test/lib/app.sh
. test/lib/app.sh
laravel_or_skip
FACTEUR=$FACTEUR exec test/proof/run --php --part --tap "$@"
