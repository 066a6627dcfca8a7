<?php
// expressions.php KIND SEED COUNT: random expressions and what PHP makes of them, one a
// line: expression as hex, "ok" or "error", and the value's dump or the message as hex.
// KIND: "operators" (variables, literals, operators), "functions" (calls of built-in ones),
// "numbers" (amounts, computed, rounded and printed), "laravel:VENDOR" (Laravel's Str).
set_error_handler(function ($number, $message) {
    if ($number === E_DEPRECATED) {
        return true; // Laravel logs it and goes on
    }
    throw new ErrorException($message);
});

function any(array $list)
{
    return $list[mt_rand(0, count($list) - 1)];
}

// === values ===

const STRINGS = ["''", "'0'", "'1'", "'a'", "'abc'", "'12'", "' 12'", "'12 '", "'1e1'",
    "'1.5'", "'5 apples'", "'-0'", "'é'", "'Abc dÉf'", "'0x1A'", "'.5'", "'1e1000'",
    "'9223372036854775808'", "'a,b,,c'", "\"a\\tb\\n\"", "'k'", "'true'", '"\\x41$s{$map["k"]}"',
    '"$list[1] $map[k]"', '"{$o->p}$o->p"', "'<a href=\"x\">&amp;\\''", "'ﬁß İ'"];
const NUMBERS = ['0', '1', '-1', '2', '3', '7', '10', '63', '64', '255', '1.0', '0.5', '-0.0',
    '1.5', '2.5', '-2.5', '1.005', '0.1', '1e3', '1e15', '1e100', '123456789.123',
    'PHP_INT_MAX', 'PHP_INT_MIN', '0x1F', '0b11', '017', '0o17', '1_000', '9223372036854775808',
    'INF', 'NAN', '1234.5678', '0.285', '1e-7'];
const OTHERS = ['null', 'true', 'false', '[]', '[1, 2, 3]', "['a' => 1, 'b' => null]",
    "[0, '0', null]", '[[1], [2]]', "['x', 'k' => 'y', 5 => 'z']", '[1.5, true]'];
const VARIABLES = ['$i', '$s', '$n', '$list', '$map', '$o', '$x', "\$map['k']", "\$map['q']",
    '$list[0]', '$list[9]', "\$map['list'][1]", '$o->p', '$o->q', '$n->p', '$n?->p',
    '$n?->p->q[1]', "\$n['k']", '$s[0]', '$s[-1]', '$s[99]', '$i[0]', '$x->y', '$map[$i]',
    '$list[$n]', '$list[$s]', '$list[1.7]', '$list[true]', '$s[1.5]', "\$s['1']", "\$s['x']",
    "\$s['1x']", '$map[$list]', '$s[null]', '$o[0]', '$n->m()', '$x?->y', '$i->p', '$list->p'];

function literal()
{
    return any(mt_rand(0, 2) ? [...STRINGS, ...NUMBERS] : OTHERS);
}

function leaf()
{
    return mt_rand(0, 2) ? literal() : any(VARIABLES);
}

// === operators ===

// PHP's compiler chooses the branch of a constant condition, and forgets the other.
const CONDITIONS = ['$i', '$s', '$n', '$list', '$map', '$o', '$s[0]', '!$i', '$n ?? 0', '$i > 5'];
const INFIX = ['+', '-', '*', '/', '%', '**', '.', '<<', '>>', '&', '|', '^', '==', '!=', '===',
    '!==', '<', '<=', '>', '>=', '<=>', '&&', '||', '??', '<>', ' and ', ' or ', ' xor '];
const PREFIX = ['!', '- ', '+ ', '~', '(int) ', '(float) ', '(string) ', '(bool) ', '( boolean )',
    '(array)'];

