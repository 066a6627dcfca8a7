<?php

use Illuminate\Support\Facades\Facade;
use Illuminate\Support\ServiceProvider;

return [
    'name' => env('APP_NAME', 'Club'),
    'env' => env('APP_ENV', 'production'),
    'timezone' => env('TZ_NAME', 'Europe/Brussels'),
    'locale' => 'nl',
    'host' => parse_url(env('APP_URL', 'https://club.example:8443/x'), PHP_URL_HOST),
    'previous_keys' => [...array_filter(explode(',', env('APP_PREVIOUS_KEYS', '')))],
    'providers' => ServiceProvider::defaultProviders()->merge(['App\Providers\X'])->replace([
        Illuminate\Mail\MailServiceProvider::class => App\Providers\Mail::class,
    ])->toArray(),
    'aliases' => Facade::defaultAliases()->merge(['Club' => App\Club::class])->toArray(),
    'features' => [
        'a' => filter_var(env('FEATURE_A', 'yes'), FILTER_VALIDATE_BOOLEAN),
        'b' => filter_var(env('FEATURE_B', 'maybe'), FILTER_VALIDATE_BOOL, FILTER_NULL_ON_FAILURE),
        'n' => filter_var(env('FEATURE_N', ' 12 '), FILTER_VALIDATE_INT),
        'json' => json_decode((string) env('FEATURE_JSON', '{"a": [1, {"b": null}]}'), true),
        'bytes' => base64_decode('w6ljdXJpZQ=='),
        'digest' => md5((string) env('APP_NAME')).sha1('x'),
        'machine' => gethostname(),
    ],
    'deep' => array_replace_recursive(
        ['a' => ['b' => 1, 'c' => ['d' => 2]], 'e' => [1, 2, 3]],
        ['a' => ['c' => ['f' => 3]], 'e' => [9]],
    ),
    'wrapped' => [Illuminate\Support\Arr::wrap('x'), Illuminate\Support\Arr::wrap(null)],
    'nullsafe' => env('NOTHING_AT_ALL_'.'X')?->property,
    'lazy' => env('NOTHING_ELSE', fn () => 'from a closure'),
    'short' => env('EMPTY_ONE') ?: 'short',
    'cast' => [(bool) env('B1', 'x'), (int) env('I1', '12abc'), (string) env('S1', 5), (float) '1.5'],
    'nested' => value(function () {
        foreach ([1, 2, 3] as $n) {
            $squares[] = $n ** 2;
        }

        return $squares;
    }),
];
