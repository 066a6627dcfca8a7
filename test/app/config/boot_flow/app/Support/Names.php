<?php

namespace App\Support;

class Names
{
    public const BASE = 'catcher';

    public function __construct(private string $suffix = '.test')
    {
        $this->full = self::BASE.$suffix;
    }

    public static function of(string $env): string
    {
        return match ($env) {
            'production' => 'relay',
            default => (new self('.'.$env))->full,
        };
    }
}