function operators(int $depth)
{
    if ($depth === 0) {
        return leaf();
    }
    $a = fn () => operators($depth - 1);
    switch (mt_rand(0, 13)) {
        case 0: return '('.any(CONDITIONS).' ? '.$a().' : '.$a().')';
        case 1: return '('.any(CONDITIONS).' ?: '.$a().')';
        case 2: return '('.$a().')';
        case 3: return any(PREFIX).$a();
        case 4: return str_replace('m()', 'm', 'isset('.any(VARIABLES).', '.any(VARIABLES).')');
        case 5: return 'empty('.$a().')';
        case 6: return '['.$a().", 'k' => ".$a().', 7 => '.$a().', '.$a().'][\'k\']';
        case 7: return 'match ('.$a().') { '.$a().', '.$a().' => '.$a().', default => '.$a().' }';
        case 8: return any(VARIABLES).' ?? '.$a();
        case 9: return '['.$a().', ...$list, '.$a().']';
        // Without parentheses, so that precedence is compared as well.
        default: return $a().any(INFIX).' '.$a();
    }
}

// === functions: their arguments by kind ===

const FUNCTIONS = [
    'strtolower' => 's', 'strtoupper' => 's', 'ucfirst' => 's', 'lcfirst' => 's',
    'ucwords' => 'ss?', 'trim' => 'sS?', 'ltrim' => 'sS?', 'rtrim' => 'sS?', 'strlen' => 's',
    'str_contains' => 'ss', 'str_starts_with' => 'ss', 'str_ends_with' => 'ss',
    'substr' => 'sii?', 'mb_substr' => 'sii?', 'mb_strlen' => 's', 'mb_strtoupper' => 's',
    'mb_strtolower' => 's', 'str_replace' => 'sss', 'explode' => 'ssi?', 'implode' => 'sa',
    'nl2br' => 's', 'str_repeat' => 'sz', 'str_pad' => 'szs?z?', 'htmlspecialchars' => 's',
    'basename' => 'ps?', 'dirname' => 'pi?', 'sprintf' => 'fvvv', 'number_format' => 'nd?s?s?',
    'json_encode' => 'v', 'round' => 'ni?', 'floor' => 'n', 'ceil' => 'n', 'abs' => 'n',
    'intdiv' => 'ii', 'min' => 'vvv', 'max' => 'vvv', 'intval' => 'v', 'floatval' => 'v',
    'strval' => 'v', 'boolval' => 'v', 'is_null' => 'v', 'is_string' => 'v', 'is_int' => 'v',
    'is_array' => 'v', 'is_numeric' => 'v', 'is_scalar' => 'v', 'is_float' => 'v',
    'is_bool' => 'v', 'get_debug_type' => 'v', 'array_filter' => 'a', 'in_array' => 'vab?',
    'array_merge' => 'aa', 'array_keys' => 'a', 'array_values' => 'a', 'count' => 'a',
    'parse_url' => 'uc?', 'mb_convert_case' => 'wM', 'mb_strpos' => 'wti?', 'mb_strrpos' => 'wtz?',
    'mb_str_split' => 'si?', 'htmlentities' => 'h', 'html_entity_decode' => 'H',
    'htmlspecialchars_decode' => 'H', 'strip_tags' => 'h', 'pow' => 'nn', 'sqrt' => 'n', 'fmod' => 'nn', 'fdiv' => 'nn',
    'is_nan' => 'n', 'is_finite' => 'n', 'is_infinite' => 'n', 'dechex' => 'i', 'decbin' => 'i', 'decoct' => 'i',
    'array_fill' => 'jjv', 'range' => 'jjj?', 'pi' => '',
    'str_ireplace' => 'sss', 'substr_replace' => 'ssii?', 'strtr' => 'sss', 'strrev' => 's',
    'ord' => 's', 'chr' => 'i', 'bin2hex' => 's', 'base64_encode' => 's', 'urlencode' => 's',
    'rawurlencode' => 's', 'urldecode' => 'U', 'rawurldecode' => 'U', 'addslashes' => 's',
    'stripslashes' => 'w', 'chunk_split' => 'si?s?', 'str_split' => 'si?',
    'wordwrap' => 'wi?B?b?', 'str_word_count' => 'wi?t?', 'strpos' => 'wti?', 'stripos' => 'wti?',
    'strrpos' => 'wti?', 'strripos' => 'wti?', 'strstr' => 'wtb?', 'stristr' => 'wtb?',
    'strrchr' => 'wt', 'substr_count' => 'wti?i?', 'strcasecmp' => 'tt',
    'strncasecmp' => 'tti', 'ctype_alnum' => 't', 'ctype_alpha' => 't',
    'ctype_digit' => 's', 'ctype_lower' => 't', 'ctype_upper' => 't', 'ctype_punct' => 't',
    'ctype_space' => 't', 'ctype_xdigit' => 't',
    'array_sum' => 'a', 'array_product' => 'a', 'array_slice' => 'aii?b?', 'array_reverse' => 'ab?',
    'array_chunk' => 'aib?', 'array_key_first' => 'a', 'array_key_last' => 'a',
    'array_is_list' => 'a', 'array_unique' => 'a', 'array_count_values' => 'a',
    'array_diff' => 'aaa?', 'array_diff_key' => 'aaa?', 'array_intersect' => 'aaa?',
    'array_intersect_key' => 'aaa?', 'array_key_exists' => 'va', 'array_search' => 'vab?',
    'array_flip' => 'a', 'array_combine' => 'aa', 'array_fill_keys' => 'av', 'array_pad' => 'azv',
    'array_replace' => 'aaa?', 'array_column' => 'ris?',
];
// Texts whose parts are found again: words, blanks, breaks, both cases.
const PARTS = ['a', 'A', 'b', 'ab', 'aB', ' ', ' ', '  ', "\n", '-', "'", 'Foo', 'foo', 'é', 'É', '5',
    '1', ',', '.', '<br>', '\\', '', "\r\n", '"', '0', "\t", "\0"];
