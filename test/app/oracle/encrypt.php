<?php
// encrypt.php VENDOR SEED COUNT: texts that the real Encrypter wrote, whole and damaged,
// and what it reads of them. A line, tabs between: cipher, keys (by commas, "base64:…"),
// the text in hex, "+" and the plain text in hex or "-" and the exception's message.
[, $vendor, $seed, $count] = $argv;
require "$vendor/autoload.php";

use Illuminate\Encryption\Encrypter;

mt_srand((int) $seed);
$pick = fn (array $list) => $list[mt_rand(0, count($list) - 1)];
$ciphers = ['AES-256-CBC' => 32, 'aes-128-cbc' => 16, 'AES-128-GCM' => 16, 'Aes-256-Gcm' => 32];
$bytes = fn (int $n) => implode('', array_map(fn () => chr(mt_rand(0, 255)), range(1, $n)));

/** Damages one part of an envelope, or its shape. */
function damage(array $v, callable $pick, callable $bytes): mixed
{
    $key = $pick(['iv', 'value', 'mac', 'tag']);
    $at = mt_rand(0, max(0, strlen($v[$key]) - 1));
    switch (mt_rand(0, 11)) {
        case 0: unset($v[$key]); break;
        case 1: $v[$key] = $pick([null, 7, true, [], ['x'], '', '0', 'A', '====']); break;
        case 2: $v[$key] = substr($v[$key], 0, $at); break;
        case 3: $v[$key] .= $pick(['=', '==', ' ', "\n", '!', 'A', 'AAAA', "\0", 'é']); break;
        case 4: $v[$key] = substr_replace($v[$key], $pick(['A', '!', ' ', '=', '-', "\t"]), $at, mt_rand(0, 1)); break;
        case 5: $v[$key] = strtoupper($v[$key]); break;
        case 6: $v['tag'] = base64_encode($bytes(mt_rand(1, 20))); break;
        case 7: $v['iv'] = base64_encode($bytes($pick([1, 12, 15, 16, 17]))); break;
        case 8: $v = $pick([[], [$v], 'x', null, 5]); break;
        case 9: $v['more'] = [1, ['é' => 2.5]]; break;
        case 10: $v = array_reverse($v); break;
        case 11: return $v;
    }
    return $v;
}

for ($i = 0; $i < $count; $i++) {
    $cipher = $pick(array_keys($ciphers));
    $keys = array_map(fn () => $bytes($ciphers[$cipher]), range(1, mt_rand(1, 3)));
    $plain = mt_rand(0, 9) ? serialize($bytes(mt_rand(1, 60))) : '';
    $writer = new Encrypter(mt_rand(0, 9) ? $pick($keys) : $bytes($ciphers[$cipher]), $cipher);
    $text = $writer->encryptString($plain);
    if (mt_rand(0, 3)) {
        $damaged = damage(json_decode(base64_decode($text), true), $pick, $bytes);
        $text = base64_encode(json_encode($damaged, $pick([0, JSON_UNESCAPED_SLASHES, JSON_PRETTY_PRINT])));
        if (mt_rand(0, 9) === 0) {
            $text = $pick([substr($text, 0, -5), "$text!", " $text", "=$text", strrev($text), '', $bytes(30)]);
        }
    }
    $reader = (new Encrypter($keys[0], $cipher))->previousKeys(array_slice($keys, 1));
    try {
        $result = '+'.bin2hex($reader->decryptString($text));
    } catch (Throwable $e) {
        $result = '-'.$e->getMessage();
    }
    echo implode("\t", [$cipher,
        implode(',', array_map(fn ($k) => 'base64:'.base64_encode($k), $keys)),
        bin2hex($text), $result]), "\n";
}
