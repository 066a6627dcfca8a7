<?php

// config_by_php.php APP MERGE [CACHE]: the configuration of an app as real Laravel loads
// it, as JSON: {"file": {…}}. MERGE "no" leaves the framework's own defaults out. With
// CACHE it is also written there, as artisan config:cache does. Closures are shown as {}.
namespace Laravel\Sanctum {
    // The skeleton of Laravel 10 asks this class of a package; here are its words.
    class Sanctum
    {
        public static function currentApplicationUrlWithPort()
        {
            $url = config('app.url');
            $port = $url ? parse_url($url, PHP_URL_PORT) : null;

            return $url ? ','.parse_url($url, PHP_URL_HOST).($port ? ':'.$port : '') : '';
        }
    }
}

namespace {
    error_reporting(E_ALL & ~E_DEPRECATED);
    require 'build/laravel/vendor/autoload.php';
    spl_autoload_register(function ($class) use ($argv) {
        $file = $argv[1].'/app/'.strtr(substr($class, 4), '\\', '/').'.php';
        str_starts_with($class, 'App\\') && is_file($file) && require $file;
    }, true, true);
    $app = new Illuminate\Foundation\Application(realpath($argv[1]));
    $argv[2] === 'no' && $app->dontMergeFrameworkConfiguration();
    (new Illuminate\Foundation\Bootstrap\LoadEnvironmentVariables)->bootstrap($app);
    (new Illuminate\Foundation\Bootstrap\LoadConfiguration)->bootstrap($app);
    $all = $app['config']->all();
    if (isset($argv[3])) {
        file_put_contents($argv[3], '<?php return '.var_export($all, true).';'.PHP_EOL);
    }
    echo json_encode($all, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR), "\n";
}