const PATHS = ["'/a/b/c.php'", "'a'", "'/'", "''", "'//a//'", "'a/b/'", "'.'", "'/a'", "'../x'"];
const MAPPERS = ['strtoupper', 'trim', 'intval', 'is_string', 'count', 'STRLEN'];

function url()
{
    $part = fn () => any(['a', 'host', '', 'x.y', '8', '80', 'é', '%20', '[::1]', 'a b', '1:2', '-']);
    if (mt_rand(0, 3) === 0) {
        $text = '';
        for ($i = mt_rand(0, 12); $i > 0; $i--) {
            $text .= any([':', '/', '/', '?', '#', '@', 'a', '8', '[', ']', '.', '-', '+', ' ']);
        }
        return $text;
    }
    return any(['http:', 'mysql:', 'file:', '', 'a:', ':', 'mailto:', '1x:', 'a b:'])
        .any(['//', '', '/', '///']).any(['', $part().'@', $part().':'.$part().'@']).$part()
        .any(['', ':', ':80', ':3306', ':99999', ':123456', ':8a', ':0'])
        .any(['', '/', '/db', '/a:b', '/'.$part()]).any(['', '?', '?a=1&b', '?'.$part()])
        .any(['', '#', '#f', '#?']);
}

function format()
{
    $text = '';
    for ($i = mt_rand(1, 3); $i > 0; $i--) {
        $text .= any(['', 'x', '%%', '1']).'%'.any(['', '', '1$', '2$', '0$'])
            .any(['', '', '-', '+', '0', ' ', "'*", '+0', '-0', '0-']).any(['', '', '5', '10', '1'])
            .any(['', '', '.0', '.1', '.2', '.', '.20']).any(['d', 's', 'f', 'F', 'e', 'E', 'u',
            'x', 'X', 'o', 'b', 'c', 'y', '%', '']);
    }
    return $text;
}

function text(int $parts)
{
    $text = '';
    for ($i = mt_rand(0, $parts); $i > 0; $i--) {
        $text .= any(PARTS);
    }
    return var_export($text, true);
}

function mix(array $parts)
{
    $text = '';
    for ($i = mt_rand(0, 9); $i > 0; $i--) {
        $text .= any($parts);
    }
    return var_export($text, true);
}

