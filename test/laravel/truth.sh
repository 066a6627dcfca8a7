#!/bin/bash
# The edits of the app that facteur sees without PHP: models, listeners, what the app does when it
# starts. Each is as doc/truth.md says (make truth: all edits).
# shellcheck source=test/lib/servers.sh
. test/lib/servers.sh
# shellcheck source=test/lib/app.sh
. test/lib/app.sh
laravel_or_skip
[ ! -x build/release/facteur ] || FACTEUR=$PWD/build/release/facteur # starts sooner
words=()
for word in unedited model- observer scope- relation- listener event- bootstrap- log- db- package- helper-; do
    words+=(--only "$word")
done
FACTEUR=$FACTEUR exec test/truth/run "${words[@]}"
