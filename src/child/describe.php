<?php
// describe.php: what an app has become by its boot, where that is not what the framework makes of it. runner.php
// evaluates it when facteur asks; the process that answers runs no jobs afterwards.
//
// A row is {kind, name, by, file, line, model}: what kind of thing, its name, who does it, where that one's source
// is. What the framework itself does is left out, by the folder of its files. facteur judges the rows.
//
// Settings leave the process as hashes under a key that facteur has made, so that it can compare them: no secret
// is ever told.

namespace Facteur;

use Closure;
use Throwable;

final class Description
{
    private const EXTENSIONS = ['blade.php' => 'blade', 'php' => 'php', 'css' => 'file', 'html' => 'file'];
    private const FAILERS = ['database' => 'DatabaseFailedJobProvider', 'database-uuids' => 'DatabaseUuidFailedJobProvider',
        'dynamodb' => 'DynamoDbFailedJobProvider', 'file' => 'FileFailedJobProvider', 'null' => 'NullFailedJobProvider'];
    private const SERVICES = ['blade.compiler', 'cache', 'config', 'db', 'encrypter', 'events', 'files', 'log',
        'mail.manager', 'queue', 'queue.worker', 'translator', 'view', 'view.engine.resolver', 'view.finder'];

    private $app;
    private $asked;
    private $folders; // of the framework's files, and of Carbon's
    private $rows = [];

    public function __construct($app, array $asked)
    {
        $this->app = $app;
        $this->asked = $asked;
        foreach ([\Illuminate\Foundation\Application::class => 2, \Carbon\Carbon::class => 1] as $class => $up) {
            $this->folders[] = dirname((new \ReflectionClass($class))->getFileName(), $up).'/';
        }
    }

    public function rows(): array
    {
        foreach (['services', 'models', 'listeners', 'mail', 'blade', 'views', 'dates', 'bus', 'failures'] as $part) {
            try {
                $this->$part();
            } catch (Throwable $e) {
                $this->add('unasked', $part, get_class($e).': '.$e->getMessage(), [$e->getFile(), $e->getLine()]);
            }
        }

        return $this->rows;
    }

    /** The hash of each setting, by its path. */
    public function settings(): array
    {
        $hashes = [];
        $walk = function ($value, string $path) use (&$walk, &$hashes) {
            if (is_array($value) && $value) {
                foreach ($value as $key => $one) {
                    if (strpos((string) $key, '.') === false) { // else no path leads to it
                        $walk($one, "$path.$key");
                    }
                }
            } else {
                $hashes[$path] = hash_hmac('sha256', $this->text($value), $this->asked['key']);
            }
        };
        foreach ($this->asked['settings'] as $name) {
            $walk($this->app['config']->get($name), $name);
        }

        return $hashes;
    }

    /** A value with its type, as facteur writes it too. */
    private function text($value): string
    {
        if (is_object($value) || is_resource($value)) {
            return 'o:'.(is_object($value) ? get_class($value) : '');
        }

        return substr(gettype($value), 0, 1).':'.(is_array($value) ? '' : (is_string($value) ? $value : json_encode($value)));
    }

    // === rows ===

    private function add(string $kind, string $name, string $by = '', $place = null, string $model = ''): void
    {
        [$file, $line] = $place ?: [null, null];
        $this->rows[] = ['kind' => $kind, 'name' => $name, 'by' => substr($by, 0, 1000), 'file' => $file, 'line' => $line,
            'model' => $model];
    }

    /** A row for something that is called, unless the framework is who calls it. */
    private function addCalled(string $kind, string $name, $called, string $model = ''): void
    {
        [$by, $file, $line] = $this->who($called);
        if (! $this->isFrameworks($file)) {
            $this->add($kind, $name, $by, [$file, $line], $model);
        }
    }

    private function isFrameworks(?string $file): bool
    {
        return $file !== null && (bool) array_filter($this->folders, function ($folder) use ($file) {
            return strpos($file, $folder) === 0;
        });
    }

