<?php

return [App\Providers\MailServiceProvider::class, App\Providers\Gone::class];
