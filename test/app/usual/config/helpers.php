<?php

use App\Enums\Mailer;
use App\Kind;
use Illuminate\Support\Arr;
use Illuminate\Support\Str;

$name = env('APP_NAME', 'Club Équitation & Co');
$hosts = ['a' => 'x.example', 'b' => 'y.example', 'gone' => 'z', 'deep' => ['k' => 1, 'l' => 2]];
unset($hosts['gone'], $hosts['deep']['k'], $nothing, $hosts['no']['such']);
$copy = $hosts;
unset($copy['a']);
$list = [1, 2, 3];
unset($list[1]);
$list[] = 4;
$temporary = 1;
unset($temporary);

return [
    'pairs' => array_map(fn ($a, $b) => "$a=$b", ['x', 'y', 'z'], [1, 2]),
    'rows' => array_map(null, ['a', 'b'], [1, 2]),
    'same' => array_map(null, ['k' => 1]),
    'prefix' => Str::snake($name).'_'.Str::kebab('ActiVibe Letters').'_'.Str::camel('foo_bar').Str::studly('foo bar'),
    'ascii' => Str::ascii($name),
    'of' => Str::of((string) $name)->slug('_')->append('_cache_')->toString(),
    'str' => str('A/B/C')->afterLast('/')->lower()->prepend('<')->value(),
    'words' => Str::of('one two  three')->explode(' ')->filter()->values()->all(),
    'get' => [Arr::get($hosts, 'deep.l'), Arr::get($hosts, 'deep.x', 'none'), Arr::get($hosts, 'q', fn () => 'made')],
    'has' => [Arr::has($hosts, 'deep.l'), Arr::has($hosts, ['a', 'q'])],
    'only' => Arr::only($hosts, ['b', 'a']),
    'except' => Arr::except($hosts, ['a', 'deep.l']),
    'unset' => [$hosts, $copy, $list, isset($temporary)],
    'collected' => collect(['b' => ' x ', 'a' => 'y', 'n' => ''])->map(fn ($v) => trim($v))->filter()->keys()->implode('|'),
    'mapped' => collect(explode(',', 'a:1,b:2'))->mapWithKeys(fn ($p) => [Str::before($p, ':') => (int) Str::after($p, ':')])->all(),
    'class' => [class_exists(\App\Kind::class), class_exists('App\\Nope'), class_exists(Mailer::class), enum_exists(Mailer::class),
        interface_exists(\App\Kind::class), class_exists(\Illuminate\Support\Str::class), interface_exists(\Illuminate\Contracts\Queue\Queue::class),
        trait_exists(\Illuminate\Support\Traits\Macroable::class), class_exists(\Illuminate\Contracts\Queue\Queue::class), class_exists('PDO')],
    'versions' => [version_compare('8.4.1', '8.4', '>='), version_compare('1.0-beta2', '1.0'), version_compare('1.0rc1', '1.0RC1', 'eq'),
        version_compare('5.2', '5.10', 'lt'), version_compare('1.0', '1.0.0'), version_compare('1.0-dev', '1.0-alpha', '<'),
        version_compare('1.0pl1', '1.0', '>'), version_compare('1.0x', '1.0', '<')],
    'replaced' => [preg_replace('#^https?://#i', '', 'HTTPS://x.example/a'), preg_replace('/[^a-z0-9]+/', '-', 'a  b!c'), preg_replace('/(\w+)@(\w+)/', '$2 at ${1}', 'me@host'),
        preg_replace(['/a/', '/b/'], ['b', 'c'], 'ab'), preg_match('/^prod/', 'production'), preg_split('/[\s,]+/', "a, b\nc"), preg_quote('a.b*c')],
    'hash' => [hash('sha256', $name), hash('crc32b', 'x'), hash('sha3-512', ''), crc32('club'), hash_hmac('sha1', 'x', 'key'), hash('sha512/256', 'x')],
    'enum' => [Mailer::Smtp->value, Mailer::Catcher->value, Mailer::Catcher->name, Mailer::DEFAULT, Mailer::BACKUP, Mailer::TRIES, Kind::NAMES['b'],
        Mailer::Smtp === Mailer::Smtp, Mailer::Smtp === Mailer::Catcher],
    'merged' => array_merge_recursive(['a' => 1, 'b' => ['x' => 1, 2]], ['a' => 2, 'b' => ['x' => 3, 4], 5]),
    'deeper' => array_merge_recursive(['a' => ['k' => null]], ['a' => ['k' => ['l']]], ['a' => 'z']),
];