    /** Whose class it is, by its file. */
    private function isOwn($object): bool
    {
        return $this->isFrameworks((new \ReflectionClass($object))->getFileName() ?: null);
    }

    private static function read($object, string $class, string $property)
    {
        return inside($object, $class, function () use ($property) {
            return isset($this->$property) ? $this->$property : null;
        });
    }

    private static function readStatic(string $class, string $property)
    {
        if (! property_exists($class, $property)) {
            return null;
        }
        $p = new \ReflectionProperty($class, $property);
        if (PHP_VERSION_ID < 80100) {
            $p->setAccessible(true);
        }

        return $p->getValue();
    }

    /** Name, file and line of something that can be called. Laravel wraps some of it in closures of its own. */
    private function who($called): array
    {
        if ($called instanceof Closure) {
            $f = new \ReflectionFunction($called);
            $inner = $this->isFrameworks($f->getFileName() ?: null) ? $this->wrapped($f) : null;

            return $inner === null ? ['a closure', $f->getFileName() ?: null, $f->getStartLine() ?: null] : $this->who($inner);
        }
        if (is_string($called) && strpos($called, '@') !== false) {
            $called = explode('@', $called, 2);
        }
        if (is_array($called) && isset($called[0], $called[1])) {
            return $this->whoMethod($called[0], (string) $called[1]);
        }
        if (is_string($called) && function_exists($called)) {
            $f = new \ReflectionFunction($called);

            return [$called, $f->getFileName() ?: null, $f->getStartLine() ?: null];
        }

        return $this->whoMethod($called, is_object($called) ? '__invoke' : 'handle');
    }

    private function whoMethod($of, string $method): array
    {
        $name = is_object($of) ? get_class($of) : (string) $of;
        if (! is_object($of) && ! class_exists($name)) {
            return [$name, null, null];
        }
        $r = method_exists($of, $method) ? new \ReflectionMethod($of, $method) : new \ReflectionClass($of);

        return [$name, $r->getFileName() ?: null, $r->getStartLine() ?: null];
    }

    /** What a closure of the framework's stands for; null: for itself. */
    private function wrapped(\ReflectionFunction $f)
    {
        $vars = $f->getStaticVariables();
        $this_ = $f->getClosureThis();
        if ($this_ instanceof \Illuminate\Events\QueuedClosure) {
            return $this_->closure;
        }
        foreach (['listener', 'callback', 'class'] as $name) {
            if (isset($vars[$name])) {
                return $name === 'class' && is_string($vars[$name]) && strpos($vars[$name], '@') === false
                    ? [$vars[$name], 'compose'] : $vars[$name];
            }
        }

        return null;
    }

    // === the parts ===

    /** What the container holds under the names that letters use. */
    private function services(): void
    {
        foreach (self::SERVICES as $name) {
            if ($name === 'encrypter' && ! $this->app['config']['app.key']) {
                continue; // an app without a key has none
            }
            $service = $this->app[$name];
            if (! $this->isOwn($service)) {
                $class = new \ReflectionClass($service);
                $this->add('service', $name, $class->getName(), [$class->getFileName(), $class->getStartLine()]);
            }
        }
        foreach (self::read($this->app, \Illuminate\Container\Container::class, 'extenders') ?: [] as $name => $closures) {
            foreach (in_array($name, self::SERVICES, true) ? $closures : [] as $closure) {
                $this->addCalled('service', $name, $closure);
            }
        }
        $this->failer();
        if ($this->app->bound('dompdf.wrapper')) {
            $bound = $this->app->getBindings()['dompdf.wrapper']['concrete'] ?? null;
            [$by, $file, $line] = $bound ? $this->who($bound) : ['an instance', null, null];
            if (strpos((string) $file, '/vendor/') === false) {
                $this->add('service', 'dompdf.wrapper', $by, [$file, $line]);
            }
        }
        if (realpath($this->app->storagePath()) !== realpath($this->asked['storage'])) {
            $this->add('path', 'storage', $this->app->storagePath());
        }
        if (date_default_timezone_get() !== $this->app['config']['app.timezone']) {
            $this->add('zone', date_default_timezone_get());
        }
    }

