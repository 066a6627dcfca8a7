<?php
// payloads.php SEED N: rows of failed_jobs whose payloads are JSON objects of every shape,
// as SQL. What their command holds is a serialized object, or nothing.
mt_srand((int) $argv[1]);

function pick(array $from) { return $from[mt_rand(0, count($from) - 1)]; }

function number(): string
{
    return pick(['0', '-0', '1', '-1', '1.0', '-0.0', '0.1', '1e3', '1E+2', '1.5e-7', '9223372036854775807', '9223372036854775808',
        '-9223372036854775808', '12345678901234567890123', '0.30000000000000004', '1e15', '1e17', '1.0e25', '100000.0', '5e-324',
        (string) mt_rand(), mt_rand() . '.' . mt_rand(0, 999999), '1795612377.000001', '-1.5', '0.00001', '123456789012345680.0']);
}

function text(): string
{
    $out = '';
    for ($i = mt_rand(0, 6); $i > 0; $i--) {
        $out .= pick(['a', 'é', '/', '\\/', '\\\\', '\\"', '\\n', '\\u0000', '\\u00e9', '\\ud83d\\ude00', '😀', "\u{2028}", ' ', 'App\\\\Jobs\\\\X',
            '\\b', '\\f', '\\r', '\\t', '\\u001f', "\x7f", '<', '&', "'", '0', '12', '-5', "\u{10FFFF}", '\\u0041', 'Müller & Söhne']);
    }
    return '"' . $out . '"';
}

function value(int $depth): string
{
    return match (mt_rand(0, $depth > 0 ? 8 : 4)) {
        0, 1 => number(),
        2, 3 => text(),
        4 => pick(['true', 'false', 'null', '{}', '[]', '""', '[{}]', '{"0":1}', '{"0":1,"1":2}', '{"1":1,"0":2}', '{"a":1,"a":2}', '{"":1}']),
        5, 6 => '[' . implode(',', array_map(fn () => value($depth - 1), range(1, mt_rand(1, 4)))) . ']',
        default => '{' . implode(',', array_map(fn () => text() . ':' . value($depth - 1), range(1, mt_rand(1, 4)))) . '}',
    };
}

function command(): string
{
    return json_encode(pick([
        serialize((object) ['clubId' => mt_rand(), 'nom' => 'Écuries', 'x' => [1.5, null, true]]),
        serialize(new ArrayObject([1, 2])), serialize((object) []),
    ]), pick([0, JSON_UNESCAPED_UNICODE, JSON_UNESCAPED_SLASHES]));
}

for ($i = 1; $i <= (int) $argv[2]; $i++) {
    $members = ['"uuid":"p-' . $i . '"', '"job":"a@b"'];
    foreach (['displayName', 'maxTries', 'backoff', 'delay', 'timeout', 'retryUntil', 'createdAt', 'attempts', 'tags', 'pushedAt', 'illuminate:log:context'] as $name) {
        if (mt_rand(0, 2) === 0) {
            $members[] = '"' . $name . '":' . value(3);
        }
    }
    $members[] = '"data":' . pick([value(3), '{"commandName":"stdClass","command":' . command() . ',"batchId":null}', '{"command":null}', '[]']);
    $payload = '{' . implode(pick([',', ', ']), $members) . '}';
    if (json_decode($payload) === null || json_encode(json_decode($payload, true)) === false) {
        continue;
    }
    echo "insert into failed_jobs (uuid, connection, queue, payload, exception, failed_at) values ('p-$i', 'database', 'q", $i % 3, "', ",
        '_utf8mb4 x', "'", bin2hex($payload), "', 'E', '2026-01-02 03:04:05');\n";
}
