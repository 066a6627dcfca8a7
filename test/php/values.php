<?php
// values.php SEED: prints random values and what PHP makes of them, for test_php_oracle.
// A record is a letter and fields, each "LENGTH:bytes".
//   S serialized                                 decode, encode: the same bytes
//   V serialized bool int float string json num  the conversions; "!" where PHP refuses
//   C serialized([a, b]) "<=> == ==="
//   K string serialized([string => 1])           keys
error_reporting(0);
ini_set('serialize_precision', '-1');
ini_set('precision', '14');
mt_srand((int) ($argv[1] ?? 1));

enum Suit: string { case Hearts = 'h'; case Spades = 's'; }
enum Unit { case One; case Two; }
#[AllowDynamicProperties]
class Base {
    public $open; protected $kept; private $same = 1;
    function __construct($a, $b, $c) { $this->open = $a; $this->kept = $b; $this->same = $c; }
}
class Leaf extends Base {
    private $same = 2; public ?int $typed; public readonly int $fixed;
    function __construct($a, $b, $c) { parent::__construct($a, $b, $c); $this->same = $c; $this->fixed = 5; }
}
class Custom {
    public $data;
    function __serialize(): array { return [5 => $this->data, 'name' => 1, 7 => [2]]; }
    function __unserialize(array $d): void { $this->data = $d[5]; }
}
class Slept { public $a = 1; protected $b = 2.5; private $c = 'x'; public $lost = 3;
    function __sleep() { return ['a', 'b', 'c']; } }
class Old implements Serializable {
    function serialize() { return 'raw "}' . "\0;"; }
    function unserialize($s) {}
}

function field(string $s): void { echo strlen($s), ':', $s; }
function record(string $kind, string ...$fields): void { echo $kind; foreach ($fields as $f) field($f); }
function pick(array $a) { return $a[mt_rand(0, count($a) - 1)]; }

function int64(): int {
    return match (mt_rand(0, 4)) {
        0 => mt_rand(-20, 20),
        1 => pick([PHP_INT_MAX, PHP_INT_MIN, 0, 1, -1, PHP_INT_MAX - 1]),
        2 => mt_rand() << mt_rand(0, 32),
        3 => -mt_rand(),
        4 => unpack('q', pack('V2', mt_rand(), mt_rand()))[1],
    };
}
function float64(): float {
    return match (mt_rand(0, 9)) {
        9 => mt_rand(10, 99) * pick([1e12, 1e13, 1e14]) + mt_rand(0, 40) * pick([0.5, 5, 50]),
        0 => pick([0.0, -0.0, 1.0, -1.0, INF, -INF, NAN, 0.1, 0.1 + 0.2, 1e15, 1e14, 1e17, 5e-324, PHP_FLOAT_MAX, PHP_FLOAT_MIN, PHP_FLOAT_EPSILON, 1e16, 99999999999999.5, 0.0001, 0.00001]),
        1 => 2.0 ** mt_rand(-1074, 1023),
        2 => (float) (mt_rand(-10000, 10000) / pick([1, 10, 100, 1000])),
        3 => (float) int64(),
        4 => (float) (mt_rand() . 'e' . mt_rand(-330, 300)),
        5 => mt_rand() / mt_rand(1, 1000),
        6 => round(mt_rand() / 1000, mt_rand(0, 5)) * 10 ** mt_rand(-6, 12),
        default => unpack('d', pack('V2', mt_rand(0, 0x7FFFFFFF) << 1 | mt_rand(0, 1), mt_rand(0, 0x7FFFFFFF) << 1 | mt_rand(0, 1)))[1],
    };
}
function text(): string {
    return match (mt_rand(0, 9)) {
        0 => pick(['', '0', '0.0', ' ', 'abc', 'ABC', 'true', 'null', "a\0b", '-', '.', '1e', 'INF', 'NAN', '0x1A', '00', '-0', '1e1000', '1e1001', '-1e999', '9223372036854775807', '9223372036854775808', '-9223372036854775808', '-9223372036854775809']),
        1 => (string) int64(),
        2 => (string) float64(),
        3 => pick(['', ' ', "\n", "\t ", "\v"]) . int64() . pick(['', ' ', "\n", 'x', '.', 'e2', "\0"]),
        4 => pick(['', '+', '-']) . mt_rand(0, 99) . pick(['.', '.5', 'e3', 'E-2', 'e', '.e1', 'e+']) . pick(['', ' ', 'kg']),
        5 => 'é "quoted" \\ / €𝄞' . mt_rand(0, 99),
        6 => random(mt_rand(0, 12)),
        7 => "\u{2028}\x7f\x01<&'>",
        8 => str_repeat((string) mt_rand(0, 9), mt_rand(1, 40)) . pick(['', '.5', 'e-30']),
        9 => pick(['a', 'b', 'ab', 'B', "é"]),
    };
}
function random(int $n): string { $s = ''; while ($n-- > 0) $s .= chr(mt_rand(0, 255)); return $s; }
function scalar() {
    return match (mt_rand(0, 5)) {
        0 => pick([null, true, false]), 1 => int64(), 2, 3 => float64(), default => text() };
}
function keyed(): int|string { // not the highest key: PHP could not push behind it
    $key = mt_rand(0, 1) ? mt_rand(-3, 30) : text();
    return is_numeric($key) && $key > PHP_INT_MAX - 99 ? 'top' : $key;
}

