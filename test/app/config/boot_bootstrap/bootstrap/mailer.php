<?php

namespace Illuminate\Mail;

class Mailer
{
    public function send($view, array $data = [], $callback = null)
    {
        return null;
    }
}
