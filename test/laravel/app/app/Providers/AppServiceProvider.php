<?php

namespace App\Providers;

use Illuminate\Cache\RateLimiting\Limit;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\Log;
use Illuminate\Support\Facades\RateLimiter;
use Illuminate\Support\ServiceProvider;

class AppServiceProvider extends ServiceProvider
{
    private const LOCAL = ['local', 'development'];

    public function register(): void
    {
        $this->app->singleton('club.calendar', fn ($app) => $app->make('files'));
    }

    public function boot(): void
    {
        if ($this->app->hasDebugModeEnabled() && env('APP_TALKS')) {
            Log::debug('Booting', ['env' => $this->app->environment()]);
        }

        $this->catchMail();

        RateLimiter::for('api', fn (Request $request) => Limit::perMinute(60)->by($request->user()?->id ?: $request->ip()));
    }

    /**
     * While the club's people are real and so is the relay in .env, mail is caught.
     */
    private function catchMail(): void
    {
        $flag = $this->setting('MAIL_USE_MAILHOG');
        $on = $flag === null
            ? $this->app->environment(self::LOCAL)
            : filter_var($flag, FILTER_VALIDATE_BOOLEAN);

        if (! $on) {
            return;
        }

        config([
            'mail.default' => 'mailhog',
            'mail.mailers.mailhog.host' => $this->setting('MAIL_MAILHOG_HOST') ?? '127.0.0.1',
            'mail.mailers.mailhog.port' => (int) ($this->setting('MAIL_MAILHOG_PORT') ?? 1025),
        ]);
    }

    private function setting(string $name): ?string
    {
        $places = [getenv($name), $_SERVER[$name] ?? null, $_ENV[$name] ?? null, env($name)];

        foreach ($places as $value) {
            if ($value !== null && $value !== false && $value !== '') {
                return is_bool($value) ? ($value ? 'true' : 'false') : (string) $value;
            }
        }

        return null;
    }
}
