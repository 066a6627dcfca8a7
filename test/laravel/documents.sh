#!/bin/bash
# documents.sh: every document of test/layout and 300 random ones, laid out by facteur and by
# the app's dompdf: same pages, same words, each within 0.1 pt of its place.
# FACTEUR_SEED and FACTEUR_CASES choose others.
set -u
. test/lib/servers.sh
. test/lib/app.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
export FACTEUR_VENDOR=${FACTEUR_VENDOR:-build/laravel/vendor}
export PDF_MAKE=build/${build:-asan}/pdf_make
layout=test/layout

php $layout/letter/render.php "$FACTEUR_VENDOR" >"$TMP/letter.html" 2>"$TMP/said"
if cmp -s "$TMP/letter.html" $layout/letter/letter.html; then
    ok "the golden letter is what Blade makes of its view"
else
    not_ok "the golden letter is what Blade makes of its view"
    note "$(head -3 "$TMP/said"; diff "$TMP/letter.html" $layout/letter/letter.html | head -5)"
fi

$layout/random-documents.py "${FACTEUR_SEED:-1}" "${FACTEUR_CASES:-300}" "$TMP/random" || exit 1
$layout/compare.py --tap -k "$TMP/pdfs" -x $layout/differences $layout/letter/letter.html \
    $layout/documents/*.html "$TMP"/random/*.html
equal=$?
check "the golden letter stands where it was measured, by facteur and by dompdf" \
    $layout/golden.py "$TMP"/pdfs/letter.*.pdf
exit $equal
