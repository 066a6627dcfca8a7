<?php

declare(strict_types=1);

namespace App\Enums;

// enum Mailer { case Wrong = 'a comment'; }
enum Mailer: string implements \JsonSerializable
{
    const DEFAULT = 'smtp', BACKUP = 'backup';
    public const TRIES = 2 * 3;

    case Smtp = 'smtp';
    case Catcher = 'mail'.'hog';

    public function label(): string
    {
        return match ($this) {
            self::Smtp => 'case Wrong',
            default => 'other',
        };
    }

    public function jsonSerialize(): string
    {
        return $this->value;
    }
}
