<?php

return [
    App\Providers\AppServiceProvider::class,
    App\Providers\HorizonServiceProvider::class,
    Spatie\Something\SomethingServiceProvider::class,
];