function argument(string $kind)
{
    // Now and then an argument of any type, for the errors; not for a size.
    if (!str_contains('zdj', $kind) && mt_rand(0, 11) === 0) {
        return leaf();
    }
    switch ($kind) {
        case 's': return any([...STRINGS, '$s', '12', '1.5', 'null', 'true']);
        case 'S': return any(["' '", "'a..e'", "'0..9'", "'/'", "''", "'\\t\\n'", "'ab'"]);
        case 'i': return any(['0', '1', '2', '-1', '-2', '3', '5', "'2'", 'null', '1.0', '2.9',
            '100', 'true']);
        case 'z': return any(['0', '1', '2', '3', '-1', "'2'", 'null', '40', '[]', "'a'"]);
        case 'U': return any(["'%41%zz+b%'", "'a%20b%2'", "'%C3%A9+'", "'%'", "'+%2B'", '$s', 'null']);
        case 'h': return mix(['<', '<', '>', '>', '<b>', '</b>', '<br />', '"', "'", 'a', 'é', ' ', '!', '--', '<!--', '-->',
            '<!DOCTYPE html>', '<a href="x>y">', '=', '&', '&amp;', '€', '😀', "\0", '<!', '\\', '/', '-', "\n"]);
        case 'H': return mix(['&', ';', '&amp;', '&lt;', '&gt;', '&quot;', '&#039;', '&#39;', '&#x27;', '&apos;', '&eacute;',
            '&Eacute;', '&euro;', '&nbsp;', '&hellip;', '&nope;', '&#8364;', '&#x20AC;', '&#128;', '&#0;', '&#x110000;',
            '&#55296;', '&#;', '&#x;', '&#60;', '&copy', 'a', 'é', '<', '"', '#', '&Amp;', '&#13;', '&sup2;', '&there4;', '&#9;',
            '&#xE9;', '&#XE9;', '&#12a;', '& amp;', '&hearts;', '&thetasym;']);
        case 'M': return any(['0', '1', '2']);
        case 'w': return text(10);
        case 't': return text(2);
        case 'B': return any(['"\n"', "'<br>'", "' '", "'a'", "''", "'ab'"]);
        case 'r': return any(["[['a' => 1, 'b' => 2], ['a' => '7', 'b' => 3], ['b' => 4], 5]", '[[1, 2], [3, 4]]',
            "[['a', 1, 'k'], ['b', 1]]", '$list', '[]']);
        case 'j': return any(['0', '1', '2', '3', '7', '10', '-1', '-4', '20']);
        case 'd': return any(['0', '1', '2', '2', '2', '3', '-1', '-2', '-20', "'2'", 'null', '1.9',
            '20', '[]', "'a'"]);
        case 'n': return any([...NUMBERS, "'1.5'", "'12'", 'null', 'true', '-1234567.891',
            (string) (mt_rand(-1000000, 1000000) / 1000), (string) (mt_rand(0, 1000) / 8)]);
        case 'a': return any(['[]', '[1, 2, 3]', "['a' => 1, 'b' => null, 0]", '$list', '$map',
            "['x', '', '0', 1.5, true]", '[[1]]', "['a', 'b', 'a', 'A', '1', 1, '01']", "['k' => 2, 'b' => '2', 7 => '3x', 1.5]"]);
        case 'b': return any(['true', 'false', '1', 'null']);
        case 'p': return any(PATHS);
        case 'u': return var_export(url(), true);
        case 'c': return any(['-1', '0', '1', '2', '5', '6', '7', 'PHP_URL_HOST']);
        case 'f': return var_export(format(), true);
        default: return leaf();
    }
}