// What was made so far, to be met again as the same object or as a reference.
$pool = [];
function &value(int $depth) {
    global $pool;
    $what = $depth > 0 ? mt_rand(0, 14) : mt_rand(0, 3);
    $v = null;
    switch ($what) {
    case 4: case 5: case 6:
        $v = [];
        for ($i = mt_rand(0, pick([3, 3, 6, 20])); $i > 0; $i--) {
            if (mt_rand(0, 2)) $v[] = value($depth - 1);
            else $v[keyed()] = &value($depth - 1);
        }
        break;
    case 7:
        $class = pick(['Base', 'Leaf']);
        $v = new $class(value($depth - 1), null, value($depth - 1));
        $v->open = &value($depth - 1);
        if (mt_rand(0, 2) == 0) { $name = text(); if ($name === '' || $name[0] !== "\0") $v->$name = value($depth - 1); }
        break;
    case 8: $v = (object) ['x' => value($depth - 1), '12' => 1, 'self' => null];
        if (mt_rand(0, 1)) $v->self = $v; else $v->self = &$v->x;
        break;
    case 9: $v = pick([Suit::Hearts, Suit::Spades, Unit::One, Unit::Two]); break;
    case 10: $v = pick([new Custom, new Slept, new Old, new ArrayObject([1, 'a' => 2]), new SplObjectStorage, new DateTimeImmutable('2026-11-25 09:00:00.5 Europe/Paris'), new DateInterval('P1DT2H')]);
        if ($v instanceof Custom) $v->data = &value($depth - 1);
        break;
    case 11: case 12: case 13:
        if ($pool) { $v = &$pool[mt_rand(0, count($pool) - 1)]; return $v; }
        break;
    default: $v = scalar();
    }
    if (mt_rand(0, 2) == 0) $pool[] = &$v;
    return $v;
}

for ($n = 0; $n < 3000; $n++) {
    $pool = [];
    record('S', serialize(value(mt_rand(1, 6))));
}
$deep = 1;
for ($i = 0; $i < 500; $i++) $deep = $i % 2 ? [$deep] : (object) ['d' => $deep];
record('S', serialize($deep));

// Plain values, whose comparison needs no code of a class.
function tame(int $depth) {
    switch (mt_rand(0, $depth > 0 ? 12 : 8)) {
    case 9: case 10:
        $v = [];
        for ($i = mt_rand(0, 3); $i > 0; $i--) if (mt_rand(0, 1)) $v[] = tame($depth - 1); else $v[pick(['a', 'b', 0, 1])] = tame($depth - 1);
        return $v;
    case 11: return pick([Suit::Hearts, Suit::Spades, Unit::One]);
    case 12: $class = pick(['Base', 'Leaf']); return new $class(tame($depth - 1), pick([1, 2]), pick([1, '1', 2]));
    default: return scalar();
    }
}
// An array that is the same memory is equal even where it holds NAN.
function copied($v) { return unserialize(serialize($v)); }
function near($v) { // something that has a chance to be equal
    return match (mt_rand(0, 7)) {
        0, 1, 2 => tame(2),
        3 => is_array($v) ? copied($v) : $v,
        4 => is_scalar($v) ? (string) $v : copied($v),
        5 => is_scalar($v) ? (float) $v : [copied($v)],
        6 => is_scalar($v) ? (int) $v : (bool) $v,
        7 => is_string($v) ? " $v" : (is_scalar($v) || $v instanceof UnitEnum ? $v : copied($v)),
    };
}

function said(callable $f): string { try { $r = $f(); } catch (Throwable) { return '!'; } return is_string($r) ? $r : '!'; }
for ($n = 0; $n < 5000; $n++) {
    $v = $n < 4000 ? scalar() : tame(3);
    $json = json_encode($v);
    $string = is_array($v) ? '!' : said(fn () => (string) $v);
    record('V', serialize($v), $v ? '1' : '0', (string) (int) $v, serialize((float) $v), $string,
        $json === false || str_contains(serialize($v), 'E:') ? '!' : $json,
        is_string($v) && is_numeric($v) ? serialize($v * 1) : '!');
}
for ($n = 0; $n < 8000; $n++) {
    $a = tame(2); $b = near($a);
    record('C', serialize([$a, $b]), ($a <=> $b) . ' ' . (int) ($a == $b) . ' ' . (int) ($a === $b));
}
for ($n = 0; $n < 1000; $n++) {
    $s = text();
    record('K', $s, serialize([$s => 1]));
}
