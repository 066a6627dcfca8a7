<?php return ['app' => ['name' => env('APP_NAME', 'no .env'), 'env' => 'staging']];
