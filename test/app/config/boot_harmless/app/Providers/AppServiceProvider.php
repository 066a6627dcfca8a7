<?php

declare(strict_types=1);

namespace App\Providers;

use App\Contracts\Invoices;
use App\Models\{Invoice, Lesson};
use App\Services\LocalInvoices;
use Illuminate\Cache\RateLimiting\Limit;
use Illuminate\Database\Eloquent\Model;
use Illuminate\Database\Eloquent\Relations\Relation;
use Illuminate\Http\Request;
use Illuminate\Http\Resources\Json\JsonResource;
use Illuminate\Pagination\Paginator;
use Illuminate\Support\Facades\{DB, Event, Gate, Log, RateLimiter, Schema, URL};
use Illuminate\Support\ServiceProvider;
use Illuminate\Support\Str;
use Illuminate\Validation\Rules\Password;

#[\SomeAttribute(['a' => 1])]
final class AppServiceProvider extends ServiceProvider
{
    public array $singletons = [Invoices::class => LocalInvoices::class];

    protected ?string $name = null, $other = 'x';

    /**
     * What is bound is the app's own.
     */
    public function register(): void
    {
        $this->app->bind(Invoices::class, function ($app) {
            return new LocalInvoices($app['config']['services.invoices'], $app->make('cache'));
        });
        $this->app->when(LocalInvoices::class)->needs('$path')->give(storage_path('invoices'));
        $this->app->singleton('mollie', static fn () => new \Mollie\Api\MollieApiClient());

        if ($this->app->environment('local')) {
            $this->app->register(\Laravel\Telescope\TelescopeServiceProvider::class);
        }
    }

    public function boot(Request $request): void
    {
        Schema::defaultStringLength(191);
        Paginator::useBootstrapFive();
        JsonResource::withoutWrapping();
        Model::preventLazyLoading(! $this->app->isProduction());
        Model::shouldBeStrict(false);
        Relation::morphMap(['lesson' => Lesson::class]);
        Lesson::observe(\App\Observers\LessonObserver::class);
        Str::macro('shout', fn (string $s) => strtoupper($s).'!');
        Password::defaults(fn () => Password::min(12)->mixedCase());

        if (config('app.force_https') || $request->isSecure()) {
            URL::forceScheme('https');
        }

        Gate::before(function ($user, $ability) {
            return $user instanceof \App\Models\Admin ? true : null;
        });
        DB::whenQueryingForLongerThan(500, function ($connection) {
            if ($connection->totalQueryDuration() > 900) {
                Log::warning('slow', ['ms' => $connection->totalQueryDuration()]);
            }
        });
        RateLimiter::for('api', function (Request $request) {
            return $request->user()
                ? Limit::perMinute(120)->by($request->user()->id)
                : Limit::perMinute(30)->by($request->ip());
        });
        Event::listen(\Illuminate\Auth\Events\Login::class, \App\Listeners\LogLogin::class);
        Invoice::creating(function (Invoice $invoice) {
            $invoice->number ??= Invoice::max('number') + 1;
        });

        config(['services.calendar.url' => request()->getHost(), 'cashier.currency' => 'eur']);

        foreach (['admin', 'teacher'] as $role) {
            Gate::define($role, fn ($user) => $user->hasRole($role));
        }

        try {
            $this->loadViewsFrom(resource_path('views/vendor'), 'vendor');
            $this->publishes([__DIR__.'/../../config/club.php' => config_path('club.php')]);
        } catch (\Throwable $e) {
            report($e);
        } finally {
            Log::debug("booted {$this->app->environment()}");
        }
    }
}