function functions()
{
    if (mt_rand(0, 9) === 0) {
        return "array_map('".any(MAPPERS)."', ".argument('a').')';
    }
    if (mt_rand(0, 9) === 0) {
        return 'array_map('.any(['null', "'max'", "'min'", "'str_repeat'"]).', '.argument('a').any([', ', ', [2, 1], ']).argument('a').')';
    }
    if (mt_rand(0, 9) === 0) {
        return "array_filter(".argument('a').", '".any(MAPPERS)."', ".any(['0', 'ARRAY_FILTER_USE_KEY']).')';
    }
    $name = any(array_keys(FUNCTIONS));
    $args = [];
    preg_match_all('/(\w)(\??)/', FUNCTIONS[$name], $kinds, PREG_SET_ORDER);
    foreach ($kinds as $kind) {
        if ($kind[2] && mt_rand(0, 1)) {
            break;
        }
        $args[] = argument($kind[1]);
    }
    // Too few or too many arguments.
    if (mt_rand(0, 29) === 0) {
        array_pop($args);
    }
    if (mt_rand(0, 29) === 0) {
        $args[] = 'null';
    }
    return $name.'('.implode(', ', $args).')';
}

// === Laravel's Str, of well-formed texts ===

const STR = [
    'contains' => 'tL', 'startsWith' => 'tL', 'endsWith' => 'tL', 'after' => 'wt', 'afterLast' => 'wt',
    'before' => 'wt', 'beforeLast' => 'wt', 'between' => 'wtt', 'betweenFirst' => 'wtt', 'limit' => 'ml?t?',
    'words' => 'wo?t?', 'take' => 'ml', 'finish' => 'tt', 'start' => 'tt', 'wrap' => 'ttt?',
    'replaceFirst' => 'ttw', 'replaceLast' => 'ttw', 'remove' => 'tw', 'reverse' => 'm', 'padLeft' => 'mlp?',
    'padRight' => 'mlp?', 'padBoth' => 'mlp?', 'title' => 'm', 'upper' => 'm', 'lower' => 'm', 'ucfirst' => 'm',
    'length' => 'm', 'substr' => 'mll?', 'slug' => 'm', 'snake' => 'nD?', 'kebab' => 'n', 'studly' => 'n', 'camel' => 'n',
    'ascii' => 'm', 'squish' => 'q', 'is' => 'Pq',
];
const LETTERS = ['a', 'B', 'é', 'É', 'ß', 'œ', 'Ÿ', 'ı', 'İ', 'ñ', "'", '’', '-', '–', ' ', ' ', ' ', '.', '1', '€', '_',
    ':', 'x', 'Z', "\n", "\t", '“', 'ÿ', 'ž', "\u{A0}", '/', '&', ','];

function letters()
{
    $text = '';
    for ($i = mt_rand(0, 12); $i > 0; $i--) {
        $text .= any(LETTERS);
    }
    return var_export($text, true);
}

function name()
{
    return mix(['a', 'b', 'C', 'D', ' ', ' ', '-', '_', 'é', 'É', 'URL', 'ß', '1', '.', 'foo', 'Bar', 'œ']);
}

function pattern()
{
    return mix(['*', 'a', 'B', ' ', 'c', '*', '.']);
}

function patterns()
{
    return '['.pattern().', '.pattern().']';
}

function laravel()
{
    if (mt_rand(0, 9) === 0) {
        return any(['blank', 'filled', 'value']).'('.any([leaf(), letters(), '$o', any(OTHERS), "' '", '" \\0\\n"', "' a '"]).')';
    }
    if (mt_rand(0, 9) === 0) {
        return 'data_get('.any(['$map', '$map', '$list', '$o', '$n', '$s', '[$map, $o]']).', '.any(["'k'", "'list'", "'list.1'", "'none'",
            "'none.x'", "'0'", "'0.list.2'", "'1.p'", "'p'", "''", "'q'", "'p.x'", "'.'", "'01'"]).any(['', ', null', ", 'default'"]).')';
    }
    $name = any(array_keys(STR));
    $args = [];
    preg_match_all('/(\w)(\??)/', STR[$name], $kinds, PREG_SET_ORDER);
    foreach ($kinds as $kind) {
        if ($kind[2] && mt_rand(0, 1)) {
            break;
        }
        $args[] = match ($kind[1]) {
            'm' => letters(),
            'l' => (string) mt_rand(any([0, 0, -12]), 15),
            'o' => (string) mt_rand(1, 4),
            'p' => any(["' '", "'*'", "'ab'", "'é'", "'-—'"]),
            'L' => mt_rand(0, 1) ? text(1) : '['.text(1).', '.text(1).']',
            't' => text(2),
            'w' => text(9),
            'n' => name(),
            'D' => any(["'-'", "'_'", "'.'", "' '", "'é'", "''"]),
            'q' => mix([' ', 'a', 'B', "\t", '  ', "\n", 'c', "\f"]),
            'P' => any(['pattern', 'patterns'])(),
        };
    }
    return '\\Illuminate\\Support\\Str::'.$name.'('.implode(', ', $args).')';
}

