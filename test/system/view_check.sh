#!/bin/bash
# view_check.sh: view:check tells all of a view at once, with places, severities and exit codes.
. test/lib/servers.sh
. test/lib/work.sh
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db"
schema
app_make "$TMP/app"
people 1
views=$APP/resources/views
mkdir -p "$views"/{pdf,emails,parts}
check() { facteur view:check "$@" >"$TMP/out" 2>&1 </dev/null; }
check_that() { if "${@:2}"; then ok "$1"; else not_ok "$1"; note "$(cat "$TMP/out")"; fi; }
says() { grep -qF -- "$1" "$TMP/out"; }
count() { grep -cF -- "$1" "$TMP/out"; }

check
equals "the project's own views have nothing to tell" $? 0
check pdf.volunteer-letter
equals "one of them by name" $? 0
rm -r "$views"/pdf/* "$views"/emails/*
check
equals "views that are missing are errors" $? 1
check_that "the letter's is named" says 'view [pdf.volunteer-letter] not found – each letter fails, as under PHP, until it is there (error)'
check_that "so is the mail's" says 'view [emails.volunteer-letter] not found'
check pdf.volunteer-letter
equals "one by name cannot be checked" $? 3
check --built-in-views
equals "the built-in pair stands in where an option says so" $? 0
check --built-in-views pdf.volunteer-letter
equals "by name as well" $? 0
facteur letter:preview 1 1 --pdf="$TMP/letter.pdf" >"$TMP/out" 2>&1
equals "a letter without a view has no preview" $? 1
check_that "and says why" says 'View [pdf.volunteer-letter] not found.'
facteur letter:preview 1 1 --built-in-views --pdf="$TMP/letter.pdf" >"$TMP/out" 2>&1
equals "but one with the built-in pair" "$?:$(head -c 5 "$TMP/letter.pdf")" 0:%PDF-
cp -r views/. "$views"
check nowhere
equals "a view that is not there is no finding" $? 3
check_that "and is named" says "View [nowhere] not found."

cat >"$views/pdf/volunteer-letter.blade.php" <<'V'
<style>
    .never { z-index: 1; color: {{ $club->city }}; display: flex; gap: 2px }
    .twice { gap: 3px; wobble: 1px }
    p::first-line { color: red }
    @supports (x: y) { p { color: red } }
    td { width: 3vw }
</style>
<blink>{{ frobnicate($club->name) }}</blink>
@auth x @endauth
<p style="float: sideways">{{ $club->nothing }}</p>
@include('parts.foot')
V
printf '<p>\n{{ $teacher->user->password }} {{ $club->nowhere }}</p>' >"$views/parts/foot.blade.php"
check
equals "errors give 1" $? 1
check_that "a property of a rule that matches nothing" says "volunteer-letter.blade.php:2:14: z-index"
check_that "an unknown element" says "volunteer-letter.blade.php:8:1: <blink>"
check_that "an unknown function" says "volunteer-letter.blade.php:8:"
check_that "with its name" says "frobnicate"
check_that "an unknown directive" says "volunteer-letter.blade.php:9:1: @auth"
check_that "an unknown value in a style attribute" says "volunteer-letter.blade.php:10:11: float: sideways"
check_that "an unknown selector" says "p::first-line"
check_that "an at-rule" says "@supports"
check_that "a property that dompdf does not know" says "wobble – it has no effect in dompdf (ignored-as-dompdf)"
check_that "a unit that dompdf drops" says "width: 3vw – dompdf does not know this value and drops it (ignored-as-dompdf)"
check_that "what an included view says is told of that file" says "parts/foot.blade.php:2:"
check_that "a secret is none of a view's business" says "password"
equals "what dompdf ignores is told once for a view" "$(count "gap –")" 1
check_that "in order of places" bash -c "grep -n 'volunteer-letter.blade.php:' '$TMP/out' | cut -d: -f3 | sort -nc"
check_that "and summed up" says " errors, "

check --json
equals "the same with --json" $? 1
/usr/bin/python3 - "$TMP/out" <<'P'
import json, sys
said = json.load(open(sys.argv[1]))
one = [f for f in said["findings"] if f["construct"].startswith("z-index")]
assert len(one) == 1 and one[0]["line"] == 2 and one[0]["column"] == 14, one
assert one[0]["severity"] == "error" and one[0]["consequence"], one
assert one[0]["file"] == "resources/views/pdf/volunteer-letter.blade.php", one
assert said["failure"] is None
assert said["counts"]["error"] == sum(f["severity"] == "error" for f in said["findings"])
P
equals "as one JSON document" $? 0

check --json nowhere
equals "with --json a view that is not there gives 3 as well" $? 3
check_that "and stands in the document" bash -c "/usr/bin/python3 -c 'import json; d = json.load(open(\"$TMP/out\")); assert \"nowhere\" in d[\"failure\"]'"
check --unheard
equals "so does an option that there is not" $? 3

printf '<style>p { font-weight: 600; gap: 1px }</style>' >"$TMP/outside.blade.php"
printf 'x @include("part")' >"$TMP/whole.blade.php"
printf '<i style="top: 1px">x</i>' >"$TMP/part.blade.php"
check "$TMP/outside.blade.php"
equals "what only differs gives 2" $? 2
check_that "for a file of anywhere" says "outside.blade.php:1:12: font-weight: 600 – drawn in the same family, bold"
check "$TMP/whole.blade.php"
check_that "its neighbours are found" says "part.blade.php:1:11: top – this property is not supported (error)"
check "$TMP/nothing.blade.php"
equals "a file that is not there gives 3" $? 3

printf '<style>p { display: flex; gap: 1px }</style><p>{{ $club->name }}</p>' \
    >"$views/pdf/volunteer-letter.blade.php"
check
equals "what dompdf ignores too gives 0" $? 0
check_that "and is told" says "(ignored-as-dompdf)"
check "$views/pdf/volunteer-letter.blade.php"
equals "a view may be named by its file" $? 0
check_that "the same is told" says "(ignored-as-dompdf)"

DB_PORT=1 DB_SOCKET='' check
equals "without a database the models cannot be checked" $? 3
check_that "the views are" says "gap – it has no effect in dompdf (ignored-as-dompdf)"
check_that "and what is missing is said" says "the models need a database"
