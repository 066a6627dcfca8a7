<?php

return [
    'providers' => [
        App\Providers\AppServiceProvider::class,
        some_provider(),
    ],
];
