<?php
// letters.php VENDOR SEED COUNT: templates as a letter has them ({{ }}, @if; rows, ??, &&,
// comparisons, dates), with random values, and what the real Blade, Eloquent and Carbon
// make of them: now as microseconds, variables serialized and as hex, template as hex,
// "ok" or "error", and the text or the message as hex, one case a line.
require $argv[1].'/autoload.php';
use Illuminate\Database\Eloquent\Model;
use Illuminate\Filesystem\Filesystem;
use Illuminate\Support\Carbon;
use Illuminate\View\Compilers\BladeCompiler;

set_error_handler(function ($number, $message) {
    if ($number === E_DEPRECATED) {
        return true; // Laravel logs it and goes on
    }
    throw new ErrorException($message);
});
mt_srand((int) $argv[2]);
date_default_timezone_set('Europe/Paris');
Carbon::setLocale('fr'); // as Laravel does with app.locale

class Row extends Model
{
}

function any(array $list)
{
    return $list[mt_rand(0, count($list) - 1)];
}

// === values ===

const TEXTS = ['', '0', '1', '01', '1.0', ' ', 'a', 'Jean', 'Élise Dupont', "L'Étrier", 'A & B', '&amp;',
    '<b>x</b>', '"q"', "'", '&#039;', '😀', "\u{202F}", "\u{A0}", "a\nb", "\r\n", "\0", '12', '12.50', '-3',
    '1e3', '20 EUR', 'true', 'null', 'reel', 'forfaitaire', '{{ x }}', '@if', '$a', '\\', 'İ', 'BE 0123.456.789',
    '1234567.891', '.5', '5.', ' 7', '7 ', '0x1A', '9223372036854775808', '-0', '0.0'];
const BYTES = ["\xC3", "\xA9", "\xE2", "\x82", "\xAC", "\xF0", "\x9F", "\x98", "\x80", "\xED", "\xA0", "\xFF",
    "\xC0", "\xC1", "\xF4", "\x90", "\xF5", 'a', '<', '&', '"', "'", '>', "\x7F", "\x01", ' ', 'é', '€', '😀'];

function bytes()
{
    $text = '';
    for ($i = mt_rand(0, 8); $i > 0; $i--) {
        $text .= any(BYTES);
    }
    return $text;
}

function some()
{
    return match (mt_rand(0, 9)) {
        0, 1 => null,
        2 => any([true, false]),
        3 => mt_rand(-20, 20),
        4 => any([0, 1, -1, PHP_INT_MAX, PHP_INT_MIN, 2026, 1000000]),
        5 => any([0.0, -0.0, 0.1 + 0.2, 1.0, 1e15, 1e14, 123456789012345.678, 1e-5, 0.0001, -2.5, 1.005, INF, NAN,
            2.675, 1e100, 100000000000000.0, 99999999999999.9, 1/3]),
        6 => mt_rand(-100000, 100000) / any([1, 7, 10, 100, 1000]),
        7 => bytes(),
        default => any(TEXTS),
    };
}

// === templates ===

const CHAINS = ['$club->name', '$club->city', '$club->none', '$club->missing', '$teacher->id',
    '$teacher->user->name', '$teacher->user->city', '$teacher->user->missing', '$clubName', '$teacherName', '$a',
    '$b', '$c'];
const LOUD = ['$teacher->user->name', '$undefined', '$a->b', '$none->x', '$teacher->none->x', '$club->a->b'];
const LITERALS = ["''", "'0'", "'reel'", "'—'", "'é & <i>'", '0', '1', '12', '2.5', '0.1', 'null', 'true', 'false',
    "'20 EUR'", "'it\\'s'", '"x"', '-1', "'1'", "'12'"];
const FORMATS = ['D MMMM YYYY', 'LL', 'L', 'dddd D MMMM YYYY', 'LLLL', 'Do MMMM', 'D MMM YYYY [à] HH:mm', 'DD/MM/YYYY'];

function leaf()
{
    return match (mt_rand(0, 9)) {
        0, 1 => any(LITERALS),
        2 => any(CHAINS).' ?? '.any(LITERALS),
        3 => mt_rand(0, 5) ? any(CHAINS) : any(LOUD),
        default => any(CHAINS),
    };
}

