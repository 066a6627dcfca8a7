#!/bin/bash
# models.sh: a model with every cast, read by a view: what facteur prints of it is what
# Eloquent gives the app's own Blade.
set -u
. test/lib/servers.sh
. test/lib/app.sh
laravel_or_skip
trap cleanup EXIT
tmpdir
mariadb_start "$TMP/db" || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" || exit 1
app_schema && app_new "$TMP/app" || exit 1

sql "alter table clubs add a_int varchar(40), add a_float varchar(40), add a_decimal varchar(40),
     add a_fixed decimal(12,4), add a_bool varchar(10), add a_json text, add a_date date,
     add a_datetime datetime, add a_stamp datetime, add a_string int, add a_plain int"
cat >"$APP/app/Models/Base.php" <<'P'
<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

abstract class Base extends Model
{
    protected $guarded = [];

    protected $casts = ['a_int' => 'integer', 'a_float' => 'float', 'a_bool' => 'boolean'];
}
P
cat >"$APP/app/Models/Club.php" <<'P'
<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Factories\HasFactory;

class Club extends Base
{
    use HasFactory;

    // The base's $casts count, and these are added.
    protected function casts(): array
    {
        return [
            'a_decimal' => 'decimal:2', 'a_fixed' => 'decimal:1', 'a_json' => 'array',
            'a_date' => 'date:d/m/Y', 'a_datetime' => 'datetime', 'a_stamp' => 'timestamp',
            'a_string' => 'string', 'secret_note' => 'encrypted',
        ];
    }

    public function getWebsiteAttribute(?string $value): string
    {
        return 'https://' . $value;
    }
}
P
# The vendor folder's loader knows the models of build/laravel: these come first.
for model in Club Base; do
    sed -i "1a require_once __DIR__ . '/../app/Models/$model.php';" "$APP/bootstrap/app.php"
done
view=$APP/resources/views/pdf/volunteer-letter.blade.php
mkdir -p "$(dirname "$view")"
cat >"$view" <<'V'
<html><head><meta charset="utf-8"><title>x</title></head><body>
<p>int [{{ $club->a_int }}] [{{ $club->a_int === 5 ? 'five' : 'other' }}] [{{ $club->a_int ?? 'null' }}]</p>
<p>float [{{ $club->a_float }}] [{{ $club->a_float === 1.5 ? 'same' : 'other' }}]</p>
<p>decimal [{{ $club->a_decimal }}] [{{ $club->a_fixed }}] [{{ $club->a_decimal === '12.35' ? 'text' : 'other' }}]</p>
<p>bool [{{ $club->a_bool }}] [{{ $club->a_bool === true ? 'true' : 'other' }}] [{{ $club->a_bool === false ? 'false' : 'other' }}]</p>
<p>json [{{ implode('+', $club->a_json ?? ['null']) }}] [{{ count($club->a_json ?? []) }}]</p>
<p>date [{{ $club->a_date }}] [{{ $club->a_date ? $club->a_date->format('d/m/Y H:i') : 'none' }}]</p>
<p>datetime [{{ $club->a_datetime }}] [{{ $club->a_datetime ? $club->a_datetime->isoFormat('D MMMM YYYY') : 'none' }}]</p>
<p>stamp [{{ $club->a_stamp }}] [{{ $club->a_stamp === 0 ? 'zero' : 'other' }}]</p>
<p>string [{{ $club->a_string === '7' ? 'text' : 'other' }}] plain [{{ $club->a_plain === 7 ? 'int' : 'other' }}]</p>
<p>created [{{ $club->created_at }}] [{{ $club->created_at ? $club->created_at->format('Y-m-d\TH:i:sP') : 'none' }}]</p>
</body></html>
V

# case_of NUMBER: rows of values that casts like to stumble over
cases=(
    "'5', '1.5', '12.345', 0.05, '1', '[\"a\",\"é\",1]', '2026-11-23', '2026-03-29 03:30:00', '1970-01-01 01:00:00', 7, 7"
    "null, null, null, null, null, null, null, null, null, null, null"
    "'', '', '0', 0, '', '', '2024-02-29', '2024-10-27 02:30:00', '2026-07-01 00:00:00', 0, 0"
    "'-12abc', '-0.0', '-0.005', -0.05, '0', '{\"k\":\"v\",\"2\":\"w\"}', '1999-12-31', '1999-12-31 23:59:59', '2000-01-01 00:00:00', -7, -7"
    "'99999999999', '1e3', '99.995', 99999999.99, '2', 'no json', '2026-01-01', '2026-01-01 00:00:00', '2026-01-01 12:34:56', 7, 8"
    "' 5', '0.1', '+1.005', 1.15, 'false', '[]', '2026-12-25', '2026-12-25 08:05:09', '2038-01-19 04:14:08', 70, 70"
    "'5', '1', '1', 1, '1', '{\"n\":12345678901234567890123,\"\\\\u0000k\":\"y\",\"f\":1e2}', '2026-11-23', '2026-11-23 10:00:00', '2026-11-23 10:00:00', 7, 7"
    "'5.9', '123456789.123456789', '1', 1.25, '0.0', 'null', '2026-11-23', '2026-11-23 10:00:00', '2026-11-23 10:00:00', 7, 7"
)
for i in "${!cases[@]}"; do
    app_reset
    IFS= read -r values <<<"${cases[$i]}"
    names=(a_int a_float a_decimal a_fixed a_bool a_json a_date a_datetime a_stamp a_string a_plain)
    set=$(/usr/bin/python3 - "$values" "${names[@]}" <<'PY'
import re, sys
values = re.findall(r"'(?:[^'])*'|[^,\s][^,]*", sys.argv[1])
print(", ".join(f"{n} = {v}" for n, v in zip(sys.argv[2:], values)))
PY
)
    sql "update clubs set $set where id = 1"
    facteur letter:preview 1 1 --pdf="$TMP/ours.pdf" >"$TMP/said" 2>&1
    facteur letter:dispatch 1 1 >/dev/null
    artisan queue:work --stop-when-empty >/dev/null
    attachment "$(last_mail)" "$TMP/theirs.pdf"
    if diff <(pdftotext -layout "$TMP/ours.pdf" - 2>&1) <(pdftotext -layout "$TMP/theirs.pdf" - 2>&1) >"$TMP/diff"; then
        ok "casts as Eloquent does them: row $i"
    else
        not_ok "casts as Eloquent does them: row $i"
        note "$(cat "$TMP/said" "$TMP/diff")"
    fi
    [ -s "$TMP/theirs.pdf" ] || note "$(sql "select left(exception, 300) from failed_jobs limit 1")"
    rm -f "$TMP"/ours.pdf "$TMP"/theirs.pdf
done

printf '<p>\n{{ $club->website }} {{ $club->secret_note }} {{ $club->nowhere }}</p>' >"$view"
facteur view:check >"$TMP/out" 2>&1
equals "what PHP must do is an error" $? 1
for said in "volunteer-letter.blade.php:2:4: Club's website – computed by app/Models/Club.php:21 getWebsiteAttribute()" \
    "volunteer-letter.blade.php:2:25: Club's secret_note – app/Models/Club.php:17 casts it to encrypted"; do
    if grep -qF -- "$said" "$TMP/out"; then ok "said: $said"; else not_ok "said: $said"; note "$(cat "$TMP/out")"; fi
done