    /** Who keeps failed jobs is to be who the configuration says. */
    private function failer(): void
    {
        $config = $this->app['config']['queue.failed'] ?: [];
        $driver = array_key_exists('driver', $config) && $config['driver'] === null ? 'null' : ($config['driver'] ?? null);
        $driver = $driver ?: (isset($config['table']) ? 'database' : 'null');
        $class = get_class($this->app['queue.failer']);
        if ($class !== 'Illuminate\\Queue\\Failed\\'.(self::FAILERS[$driver] ?? self::FAILERS['null'])) {
            $this->add('service', 'queue.failer', $class, array_slice($this->whoMethod($class, 'log'), 1));
        }
    }

    private function listeners(): void
    {
        $events = $this->app['events'];
        foreach (['listeners', 'wildcards'] as $which) {
            foreach (self::read($events, \Illuminate\Events\Dispatcher::class, $which) ?: [] as $event => $listeners) {
                foreach ($listeners as $listener) {
                    if (! $this->isRunners($listener)) {
                        $model = preg_match('/^eloquent\.\w+: (.+)$/', $event, $m) ? $m[1] : '';
                        $this->addCalled('listener', $event, $listener, $model);
                    }
                }
            }
        }
        foreach (self::readStatic(\Illuminate\Queue\Queue::class, 'createPayloadCallbacks') ?: [] as $callback) {
            $this->addCalled('payload', 'Queue::createPayloadUsing', $callback);
        }
    }

    /** A listener of runner.php. */
    private function isRunners($listener): bool
    {
        if (! $listener instanceof Closure) {
            return false;
        }
        $f = new \ReflectionFunction($listener);
        $inner = $this->isFrameworks($f->getFileName() ?: null) ? $this->wrapped($f) : null;
        $scope = ($inner instanceof Closure ? new \ReflectionFunction($inner) : $f)->getClosureScopeClass();

        return $scope !== null && $scope->getName() === Child::class;
    }

    /** A model's events and scopes exist once there was one of it. */
    private function models(): void
    {
        foreach ($this->asked['models'] as $class) {
            if (! class_exists($class) || ! is_subclass_of($class, \Illuminate\Database\Eloquent\Model::class)) {
                continue;
            }
            $model = new $class;
            $place = [(new \ReflectionClass($class))->getFileName(), null];
            foreach ($model->getGlobalScopes() as $name => $scope) {
                $this->addCalled('scope', (string) $name, is_object($scope) && ! $scope instanceof Closure
                    ? [$scope, 'apply'] : $scope, $class);
            }
            if (self::read($model, \Illuminate\Database\Eloquent\Model::class, 'dispatchesEvents')) {
                $this->add('dispatches', $class, '', $place, $class);
            }
            foreach ([$model->newQuery(), $model->newQuery()->getQuery()] as $builder) {
                if (! $this->isOwn($builder)) {
                    $this->add('builder', get_class($builder), $class, $place, $class);
                }
            }
        }
    }

    private function mail(): void
    {
        $manager = $this->app['mail.manager'];
        $manager->mailer();
        $creators = self::read($manager, \Illuminate\Mail\MailManager::class, 'customCreators') ?: [];
        $used = array_column($this->app['config']['mail.mailers'] ?: [], 'transport');
        foreach ($creators as $name => $creator) {
            if (in_array($name, $used, true)) {
                $this->addCalled('transport', $name, $creator);
            }
        }
        foreach (self::read($manager, \Illuminate\Mail\MailManager::class, 'mailers') ?: [] as $name => $mailer) {
            $this->mailer((string) $name, $mailer);
        }
        if ($callback = self::readStatic(\Illuminate\Mail\Mailable::class, 'viewDataCallback')) {
            $this->addCalled('data', 'Mailable::buildViewDataUsing', $callback);
        }
    }

