<?php

namespace App\Providers;

use App\Models\Club;
use Blade;
use Illuminate\Support\Facades\Mail;
use Illuminate\Support\Facades\Queue;
use Illuminate\Support\Facades\View;
use Illuminate\Support\ServiceProvider;

class MailServiceProvider extends ServiceProvider
{
    public $bindings = ['mailer' => \App\Mailer::class];

    public function boot(\Illuminate\Contracts\Mail\Mailer $mailer)
    {
        Mail::alwaysTo('staging@example.org');
        View::composer('pdf.*', \App\View\Composers\Footer::class);
        Blade::directive('money', fn ($x) => "<?php echo $x; ?>");
        Queue::looping(fn () => null);
        Club::observe(\App\Observers\ClubObserver::class);
        $mailer->alwaysFrom('other@example.org');
        if (\App\Models\Setting::get('mail')) {
            config(['mail.mailers.smtp.host' => 'other']);
        }
        config(['app.timezone' => 'Europe/Brussels']);
        config($this->settings());
        array_map(function ($key) { Mail::purge($key); }, unknown_list());
        $this->mergeConfigFrom(base_path('mail.php'), 'mail');
        switch ($this->app->environment()) {
            case 'local': Mail::alwaysTo('x@example.org');
        }
        \Illuminate\Database\Eloquent\Model::shouldBeStrict();
        $undefined->call();
        $_ENV['MAIL_MAILER'] = 'log';
        \Illuminate\Support\Facades\Cache::remember('mail', 60, fn () => Mail::purge());
        Mail::alwaysReplyTo(address: 'a@example.org');
    }

    private function settings()
    {
        return json_file('settings.json');
    }
}
