#!/bin/bash
# ignored.sh: what view:check calls ignored-as-dompdf is nothing to dompdf itself: it draws the
# document with it as without it.
. test/lib/servers.sh
. test/lib/app.sh
[ ! -x build/release/facteur ] || FACTEUR=$PWD/build/release/facteur # starts sooner
trap cleanup EXIT
laravel_or_skip
tmpdir
DB_PORT=1 DB_DATABASE=none DB_USERNAME=none DB_PASSWORD=none # none is asked
app_new "$TMP/app"
mkdir "$TMP/views"
php test/layout/ignored.php build/laravel/vendor "$TMP/views" >"$TMP/dompdf" 2>&1 || cat "$TMP/dompdf"

while IFS=$'\t' read -r drawn n construct; do
    facteur view:check "$TMP/views/$n.blade.php" --json >"$TMP/said" 2>&1
    status=$?
    if [ "$drawn $status" = "same 0" ] && grep -q '"ignored-as-dompdf": [1-9]' "$TMP/said"; then
        ok "dompdf ignores $construct"
    else
        not_ok "dompdf ignores $construct" "drawn by dompdf: $drawn; view:check: $status"$'\n'"$(cat "$TMP/said")"
    fi
done <"$TMP/dompdf"
