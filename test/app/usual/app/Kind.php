<?php

namespace App;

use App\Enums\Mailer;

interface NotIt {}

final class Kind
{
    protected const HIDDEN = 1;
    const NAMES = ['a' => 'x', 'b' => ['y']];
    const OTHER = Mailer::Smtp;
}
