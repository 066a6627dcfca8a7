<?php

namespace App\Providers;

use App\Support\Redirects;
use Illuminate\Support\Facades\Config;
use Illuminate\Support\Facades\Log;

class FlowServiceProvider extends BaseProvider
{
    use Redirects;

    protected $port = 2525;

    public function register()
    {
        $this->app['config']->set('queue.default', 'letters');
        $this->app->booted(function ($app) {
            $app->config->set('mail.reply_to', ['address' => config('mail.mailers.smtp.host').'@example.org']);
        });
    }

    public function boot()
    {
        parent::boot();
        Config::set('services.name', $this->first([null, '', 'x', 'y']));
        try {
            Log::info('one');
            $this->sender();
        } catch (\Exception $e) {
            report($e);
        }
        foreach ([1, 2, 3, 4] as $n) {
            if ($n === 2) {
                continue;
            }
            if ($n === 4) {
                break;
            }
            config(["loop.n$n" => $n * 10]);
        }
        if (request()->isSecure()) {
            $maybe = 'a';
            config(['loop.maybe' => 1]);
        } else {
            $maybe = 'b';
        }
        config(['loop.after' => $maybe]);
        $this->app->setLocale('nl');
    }

    private function sender(): void
    {
        if (! config('mail.from.address')) {
            return;
        }
        config(['mail.from.address' => 'test+'.config('mail.from.address')]);
    }

    private function first(array $values)
    {
        foreach ($values as $value) {
            if (filled($value)) {
                return $value;
            }
        }
    }
}
