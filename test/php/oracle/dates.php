<?php
// dates.php VENDOR SEED COUNT: random dates and formats, and what real Carbon prints:
// zone, microseconds, locale, function, format and text as hex, and now, one case a line.
require $argv[1].'/autoload.php';
use Illuminate\Support\Carbon;

mt_srand((int) $argv[2]);
// Dublin's summer time is its standard time, Lord_Howe's is half an hour, Troll's two, Monrovia
// and Amsterdam once counted seconds, Apia and Kiritimati lost a day.
$zones = ['Europe/Paris', 'Europe/Paris', 'Europe/Paris', 'UTC', 'Europe/Brussels', 'Europe/Amsterdam',
    'Europe/Berlin', 'Europe/Luxembourg', 'Europe/London', 'Europe/Dublin', 'Europe/Lisbon', 'Europe/Moscow',
    'America/New_York', 'America/Sao_Paulo', 'America/St_Johns', 'America/Caracas', 'Asia/Kolkata',
    'Asia/Kathmandu', 'Asia/Tehran', 'Asia/Pyongyang', 'Africa/Casablanca', 'Africa/Monrovia',
    'Australia/Lord_Howe', 'Antarctica/Troll', 'Pacific/Apia', 'Pacific/Kiritimati', 'Etc/GMT+5'];
$transitions = [];
foreach ($zones as $zone) {
    $transitions[$zone] = array_column((new DateTimeZone($zone))->getTransitions(-3000000000, 2100000000), 'ts');
}
$methods = ['toDateString', 'toTimeString', 'toDateTimeString', 'toDateTimeLocalString', 'toFormattedDateString',
    'toFormattedDayDateString', 'toDayDateTimeString', 'toAtomString', 'toIso8601String', 'toW3cString',
    'toRfc2822String', 'toRssString'];
$props = ['year', 'yearIso', 'month', 'day', 'hour', 'minute', 'second', 'micro', 'microsecond', 'dayOfWeek',
    'dayOfWeekIso', 'weekOfYear', 'daysInMonth', 'timestamp', 'latinMeridiem', 'latinUpperMeridiem',
    'englishDayOfWeek', 'shortEnglishDayOfWeek', 'englishMonth', 'shortEnglishMonth', 'offset', 'timezoneName',
    'tzName', 'timezoneAbbreviatedName', 'tzAbbrName', 'dayName', 'localeDayOfWeek', 'shortDayName',
    'shortLocaleDayOfWeek', 'minDayName', 'monthName', 'localeMonth', 'shortMonthName', 'shortLocaleMonth', 'week',
    'age', 'age', 'weekYear', 'isoWeek', 'isoWeekYear', 'dayOfYear', 'quarter', 'noZeroHour', 'meridiem', 'upperMeridiem'];
$locales = ['fr', 'nl', 'en', 'de', 'fr_FR', 'fr_BE', 'fr_CA', 'fr_CH', 'fr_LU', 'nl_NL',
    'nl_BE', 'en_US', 'en_GB', 'de_DE', 'de_AT', 'de_BE', 'de_CH', 'de_LU', 'FR-be'];
$iso = ['OD', 'OM', 'OY', 'OH', 'Oh', 'Om', 'Os', 'D', 'DD', 'Do', 'd', 'dd', 'ddd', 'dddd',
    'DDD', 'DDDD', 'DDDo', 'e', 'E', 'H', 'HH', 'h', 'hh', 'k', 'kk', 'hmm', 'hmmss', 'Hmm',
    'Hmmss', 'm', 'mm', 'a', 'A', 's', 'ss', 'S', 'SS', 'SSS', 'SSSS', 'SSSSS', 'SSSSSS',
    'SSSSSSS', 'SSSSSSSS', 'SSSSSSSSS', 'M', 'MM', 'MMM', 'MMMM', 'Mo', 'Q', 'Qo', 'G', 'GG',
    'GGG', 'GGGG', 'GGGGG', 'g', 'gg', 'ggg', 'gggg', 'ggggg', 'W', 'WW', 'Wo', 'w', 'ww', 'wo', 'x', 'X',
    'Y', 'YY', 'YYY', 'YYYY', 'YYYYY', 'YYYYYY', 'z', 'zz', 'Z', 'ZZ', 'L', 'LL', 'LLL',
    'LLLL', 'LT', 'LTS', 'l', 'll', 'lll', 'llll'];
