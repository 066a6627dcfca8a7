<?php

declare(strict_types=1);

namespace App\Models;

use Illuminate\Database\Eloquent\{Model, Builder};

#[\AllowDynamicProperties]
final class Club extends Model
{
    protected $casts = ['open' => 'bool'];

    public function scopeOpen(Builder $query): void
    {
        $query->where('open', "{$this->open}");
    }
}
