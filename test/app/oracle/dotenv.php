<?php
// dotenv.php VENDOR SEED COUNT: random .env files, and what the real phpdotenv and
// Laravel's env() make of them. A line: the file in hex, a tab, JSON {name: [text, env()]}
// or null when the file is refused.
[, $vendor, $seed, $count] = $argv;
require "$vendor/autoload.php";

use Dotenv\Loader\Loader;
use Dotenv\Parser\Parser;
use Dotenv\Repository\Adapter\ArrayAdapter;
use Dotenv\Repository\RepositoryBuilder;
use Dotenv\Util\Str;
use Illuminate\Support\Env;

mt_srand((int) $seed);
$pick = fn (array $list) => $list[mt_rand(0, count($list) - 1)];
$names = ['A', 'B', 'OUTSIDE', 'EMPTY', 'a.b', '_1', 'é', 'Ω2', '"A"', "'B'", 'export A',
    "export\t\"B\"", 'A-B', '', ' A ', 'ª', 'ǅ', '日', "\xff", 'A"', "\u{0301}"];
$bits = ['x', 'true', '(NULL)', 'Empty', ' ', "\t", "\f", '"', "'", '\\', '\\n', '\\"', '\\$', '#',
    ' #', '$', '${A}', '${B', '}', '${OUTSIDE}', '${NONE}', '${é}', '${A${B}}', '=', '="', 'é', "\xff",
    "\xe2\x82", "\0", "\u{a0}", '\\t', '\\q', "\n", "\r\n", "\r", '1'];
$wraps = [['', ''], ['', ''], ['"', '"'], ["'", "'"], ['"', '" # c'], ['\'"', '"\''], ['"\'', '\'"']];

function random_file($pick, $names, $bits, $wraps): string
{
    $out = mt_rand(0, 30) == 0 ? "\xef\xbb\xbf" : '';
    for ($i = mt_rand(1, 4); $i > 0; $i--) {
        [$open, $close] = $pick($wraps);
        $value = '';
        for ($j = mt_rand(0, 4); $j > 0; $j--) {
            $value .= mt_rand(0, 2) ? $pick(['x', 'true', 'null', '${A}', '1', 'b', '(false)']) : $pick($bits);
        }
        $name = mt_rand(0, 3) ? $pick(['A', 'B', 'OUTSIDE']) : $pick($names);
        $equals = mt_rand(0, 15) ? $pick(['=', ' = ', '= ']) : '';
        $out .= $equals === '' && mt_rand(0, 1) ? $name : $name . $equals . $open . $value . $close;
        $out .= $pick(["\n", "\n", "\r\n", "\r", "\n# c=\"\n", "\n\n"]);
    }
    return $out;
}

function result(string $file)
{
    $adapter = ArrayAdapter::create()->get();
    $adapter->write('OUTSIDE', 'real');
    $adapter->write('EMPTY', '');
    $repository = RepositoryBuilder::createWithNoAdapters()->addAdapter($adapter)->immutable()->make();
    try {
        $set = (new Loader)->load($repository, (new Parser)->parse(Str::utf8($file)->success()->get()));
    } catch (Dotenv\Exception\InvalidFileException) {
        return null;
    }
    (new ReflectionProperty(Env::class, 'repository'))->setValue(null, $repository);
    $out = [];
    foreach (array_keys($set + ['A' => 1, 'B' => 1, 'OUTSIDE' => 1, 'EMPTY' => 1]) as $name) {
        $out[$name] = [$repository->get((string) $name), Env::get((string) $name)];
    }
    return (object) $out;
}

for ($n = 0; $n < $count; $n++) {
    $file = random_file($pick, $names, $bits, $wraps);
    echo bin2hex($file), "\t", json_encode(result($file), JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR), "\n";
}