    private function mailer(string $name, $mailer): void
    {
        if (! $this->isOwn($mailer)) {
            $class = new \ReflectionClass($mailer);
            $this->add('service', "mailer $name", $class->getName(), [$class->getFileName(), $class->getStartLine()]);

            return;
        }
        $config = $this->app['config'];
        $own = $config["mail.mailers.$name"] ?: [];
        foreach (['from' => 'from', 'replyTo' => 'reply_to', 'to' => 'to', 'returnPath' => 'return_path'] as $property => $key) {
            $wanted = array_key_exists($key, $own) ? $own[$key] : $config["mail.$key"];
            $wanted = is_array($wanted) && isset($wanted['address']) ? [$wanted['address'], $wanted['name'] ?? null] : null;
            $has = self::read($mailer, \Illuminate\Mail\Mailer::class, $property);
            $has = $has ? [$has['address'], $has['name'] ?? null] : null;
            if ($has !== $wanted) {
                $this->add('always', 'Mail::always'.ucfirst($property), $name);
            }
        }
        $transport = method_exists($mailer, 'getSymfonyTransport') ? $mailer->getSymfonyTransport()
            : $mailer->getSwiftMailer()->getTransport();
        if (! preg_match('/^(Illuminate\\\\|Symfony\\\\|Swift_)/', get_class($transport))) {
            $this->add('transport', $name, get_class($transport), array_slice($this->whoMethod($transport, '__construct'), 1));
        }
    }

    private function blade(): void
    {
        $blade = $this->app['blade.compiler'];
        $class = \Illuminate\View\Compilers\BladeCompiler::class;
        foreach ($blade->getCustomDirectives() as $name => $directive) {
            $this->tag('directive', $name, '/(?<!@)@'.preg_quote($name, '/').'(?!\w)/', $directive);
        }
        foreach ($blade->getClassComponentAliases() as $alias => $component) {
            $this->tag('component', $alias, '/<x-'.preg_quote($alias, '/').'(?![\w.:-])/', [$component, 'render']);
        }
        foreach (['extensions', 'precompilers', 'prepareStringsForCompilationUsing', 'echoHandlers'] as $list) {
            foreach (self::read($blade, $class, $list) ?: [] as $called) {
                $this->addCalled('compiler', $list, $called);
            }
        }
        if (self::read($blade, $class, 'echoFormat') !== 'e(%s)') {
            $this->add('compiler', 'echoFormat');
        }
    }

    /** What a view may name matters where a view of the app does. */
    private function tag(string $kind, string $name, string $pattern, $called): void
    {
        foreach ($this->sources() as $source) {
            if (preg_match($pattern, $source)) {
                $this->addCalled($kind, $name, $called);

                return;
            }
        }
    }

    /** The views in the folders that the app's letters are looked up in. */
    private function sources(): array
    {
        static $sources;
        if ($sources === null) {
            $sources = [];
            foreach (array_filter($this->app['view.finder']->getPaths(), 'is_dir') as $folder) {
                foreach (new \RecursiveIteratorIterator(new \RecursiveDirectoryIterator($folder, \FilesystemIterator::SKIP_DOTS
                    | \FilesystemIterator::FOLLOW_SYMLINKS)) as $file) {
                    if (substr($file->getFilename(), -4) === '.php') {
                        $sources[] = (string) file_get_contents($file->getPathname());
                    }
                }
            }
        }

        return $sources;
    }

