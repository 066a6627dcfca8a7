<?php

namespace Symfony\Component\Clock;

use DateTimeImmutable;
use DateTimeZone;

/** The one clock of symfony/clock that the framework uses. */
final class NativeClock implements ClockInterface
{
    private DateTimeZone $zone;

    public function __construct(DateTimeZone|string|null $timezone = null)
    {
        $timezone ??= date_default_timezone_get();
        $this->zone = is_string($timezone) ? new DateTimeZone($timezone) : $timezone;
    }

    public function now(): DateTimeImmutable
    {
        return new DateTimeImmutable('now', $this->zone);
    }

    public function sleep(float|int $seconds): void
    {
        usleep((int) max(0, $seconds * 1_000_000));
    }

    public function withTimeZone(DateTimeZone|string $timezone): static
    {
        return new self($timezone);
    }
}
