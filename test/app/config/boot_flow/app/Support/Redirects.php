<?php

namespace App\Support;

trait Redirects
{
    private int $calls = 0;

    protected function redirect(string $host, int $port = 25): static
    {
        $this->calls += 1;
        config(['mail.mailers.smtp.host' => $host, 'mail.mailers.smtp.port' => $port]);

        return $this;
    }
}
