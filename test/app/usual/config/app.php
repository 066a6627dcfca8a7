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
    'nested' => value(function () {
        foreach ([1, 2, 3] as $n) {
            $squares[] = $n ** 2;
        }

        return $squares;
    }),
];