// === what files alone may call ===

const REGEX = ['a', 'b', 'ab', '[ab]', '[^a]', '[a-c1-3]', '\\d', '\\w', '\\s', '\\S', '.', '(a)', '(a|b)', '(?:ab|a)', '(a|ab)(c|bcd)?',
    '\\.', '\\/', '-', '_', '1', ' ', 'é', '\\b', '(b+)', '(a*b)', '[^\\w-]', '[\\s,]', '[.]', '[]a]', '\\W', '\\D', '(?:)',
    '(?=a)', '(?<!b)a', '(a)\\1', 'a++', '(?>a|ab)', '[[:alpha:]]', '\\p{L}', '\\h', '\\R', '(?i:A)', '\\y'];
const TIMES = ['', '', '', '', '+', '*', '?', '{2}', '{1,2}', '{0,1}', '{2,}', '+?', '*?', '??'];

function regex()
{
    $text = any(['', '', '', '^', '\\A']);
    for ($i = mt_rand(1, 4); $i > 0; $i--) {
        $atom = any(REGEX);
        $text .= $atom.(in_array($atom, ['\\b', '(a*b)', '(?:)', '(b+)', 'ab', 'é', '(a|ab)(c|bcd)?']) ? '' : any(TIMES)).(mt_rand(0, 7) ? '' : '|');
    }
    return var_export('/'.$text.any(['', '', '', '$', '\\z', '\\Z']).'/'.any(['', '', '', 'i', 'u', 'iu', 's', 'D', 'm', 'x', 'U', 'A']), true);
}

function subject()
{
    return mix(['a', 'a', 'b', 'A', 'ab', 'c', 'bcd', '1', '22', ' ', '-', '_', ',', '.', '/', "\n", mt_rand(0, 29) ? 'b' : 'é']);
}

function items()
{
    return any(['[3, 1, 2]', "['a' => 1, 'b' => null, 'c' => ['d' => 5, 'e' => ['f' => 6]]]", "['x', 'y', 'k' => 'z', 'a.b' => 7]", '[]', '$list', '$map',
        "['one' => ['n' => 1], 'two' => ['n' => 2, 'm' => '']]", "['a', '', 'b', '0', 'a']"]);
}

function path()
{
    return any(["'a'", "'c.d'", "'c.e.f'", "'k'", "'a.b'", "'x.y'", '0', '1', "'list.1'", "''", "'c'", "'one.n'"]);
}