    private function views(): void
    {
        $view = $this->app['view'];
        foreach ($view->getShared() as $name => $value) {
            if (! in_array($name, ['__env', 'app'], true)) {
                $this->add('shared', (string) $name);
            }
        }
        $paths = array_map('realpath', $this->app['config']['view.paths'] ?: []);
        if (array_map('realpath', $this->app['view.finder']->getPaths()) !== $paths) {
            $this->add('path', 'view.paths', implode(', ', $this->app['view.finder']->getPaths()));
        }
        foreach (array_diff_assoc($view->getExtensions(), self::EXTENSIONS) as $extension => $engine) {
            $this->add('engine', $extension, $engine);
        }
        $resolvers = self::read($this->app['view.engine.resolver'], \Illuminate\View\Engines\EngineResolver::class, 'resolvers');
        foreach ($resolvers ?: [] as $engine => $resolver) {
            if (in_array($engine, self::EXTENSIONS, true)) {
                $this->addCalled('engine', $engine, $resolver);
            }
        }
    }

    private function dates(): void
    {
        if (\Illuminate\Support\Carbon::hasTestNow()) {
            $this->add('clock', 'Carbon::setTestNow');
        }
        $same = function (string $locale): string {
            return strtolower(strtok(str_replace('-', '_', $locale), '.'));
        };
        if ($same(\Illuminate\Support\Carbon::getLocale()) !== $same($this->app->getLocale())) {
            $this->add('clock', 'Carbon::setLocale', \Illuminate\Support\Carbon::getLocale());
        }
        foreach (['dateClass', 'callable', 'factory'] as $property) {
            if (self::readStatic(\Illuminate\Support\DateFactory::class, $property)) {
                $this->add('clock', 'Date::use');
            }
        }
    }

    /** What jobs are sent through before they are handled. */
    private function bus(): void
    {
        $bus = $this->app[\Illuminate\Contracts\Bus\Dispatcher::class];
        if (! $this->isOwn($bus)) {
            $this->add('service', 'bus', get_class($bus), array_slice($this->whoMethod($bus, 'dispatchNow'), 1));

            return;
        }
        foreach (self::read($bus, \Illuminate\Bus\Dispatcher::class, 'pipes') ?: [] as $pipe) {
            $this->addCalled('bus', 'Bus::pipeThrough', $pipe);
        }
        foreach (self::read($bus, \Illuminate\Bus\Dispatcher::class, 'handlers') ?: [] as $job => $handler) {
            if (in_array($job, $this->asked['jobs'], true)) {
                $this->addCalled('bus', 'Bus::map', $handler);
            }
        }
    }

    /** Who is told of an exception. A callback without a statement, as Laravel's own skeleton has it, does nothing. */
    private function failures(): void
    {
        $handler = $this->app[\Illuminate\Contracts\Debug\ExceptionHandler::class];
        $base = \Illuminate\Foundation\Exceptions\Handler::class;
        if (! $handler instanceof $base || ! $this->isFrameworks((new \ReflectionMethod($handler, 'report'))->getFileName() ?: null)) {
            $this->addCalled('handler', 'report', [$handler, 'report']);
        }
        if (! $handler instanceof $base) {
            return;
        }
        foreach (self::read($handler, $base, 'reportCallbacks') ?: [] as $reportable) {
            $callback = self::read($reportable, get_class($reportable), 'callback');
            if (! $this->isEmpty($callback)) {
                $this->addCalled('handler', 'report', $callback);
            }
        }
        if (self::read($handler, $base, 'dontReport')) {
            $this->add('handler', 'dontReport', get_class($handler));
        }
    }

    private function isEmpty($callback): bool
    {
        if (! $callback instanceof Closure) {
            return false;
        }
        $f = new \ReflectionFunction($callback);
        $lines = array_slice((array) @file((string) $f->getFileName()), $f->getStartLine() - 1,
            $f->getEndLine() - $f->getStartLine() + 1);
        $code = '';
        foreach (token_get_all('<?php '.implode('', $lines)) as $token) {
            $code .= is_array($token) ? (in_array($token[0], [T_WHITESPACE, T_COMMENT], true) ? '' : $token[1]) : $token;
        }

        return substr_count($code, '{') === 1 && strpos($code, '{}') !== false;
    }
}