function condition(int $depth)
{
    if ($depth === 0) {
        return mt_rand(0, 3) ? any(CHAINS) : any(['$teacher->user', '$club', '$teacher->none', '$teacher']);
    }
    $a = fn () => condition(mt_rand(0, $depth - 1));
    return match (mt_rand(0, 9)) {
        0 => $a().' && '.$a(),
        1 => $a().' || '.$a(),
        2 => '!'.any(CHAINS),
        3 => '('.$a().')',
        4 => 'isset('.any([...CHAINS, ...LOUD]).')',
        5 => 'empty('.any([...CHAINS, ...LOUD]).')',
        default => any(CHAINS).' '.any(['===', '!==', '==', '!=', '<', '<=', '>', '>=', '<=>', '===', '==']).' '
            .(mt_rand(0, 2) ? any(LITERALS) : any(CHAINS)),
    };
}

function expression(int $depth)
{
    if ($depth === 0) {
        return leaf();
    }
    $a = fn () => expression(mt_rand(0, $depth - 1));
    return match (mt_rand(0, 11)) {
        0 => '('.condition(1).' ? '.$a().' : '.$a().')',
        1 => any([...CHAINS, ...LOUD]).' ?? '.$a(),
        2 => '('.$a().')'.any([' + ', ' - ', ' * ', ' / ', ' % ']).'('.$a().')',
        3 => $a()." . ' ' . ".$a(),
        4 => $a().any([' . ', '.', ' + ', ' - ']).$a(),
        5 => 'number_format('.any([any(CHAINS), '12.5', '1234567.891']).', '.any(['0', '2', '3']).any(['', ", ',', '.'", ", ',', ' '"]).')',
        6 => "now()->locale('".any(['fr', 'nl', 'en', 'de', 'fr_BE', 'nl_BE'])."')->isoFormat('".any(FORMATS)."')",
        7 => any(["now()->format('d/m/Y H:i')", "date('d/m/Y')", "now()->translatedFormat('d F Y')", 'now()']),
        8 => '('.condition(1).' === true)',
        9 => '('.any(CHAINS).' ?: '.$a().')',
        default => leaf(),
    };
}

function template()
{
    $text = '';
    for ($i = mt_rand(1, 3); $i > 0; $i--) {
        $echo = fn () => '{{ '.expression(mt_rand(0, 2)).' }}';
        $text .= match (mt_rand(0, 5)) {
            0 => '@if('.condition(2).') '.$echo().' @endif ',
            1 => '@if('.condition(1).")\n".$echo()."\n@else\n-\n@endif\n",
            2 => '@if('.condition(2).')A @elseif('.condition(2).')B '.$echo().'@else C @endif ',
            default => any(['', 'x ', '<p>']).$echo().any(['', ' ,', "\n"]),
        };
    }
    return $text;
}

// === outcomes ===

function row(array $values)
{
    $row = new Row;
    foreach ($values as $name => $value) {
        if (is_array($value)) {
            $row->setRelation($name, row($value));
            unset($values[$name]);
        }
    }
    return $row->setRawAttributes($values);
}

function render(string $__code, array $__values)
{
    extract(array_map(fn ($v) => is_array($v) ? row($v) : $v, $__values));
    unset($__values);
    ob_start();
    try {
        eval('?>'.$__code);
        return ['ok', ltrim(ob_get_contents())];
    } catch (Throwable $e) {
        return ['error', $e instanceof ParseError ? 'syntax' : $e->getMessage()];
    } finally {
        ob_end_clean();
    }
}

$blade = new BladeCompiler(new Filesystem, sys_get_temp_dir());
for ($i = 0; $i < (int) $argv[3]; $i++) {
    $now = any([1795438809, mt_rand(1700000000, 1900000000), mt_rand(0, 2000000000)]) * 1000000 + mt_rand(0, 999999);
    Carbon::setTestNow(Carbon::createFromTimestamp(intdiv($now, 1000000), 'Europe/Paris')->setMicro($now % 1000000));
    $values = ['clubName' => some(), 'teacherName' => some(), 'a' => some(), 'b' => some(), 'c' => some(),
        'none' => null, 'club' => ['name' => some(), 'city' => some(), 'none' => null, 'a' => some()],
        'teacher' => ['id' => mt_rand(1, 99), 'user' => mt_rand(0, 5) ? ['name' => some(), 'city' => some()] : null]];
    $template = template();
    // date() looks at the real clock.
    $code = str_replace("date('d/m/Y')", "date('d/m/Y', ".intdiv($now, 1000000).')', $blade->compileString($template));
    [$how, $what] = render($code, $values);
    echo $now, "\t", bin2hex(serialize($values)), "\t", bin2hex($template), "\t", $how, "\t", bin2hex($what), "\n";
}
