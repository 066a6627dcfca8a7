<?php

if (! function_exists('e')) {
    function e($value, $double = true)
    {
        return strtoupper($value);
    }
}

function motto(): string
{
    $now = fn () => 'function now()';

    return $_ENV['MOTTO'] == 'x' ? putenv('X=1') : 'motto';
}

function now($tz = null) {}

$_ENV['MAIL_MAILER'] = 'log';
putenv('MAIL_MAILER=log');
