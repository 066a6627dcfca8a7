<?php
// url.php VENDOR SEED COUNT: random configuration URLs, and what Laravel's
// ConfigurationUrlParser makes of them. A line: the URL in hex, a tab, then what it says
// as JSON, or nothing when it is refused.
[, $vendor, $seed, $count] = $argv;
require "$vendor/autoload.php";

mt_srand((int) $seed);
$pick = fn (array $list) => $list[mt_rand(0, count($list) - 1)];
$schemes = ['mysql', 'mysql2', 'mariadb', 'smtp', 'smtps', 'a+b-c.d', 'sqlite', 'file', 'my_sql', '', '1'];
$after = ['://', '://', '://', '://', ':', ':/', '', ':///', '//'];
$bits = ['a', 'root', 'p%40ss', '%2F', '%zz', '%-', '123', 'null', 'true', '1e3', '1.50', '"q"', '007', '-5',
    ':', '@', '/', '?', '#', '[', ']', '::1', '[::1]', 'db.example.org', ' ', '+', "\x01", "p\xc3\xa9", '&', '=', '.', '12345678901234567890'];
$queries = ['charset=utf8', 'options[1009]=/ca.pem', 'options[a][b]=1', 'x[]=1&x[]=2', 'a.b=1', 'a b=2', 'a[b=3', 'n=null',
    't=true', 'j={"a":[1,2.5]}', 'e=', 'e', '=v', '&&', 'p=%2B+x', 'x[ y]=1', 'f=1.0', ' s=1', 'x[a]y=1', 'x=1&x[k]=2', '07=1', '7=1', 'x[]]=2', "c=\x01",  'b=12345678901234567890', 'q="a\u00e9"'];

function random_url($pick, $schemes, $after, $bits, $queries): string
{
    $part = function (int $max) use ($pick, $bits) {
        for ($s = '', $n = mt_rand(0, $max); $n > 0; $n--) {
            $s .= $pick($bits);
        }
        return $s;
    };
    $url = $pick($schemes) . $pick($after);
    $url .= $pick([$part(2), 'user:' . $part(2) . '@host', $part(1) . '@host', $part(1) . ':' . $part(2) . '@' . $part(1), 'host']);
    $url .= $pick(['', '', ':3306', ':0', ':99999', ':', ':12a', ':123456', ':+7']);
    $url .= $pick(['', '/', '/db', '/' . $part(2)]);
    $url .= mt_rand(0, 1) ? '?' . $pick($queries) . '&' . $pick($queries) : '';
    return $url . (mt_rand(0, 9) ? '' : '#' . $part(2));
}

function parts(string $url): ?array
{
    try {
        $all = (new Illuminate\Support\ConfigurationUrlParser)->parseConfiguration(['url' => $url]);
    } catch (Throwable) {
        return null;
    }
    // The parts that facteur takes as text; the rest is the query.
    foreach (['driver', 'database', 'host', 'username', 'password'] as $key) {
        if (isset($all[$key]) && is_array($all[$key])) {
            return null;
        }
        if (isset($all[$key])) {
            $all[$key] = (string) $all[$key];
        }
    }
    // Port 0 is none.
    if (($all['port'] ?? 0) === 0) {
        unset($all['port']);
    }
    // An empty name is none (a path of one character that is no slash).
    if (($all['database'] ?? '') === '') {
        unset($all['database']);
    }
    return $all;
}

for ($n = 0; $n < $count; $n++) {
    $url = random_url($pick, $schemes, $after, $bits, $queries);
    $parts = parts($url);
    echo bin2hex($url), "\t", $parts === null ? '' : json_encode($parts, JSON_THROW_ON_ERROR), "\n";
}
