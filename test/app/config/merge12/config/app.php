<?php

return [
    'timezone' => 'Europe/Paris',
    'locale' => 'fr',
    'name' => env('APP_NAME', 'Club'),
];
