<?php

namespace Barryvdh\DomPDF\Facade;

use Barryvdh\DomPDF\Document;

/** Stands for the facade of barryvdh/laravel-dompdf: every call begins a new document. */
final class Pdf
{
    public static function __callStatic(string $method, array $arguments): mixed
    {
        return (new Document)->{$method}(...$arguments);
    }
}