function files()
{
    $closure = fn () => any(['fn ($v) => $v', 'fn ($v, $k) => $k', 'fn ($v, $k) => [$k, $v]', 'fn ($v) => is_array($v) ? 1 : 0',
        'function ($v, $k = null) { return (bool) $k; }', 'fn (...$all) => count($all)']);
    switch (mt_rand(0, 13)) {
        case 0:
        case 1:
        case 2: return 'preg_replace('.regex().', '.any(["''", "'-'", "'<\$0>'", "'[\$1]'", "'\${1}0'", "'\\\\2'", "'\\\\\\\\1\\\\\$1\$'", "'\$12'"])
            .', '.subject().any(['', '', '', ', 1', ', 2', ', 0']).')';
        case 3: return 'preg_match('.regex().', '.subject().')';
        case 4: return 'preg_split('.regex().', '.subject().any(['', ', -1', ', -1, PREG_SPLIT_NO_EMPTY', ', 0']).')';
        case 5: return 'preg_quote('.mix(['a', '.', '/', '#', '-', '[', '\\', '$', "\0", '_', '=', '&']).any(['', ", '/'", ', null', ", '~'"]).')';
        case 6: return '\\Illuminate\\Support\\Arr::get('.items().', '.path().any(['', ', 5', ', null', ', fn () => 6']).')';
        case 7: return '\\Illuminate\\Support\\Arr::'.any(['has', 'hasAny']).'('.items().', '.any([path(), '['.path().', '.path().']', '[]']).')';
        case 8: return '\\Illuminate\\Support\\Arr::'.any(['only', 'except']).'('.items().', '.any([path(), '['.path().', '.path().']', '[]']).')';
        case 9: return '\\Illuminate\\Support\\Arr::'.any(['first', 'last']).'('.items().any(['', ', '.$closure(), ', '.$closure().', 9', ', null, 8']).')';
        case 10: return any(['str', '\\Illuminate\\Support\\Str::of']).'('.any([name(), letters()]).')'.any(['->snake()', '->kebab()', '->slug()', '->ascii()->lower()',
            '->studly()', '->camel()->append(1, "é")', "->after('a')->before('B')", "->replace('a', 'o')", "->replaceFirst('a', 'oo')->upper()", "->prepend('x')->title()",
            "->finish('/')->start('/')", "->remove('a')", "->replaceMatches('/[^a-z]+/', '-')", '->limit(3)', '->words(2)', "->wrap('\"')", "->substr(1, 2)", '->ucfirst()'])
            .any(['->toString()', '->value()', "->append('!')->toString()", '->isEmpty()', "->contains('a')", '->length()', "->exactly('a')", "->explode(' ')->all()", "->is('a*')",
            "->isMatch('/a/')"]);
        case 11: return 'collect('.items().')'.any(['->map('.$closure().')', '->filter('.$closure().')', '->filter()', '->reject('.$closure().')', '->values()', '->keys()',
            "->merge(['z' => 1, 5])", '->only(['.path().'])', '->except(['.path().'])', '->mapWithKeys(fn ($v, $k) => [$k."x" => $v])']).any(['->all()', '->toArray()', '->count()',
            '->isEmpty()', '->isNotEmpty()', '->first()', '->last()', '->get('.path().')', '->has('.path().')', '->values()->all()', "->contains('a')"]);
        case 12: return 'collect('.any(["['a', 'b', 'a']", "['x' => 'u']", '[]', "'a'", 'null', "['a', 1, null]"]).')'.any(["->implode(', ')", "->join('-')", '->unique()->all()', '->flip()->all()',
            "->map('strtoupper')->all()"]);
        default: return "collect([['n' => 1, 'm' => 2], ['n' => 3]])->pluck(".any(["'n'", "'m'", "'x'"]).')->all()';
    }
}

// === numbers: as amounts of money are printed ===

function number()
{
    $n = mt_rand(-1, 9999999);
    return match (mt_rand(0, 9)) {
        0 => any(NUMBERS),
        1 => (string) $n,
        2 => var_export(sprintf('%d.%02d', mt_rand(0, 99999), mt_rand(0, 99)), true), // a DECIMAL of MySQL
        3 => sprintf('%d.%d5', mt_rand(0, 9999), mt_rand(0, 999)), // halves, which floats do not have
        4 => '('.$n.' / '.any([3, 6, 7, 10, 12, 100, 1.21, 0.06]).')',
        5 => '('.$n.' * '.any(['0.21', '1.06', '0.1', '1.005', '33.33', '-0.5', "'0.35'"]).')',
        6 => '('.mt_rand(0, 9999).'.'.mt_rand(0, 99).' + '.mt_rand(0, 99).'.'.mt_rand(0, 9).')',
        7 => mt_rand(1, 9).'.'.mt_rand(0, 99999).'e'.mt_rand(-20, 20),
        8 => '-'.mt_rand(0, 3).'.'.mt_rand(0, 9999),
        9 => '('.mt_rand(0, 999).'.'.mt_rand(0, 99).' - '.mt_rand(0, 999).'.'.mt_rand(0, 99).')',
    };
}

