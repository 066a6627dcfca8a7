#!/bin/bash
# journal.sh: a letter whose mail is out is not mailed again by anyone on this host, whatever
# becomes of its reservation. Each of the smallest examples three times; test/twice does more.
. test/lib/servers.sh
. test/lib/work.sh
. test/lib/twice.sh
trap cleanup EXIT
tmpdir
twice_open

for example in trigger "cold 1" "cold 2" "cold 4" "cold 8" beside before; do
    for run in 1 2 3; do
        # shellcheck disable=SC2086
        twice_$example
        equals "no second mail: $example ($run)" "$OUTCOME" "$EXPECTED"
    done
done
