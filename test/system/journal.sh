#!/bin/bash
# journal.sh: a letter whose mail is out is not mailed again by anyone on this host, whatever
# becomes of its reservation. Each of the smallest examples three times; test/twice does more.
. test/lib/servers.sh
. test/lib/work.sh
. test/lib/twice.sh
trap cleanup EXIT
tmpdir

runs=$((3 * ${#TWICE_EXAMPLES[@]}))
twice_runs $runs 3 "$TMP/lanes"
cat "$TMP"/lanes/*.log
equals "so many were played" "$(cat "$TMP"/lanes/*.log | grep -cE '^(not )?ok ')" $runs
