<?php
// JSON that is read, and what PHP makes of it: three lines of hex a case: the text; how
// json_encode(json_decode($text, true)) writes it, or "!" and the error; the same of
// json_decode($text), pretty-printed.
mt_srand((int) $argv[1]);
$count = (int) $argv[2];

function pick(array $from) { return $from[mt_rand(0, count($from) - 1)]; }

function number(): string
{
    return pick(['0', '-0', '1', '-1', '12', '1.0', '-0.0', '0.1', '1e3', '1E+2', '1.5e-7', '1e400',
        '9223372036854775807', '9223372036854775808', '-9223372036854775808', '-9223372036854775809',
        '12345678901234567890123', '0.30000000000000004', '1e15', '1e17', '123456789.125', '100000.0',
        (string) mt_rand(), mt_rand() . '.' . mt_rand(0, 999999), '01', '-', '1.', '.5', '1e', '+1', '-a', '1.e5',
        '1795612377.000001', '5e-324', '1.7976931348623157e308']);
}

function text(): string
{
    $out = '';
    for ($i = mt_rand(0, 6); $i > 0; $i--) {
        $out .= pick(['a', 'é', '/', '\\/', '\\\\', '\\"', '\\n', '\\u0000', '\\u00e9', '\\ud83d\\ude00', '😀',
            "\u{2028}", '\\u2028', ' ', 'App\\\\Jobs\\\\X', 'O:8:\\"stdClass\\":0:{}', '\\b', '\\f', '\\r', '\\t', '\\u001f',
            "\x7f", '\\uABCD', '<', '&', "'", '0', '12', '-5', "\u{10FFFF}", '\\u0041']);
        if (mt_rand(0, 60) === 0) {
            $out .= pick(["\x01", "\xff", "\xc3", '\\x', '\\ud83d', '\\ude00', '\\u12', "\n", "\xed\xa0\x80", '\\ud83d\\u0041']);
        }
    }
    return '"' . $out . '"';
}

function blank(): string { return pick(['', '', '', ' ', "\n", "\t ", "\r\n"]); }

function value(int $depth): string
{
    $kind = mt_rand(0, $depth > 0 ? 9 : 5);
    $inner = match (true) {
        $kind <= 1 => number(),
        $kind <= 3 => text(),
        $kind === 4 => pick(['true', 'false', 'null', 'TRUE', 'Null', 'nul', 'truee']),
        $kind === 5 => pick(['{}', '[]', '""', '[{}]', '{"0":1}', '{"0":1,"1":2}', '{"a":1,"a":2}', '{"":1}', '{"\\u0000a":1}']),
        $kind <= 7 => '[' . members($depth, false) . ']',
        default => '{' . members($depth, true) . '}',
    };
    return blank() . $inner . blank();
}

function members(int $depth, bool $named): string
{
    $parts = [];
    for ($i = mt_rand(0, 4); $i > 0; $i--) {
        $parts[] = ($named ? blank() . pick([text(), '"uuid"', '"data"', '"attempts"', '"0"', '"1"', '"01"', '"-5"']) . blank() . ':' : '')
            . value($depth - 1);
    }
    return implode(',', $parts) . (mt_rand(0, 80) === 0 ? pick([',', ']', '}', ':', 'x']) : '');
}

function told($value, int $flags): string
{
    if (json_last_error() !== JSON_ERROR_NONE) {
        return '!' . json_last_error_msg();
    }
    $text = json_encode($value, $flags);
    return $text === false ? '!' . json_last_error_msg() : $text;
}

$fixed = ['', ' ', "\0", '1 2', '[', '{', '"', '"\\', '{"a"', '{"a":', '{"a":}', '[1,]', '{,}', '{"a":1,}', "[1]\0",
    str_repeat('[', 512) . str_repeat(']', 512), str_repeat('[', 513) . str_repeat(']', 513),
    str_repeat('[', 100000), str_repeat('{"a":', 512) . '1' . str_repeat('}', 512)];
for ($i = 0; $i < $count; $i++) {
    $text = $fixed[$i] ?? value(mt_rand(0, 4));
    $arrays = told(json_decode($text, true), 0);
    $objects = told(json_decode($text), JSON_PRETTY_PRINT);
    echo bin2hex($text), "\t", bin2hex($arrays), "\t", bin2hex($objects), "\n";
}