function numbers()
{
    $separators = any(['', '', ", '.', ','", ", ',', '.'", ", ',', ' '", ", '.', ''", ", ',', \"\\u{202F}\"", ", '', ''", ", null, ' '"]);
    return match (mt_rand(0, 9)) {
        0, 1, 2 => 'number_format('.number().', '.any([0, 2, 2, 2, 1, 3, 4, 6, 10, -1, -2, -3]).$separators.')',
        3 => 'number_format('.number().')',
        4 => 'round('.number().', '.any([0, 1, 2, 2, 2, 3, 4, 8, -1, -2]).')',
        5 => 'round('.number().')',
        6 => "sprintf('".any(['%.2f', '%d', '%05.1f', '%08.3f', '%s', '%e', '%.1F', '%+d', '%10.2f|', '%-10s|', '%u'])."', ".number().')',
        7 => "'' . ".number(),
        8 => any(['floor', 'ceil', 'abs', 'intval', '(int) ', '(string) ', 'strval', 'json_encode']).'('.number().')',
        9 => number().any([' == ', ' < ', ' <=> ', ' === ', ' % ', ' . ', ' ** ']).number(),
    };
}

// === outcomes ===

// As php_dump prints.
function dump($v)
{
    if (is_string($v)) {
        $text = '';
        for ($at = 0; $at < strlen($v); $at += strlen($c)) {
            $c = $v[$at];
            for ($n = 2; $n <= 4; $n++) {
                $longer = substr($v, $at, $n);
                $c = strlen($c) === 1 && ord($c) > 127 && mb_check_encoding($longer, 'UTF-8') ? $longer : $c;
            }
            $text .= match (true) {
                $c === '"', $c === '\\' => '\\'.$c,
                $c === "\n" => '\\n', $c === "\r" => '\\r', $c === "\t" => '\\t', $c === "\0" => '\\0',
                strlen($c) === 1 && (ord($c) < 32 || ord($c) > 126) => sprintf('\\x%02x', ord($c)),
                default => $c,
            };
        }
        return '"'.$text.'"';
    }
    if (is_array($v)) {
        $parts = [];
        foreach ($v as $k => $x) {
            $parts[] = (array_is_list($v) ? '' : (is_int($k) ? "$k => " : dump($k).' => ')).dump($x);
        }
        return '['.implode(', ', $parts).']';
    }
    if (is_float($v)) {
        return var_export($v, true);
    }
    if (is_object($v)) {
        return 'stdClass {+p: "P"}';
    }
    return json_encode($v);
}

function outcome(string $code)
{
    $i = 1;
    $s = 'été';
    $n = null;
    $list = [10, 20, 30];
    $map = ['k' => 'v', 'list' => $list, 'none' => null];
    $o = new stdClass;
    $o->p = 'P';
    try {
        return ['ok', dump(eval("return $code;"))];
    } catch (ParseError $e) {
        return ['error', 'syntax'];
    } catch (Throwable $e) {
        return ['error', $e->getMessage()];
    }
}

[, $kind, $seed, $count] = $argv;
if (str_contains($kind, ':')) {
    [$kind, $vendor] = explode(':', $kind, 2);
    require $vendor.'/autoload.php';
}
mt_srand((int) $seed);
for ($i = 0; $i < (int) $count; $i++) {
    $code = match ($kind) {
        'operators' => operators(mt_rand(0, 3)),
        'numbers' => numbers(),
        'functions' => functions(),
        'laravel' => laravel(),
        'files' => files(),
    };
    [$how, $what] = outcome($code);
    echo bin2hex($code), "\t", $how, "\t", bin2hex($what), "\n";
}