$other = [' ', '/', '-', ', ', '[de]', '[a[b]c]', '\\D', '\\é', 'é', '"', 'b', 'w|', 'W|',
    'do', '\\', '[', ']', 'u', '.'];

$steps = ['Second', 'Minute', 'Hour', 'Day', 'Week', 'Month', 'Quarter', 'Year'];
$asked = ['isPast', 'isFuture', 'isToday', 'isYesterday', 'isTomorrow', 'isCurrentYear', 'isCurrentMonth',
    'isWeekend', 'isWeekday', 'isSunday', 'isMonday', 'isTuesday', 'isWednesday', 'isThursday', 'isFriday',
    'isSaturday', 'isLeapYear'];
$compared = ['eq', 'equalTo', 'ne', 'notEqualTo', 'lt', 'lessThan', 'isBefore', 'lte', 'lessThanOrEqualTo', 'gt',
    'greaterThan', 'isAfter', 'gte', 'greaterThanOrEqualTo', 'isSameDay', 'isSameMonth', 'isSameYear'];

// Another date by adding or by going to an edge, in one or more steps.
function change()
{
    global $steps;
    $code = '';
    for ($i = mt_rand(0, 3); $i > 0; $i--) {
        $unit = any($steps);
        $code .= match (mt_rand(0, 3)) {
            0 => '->'.any(['startOf', 'endOf']).any(array_slice($steps, 1)).'()',
            1 => '->'.any(['add', 'sub']).$unit.'()',
            2 => '->'.any(['add', 'sub']).any(['Month', 'Quarter', 'Year', 'Months', 'Years']).'NoOverflow('.mt_rand(0, 14).')',
            default => '->'.any(['add', 'sub']).$unit.'s('.any([0, 1, 2, 3, 10, 30, 31, 100, -1, -5]).')',
        };
    }
    return $code;
}

function day()
{
    $f = fn ($n) => sprintf('%02d', $n);
    [$y, $m, $d] = [mt_rand(1950, 2050), mt_rand(1, 12), mt_rand(1, 31)];
    $date = any(["$y-{$f($m)}-{$f($d)}", "$y-{$f($m)}-{$f($d)}", "$y/$m/$d", "{$f($m)}/{$f($d)}/$y", "{$f($d)}-{$f($m)}-$y",
        "{$f($d)}.{$f($m)}.$y", "$d-$m-$y"]);
    $time = $f(mt_rand(0, 23)).':'.$f(mt_rand(0, 59));
    return any([$date, $date.any([' ', 'T']).$time, $date.any([' ', 'T']).$time.':'.$f(mt_rand(0, 59)),
        "$date $time:07.".mt_rand(0, 999999), 'now', 'today', 'Tomorrow', 'yesterday', 'noon', 'midnight', '']);
}

// An expression of $d, which is the date.
function code()
{
    global $asked, $compared, $props;
    return match (mt_rand(0, 9)) {
        8, 9 => any(['$d->diffIn', '$d->diffIn', '$d->copy()'.change().'->diffIn'])
            .any(['Seconds', 'Minutes', 'Hours', 'Days', 'Days', 'Days', 'Weeks', 'Months', 'Years'])
            .'('.any(['', '$d->copy()'.change(), '$d->copy()'.change(), 'now()', '$d->copy()'.change().', true', var_export(day(), true)]).')',
        0, 1, 2 => '$d'.change()."->format('Y-m-d H:i:s.u T')",
        3 => '$d->'.any($asked).'()',
        4 => '$d->copy()'.change().'->'.any($compared).'('.any(['$d', '$d', var_export(day(), true)]).')',
        5 => '$d->between($d->copy()'.change().', now()'.change().')',
        6 => any(['\\Carbon\\Carbon::parse', '\\Illuminate\\Support\\Carbon::parse']).'('.any([var_export(day(), true), 'null', '$d'])
            .')'.change()."->format('Y-m-d H:i:s.u T')",
        default => any(["strtotime(".var_export(day(), true).")", 'today()->format("c")', '\\Carbon\\Carbon::tomorrow()->format("c")',
            'mktime('.implode(', ', array_slice([mt_rand(-5, 30), mt_rand(-5, 70), mt_rand(0, 70), mt_rand(-3, 15), mt_rand(-3, 40),
                any([mt_rand(1970, 2040), 26, 99])], 0, 6)).')',
            'checkdate('.mt_rand(-1, 14).', '.mt_rand(-1, 33).', '.any([2024, 2026, 1900, 2000, 0, -4, 40000]).')']),
    };
}

