<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

class Club extends Model
{
    protected $guarded = [];

    protected $casts = [
        'facilities' => 'array',
        'disciplines' => 'array',
        'subscription_price' => 'decimal:2',
        'is_active' => 'boolean',
    ];
}
