<?php
// log.php VENDOR SEED COUNT: random records, and the lines that the real Monolog makes of
// them in Laravel's setting. A line: the record in hex (serialised: level, message,
// context, whether placeholders are replaced, exception), a tab, Monolog's line in hex, a tab,
// the same as JSON.
// The first lines are fixed cases; the clock stands at 2026-11-25 13:05:09 UTC.
[, $vendor, $seed, $count] = $argv;
require "$vendor/autoload.php";

use Monolog\Formatter\JsonFormatter;
use Monolog\Formatter\LineFormatter;
use Monolog\JsonSerializableDateTimeImmutable;
use Monolog\Level;
use Monolog\LogRecord;
use Monolog\Processor\PsrLogMessageProcessor;

mt_srand((int) $seed);
$pick = fn (array $list) => $list[mt_rand(0, count($list) - 1)];
$texts = ['', 'x', 'Données manquantes', 'a/b', "two\nlines", "cr\rlf\r\n", '\\n', "\\\n", '{', '{a}', '{b}', '{a}b}', '{0}',
    '{exception}', '[1]', '%context%', '%level_name%', '%level%', '%datetime%', '%channel%', '%extra%', '%extra.x%',
    '%context.a% 100%', '%message%', "\xe9", "\xe2\x82", "\xf0\x9f\x92 ", "\xed\xa0\x80", "\xc0\x80\xff", "\xf0\x9f", "\xe0\x80\x80",
    "\u{2028}", '"q"', "\t\x01\x7f", 'App\\Jobs\\New', '\\r', '日本 €', "\xf4\x90\x80\x80", "\xe2\xe2\x82\xac"];
$scalars = [0, -1, 9007199254740993, 1.0, 0.1, -0.0, 1e25, 1.5e-7, 123456789.12345678, INF, -INF, NAN, true, false, null];

function value($pick, $texts, $scalars, int $depth)
{
    $kind = mt_rand(0, 9);
    if ($kind < 5) {
        return $pick($texts) . (mt_rand(0, 3) ? '' : $pick($texts));
    }
    if ($kind < 8 || $depth > 12) {
        return $pick($scalars);
    }
    $list = [];
    for ($n = mt_rand(0, 3); $n > 0; $n--) {
        $v = value($pick, $texts, $scalars, $depth + mt_rand(1, 5));
        mt_rand(0, 1) ? $list[] = $v : $list[$pick(['a', 'b', 'a}b', "k\n", "\xe9", 7, ''])] = $v;
    }
    for ($n = mt_rand(0, 40) ? 0 : 12; $n > 0; $n--) {
        $list = ['deep' => $list];
    }
    return $list;
}

function lines(int $level, string $message, array $context, bool $placeholders): array
{
    // A logger's own: its text has microseconds.
    $moment = (new JsonSerializableDateTimeImmutable(true, new DateTimeZone('UTC')))->setTimestamp(1795611909);
    $record = new LogRecord($moment, 'local', Level::fromValue($level), $message, $context);
    if ($placeholders) {
        $record = (new PsrLogMessageProcessor)($record);
    }
    return [(new LineFormatter(null, 'Y-m-d H:i:s', true, true, true))->format($record), (new JsonFormatter())->format($record)];
}

function show(int $level, string $message, array $context, bool $placeholders, ?Exception $x = null): void
{
    // Laravel's Logger and its exception handler merge, which counts ints anew.
    $with = array_merge($context, $x ? ['exception' => $x] : []);
    $about = $x ? [get_class($x), $x->getMessage(), $x->getFile(), $x->getLine()] : null;
    echo bin2hex(serialize([$level, $message, $context, $placeholders, $about])), "\t",
        implode("\t", array_map('bin2hex', lines($level, $message, $with, $placeholders))), "\n";
}

show(200, 'SendVolunteerLetterJob - Lettre envoyée avec succès', ['teacher' => 'Zoé', 'email' => 'z@example.org'], true);
show(400, 'broken', [], true, new RuntimeException("550 \"no\"\nsuch user"));
show(400, '{exception} {a}', ['a' => 1, 'exception' => 'old', 'b' => 2], true, new RuntimeException(''));
show(100, 'many', ['list' => range(1, 1001), 'all' => range(1, 1000)], false);
show(100, 'many', range(1, 1100), true);

$levels = [100, 200, 250, 300, 400, 500, 550, 600];
for ($n = 0; $n < $count; $n++) {
    $context = value($pick, $texts, $scalars, 0);
    $message = $pick($texts) . $pick([' ', '']) . $pick($texts) . $pick($texts);
    $x = mt_rand(0, 5) ? null : new RuntimeException($pick($texts) . $pick($texts));
    show($pick($levels), $message, is_array($context) ? $context : ['a' => $context], (bool) mt_rand(0, 1), $x);
}