function any(array $list)
{
    return $list[mt_rand(0, count($list) - 1)];
}

for ($i = 0; $i < (int) $argv[3]; $i++) {
    // Most dates lie around our time, some at the edges of years, where weeks are odd.
    $zone = any($zones);
    $seconds = match (mt_rand(0, 6)) {
        0 => mt_rand(-2000000000, 4000000000),
        1 => mt_rand(-62000000000, 253000000000), // the years 5 to 9987
        2 => strtotime(mt_rand(1950, 2080).'-01-01 UTC') + mt_rand(-10 * 86400, 10 * 86400),
        3 => any($transitions[$zone]) + any([-3601, -3600, -1801, -1, 0, 1, 1799, 3599, 3600, 7200]),
        default => mt_rand(1700000000, 1900000000),
    };
    $micro = any([0, 5, 999999, mt_rand(0, 999999)]);
    $locale = any($locales);
    date_default_timezone_set($zone);
    $date = Carbon::createFromTimestamp($seconds, $zone)->locale($locale);
    $date->setTime($date->hour, $date->minute, $date->second, $micro);
    $format = '';
    $kind = any(['isoFormat', 'isoFormat', 'isoFormat', 'format', 'format', 'translatedFormat', 'method', 'prop', 'code', 'code', 'code']);
    for ($k = mt_rand(1, 6); $k > 0; $k--) {
        $token = $kind === 'isoFormat' ? any($iso) : chr(any(range(65, 122)));
        $format .= mt_rand(0, 9) < 6 ? $token : any($other);
        $format .= mt_rand(0, 2) ? ' ' : '';
    }
    // What asks about now does so near the date; strtotime and mktime look at the real clock.
    $now = max(0, $seconds + any([0, 1, -1, 86400, -86400, 3600 * 30, mt_rand(-40000000, 40000000)]));
    // Carbon keeps a test's now as a local time: one that exists twice would not be the same.
    while (strtotime(date('Y-m-d H:i:s', $now)) !== $now || strtotime(date('Y-m-d H:i:s', $now + 3600)) !== $now + 3600) {
        $now += 3600;
    }
    Carbon::setTestNow(Carbon::createFromTimestamp($now, $zone));
    if ($kind === 'code') {
        do {
            $format = code();
        } while (preg_match('/strtotime\(.(now|today|tomorrow|yesterday|noon|midnight)/i', $format));
        [$d, $date] = [$date->copy(), $date->copy()];
    }
    $text = match ($kind) {
        'code' => eval("return $format;"),
        'method' => $date->{$format = any($methods)}(),
        'prop' => $date->{$format = any($props)},
        default => $date->$kind($format),
    };
    // Setting the time moves a date out of a doubled hour: keep what is really there.
    $text = is_float($text) ? var_export($text, true) : $text;
    $text = is_bool($text) ? ($text ? 'true' : 'false') : $text;
    printf("%s\t%d\t%s\t%s\t%s\t%s\t%d\n", $zone, $date->getTimestamp() * 1000000 + $micro,
        $locale, $kind, bin2hex($format), bin2hex((is_int($text) ? 'int ' : '').$text), $now);
}
