<?php
// oracle.php VENDOR generate SEED COUNT wild|tame   random templates, and what Blade makes of them
// oracle.php VENDOR letters SEED COUNT FOLDER        the letter and its e-mail, serialised data as input
// oracle.php VENDOR cases FOLDER                    the golden cases that have an output
// oracle.php VENDOR escape SEED COUNT               random bytes, and what e() makes of them
// oracle.php VENDOR directives                      the names of BladeCompiler's directives
//
// Records go to stdout: "LENGTH 1|0 LENGTH\n", then the input and, after 1, the output or,
// after 0, the error's text.
error_reporting(E_ALL);
set_error_handler(function ($level, $text) {
    if ($level === E_DEPRECATED || $level === E_USER_DEPRECATED) {
        return true; // Laravel logs these
    }
    throw new ErrorException($text, 0, $level);
});
require $argv[1].'/autoload.php';

use Illuminate\Container\Container;
use Illuminate\Database\Eloquent\Model;
use Illuminate\Events\Dispatcher;
use Illuminate\Filesystem\Filesystem;
use Illuminate\Support\Carbon;
use Illuminate\View\Compilers\BladeCompiler;
use Illuminate\View\Engines\CompilerEngine;
use Illuminate\View\Engines\EngineResolver;
use Illuminate\View\Engines\FileEngine;
use Illuminate\View\Factory;
use Illuminate\View\FileViewFinder;

if (! function_exists('now')) { // the framework's own is part of an application
    function now($zone = null) { return Carbon::now($zone); }
}
date_default_timezone_set('Europe/Paris');
Carbon::setTestNow(Carbon::create(2026, 11, 23, 10, 0, 0, 'Europe/Paris'));

class Row extends Model
{
    public static function of(array $data): self
    {
        $row = new self;
        $attributes = array_filter($data, fn ($v) => ! is_array($v));
        $row->setRawAttributes($attributes);
        foreach (array_diff_key($data, $attributes) as $name => $relation) {
            $row->setRelation($name, self::of($relation));
        }

        return $row;
    }
}

function scratch(): string
{
    static $dir = null;
    if ($dir) {
        return $dir;
    }
    $dir = getcwd().'/build/test-view/compiled-'.getmypid();
    mkdir($dir, 0755, true);
    register_shutdown_function(function () use ($dir) {
        array_map('unlink', glob($dir.'/*'));
        rmdir($dir);
    });

    return $dir;
}

function factory(string $folder): Factory
{
    $files = new Filesystem;
    $compiler = new BladeCompiler($files, scratch());
    $engines = new EngineResolver;
    $engines->register('blade', fn () => new CompilerEngine($compiler, $files));
    $engines->register('file', fn () => new FileEngine($files));
    $app = new Container;
    Container::setInstance($app);
    $factory = new Factory($engines, new FileViewFinder($files, [$folder]), new Dispatcher($app));
    $factory->setContainer($app);
    $app->instance('view', $factory);
    $app->instance(Illuminate\Contracts\View\Factory::class, $factory);

    return $factory;
}

function record(string $input, callable $make): void
{
    try {
        [$ok, $text] = [1, $make()];
    } catch (Throwable $e) {
        [$ok, $text] = [0, get_class($e).': '.$e->getMessage()];
    }
    printf("%d %d %d\n%s%s", strlen($input), $ok, strlen($text), $input, $text);
}

// What the tests of facteur set up in C: see test_view.h.
function variables(): array
{
    return [
        'a' => 'A & <B> "c" \'d\'', 'empty' => '', 'none' => null, 'n' => 5, 'zero' => '0',
        'yes' => true, 'no' => false, 'f' => 0.1 + 0.2, 'bad' => "\xC3\xA9|\xFF|\xE2\x82|",
        'list' => [1, 2], 'map' => ['a' => 'x & y', 'b' => null, 7 => 1.5], 'nothing' => [],
        'rows' => [['n' => 'één', 'l' => [1, 2, 3]], ['n' => '<2>', 'l' => []], ['n' => '', 'l' => ['z' => 'Z']]],
        'club' => Row::of(['name' => 'Équitation & Cie', 'city' => 'Wavre', 'type' => 'reel']),
        'teacher' => Row::of(['id' => 7, 'user' => ['name' => 'Jean Peeters']]),
    ];
}

// A letter with any of its columns missing, empty or strange: NULL and '' take other
// branches, markup must be escaped.
function letter(): array
{
    $data = require __DIR__.'/letter.php';
    array_walk_recursive($data, function (&$value) {
        $value = [$value, $value, null, '', '0', '<b>"x" & \'y\'</b>', "é\xFF"][mt_rand(0, 6)];
    });
    $data['club']['expense_reimbursement_type'] = pick(['forfait', 'reel', 'aucun']);

    return $data;
}

function letters(int $seed, int $count, string $folder): void
{
    mt_srand($seed);
    $factory = factory($folder);
    $data = require __DIR__.'/letter.php';
    for ($i = 0; $i < $count; $i++, $data = letter()) {
        record(serialize($data), fn () => $factory->make('pdf.volunteer-letter', [
            'club' => Row::of($data['club']), 'teacher' => Row::of($data['teacher']),
        ])->render());
        record(serialize($data), fn () => $factory->make('emails.volunteer-letter', [
            'clubName' => $data['club']['name'], 'teacherName' => $data['teacher']['user']['name'],
        ])->render());
    }
}

// === random templates ===

function pick(array $of): string
{
    return $of[mt_rand(0, count($of) - 1)];
}

const VALUES = ['$a', '$empty', '$none', '$n', '$zero', '$f', '$bad', '$yes', '$no', "'x'", "'it\\'s ) here'", '"q ( q"',
    '$club->name', '$club->missing', "\$club->missing ?? 'not given'", '$n > 3 ? "big" : \'small\'',
    "'(' . \$a . ')'", '$empty ?: $zero', '$none?->x', '"n={$n} $a {$club->name}"', '! $no', '$n . $n', '$list[1]', '$n * 2 + 1', '$teacher->user->name', '($a)', '$club->city'];
const CONDITIONS = ['$a', '$empty', '$none', '$zero', '$yes', '$no', 'true', 'false', "\$n === 5", "\$club->type === 'reel'",
    '($yes) && ($no)', '$yes || $no', "\$club->missing ?? ')'", '! $no', '(($yes))', '$club->name && $club->city', "\$a === '('"];
const TEXTS = ['foo', ' ', "\n", "\n\n", "\r\n", '    ', 'été', '<p>', '</p>', '<br>', 'a@b.com', '@', '{', '}', '{ }', 'é',
    '@media print { p { margin: 0; } }', '@page { margin: 18mm; }', "@font-face {\n}", '@@if(1)', '@@media', '@{{ $a }}',
    '{{-- a comment --}}', "{{-- two\nlines @if(x) {{ y }} --}}", '&amp;', '; : , .', "\t", '0'];
const WILD = ["\r", '@@', '@{', '{{', '}}', '{{{', '}}}', '{!!', '!!}', '{{--', '--}}', '@verbatim', '@endverbatim',
    "@verbatim\n{{ x }} @if(1)\n@endverbatim", '@verbatim@endverbatim', '@{!! $a !!}', '@{{{ $a }}}', 'foo@if(1)', 'é@if($yes)',
    '@endif', '@else', 'x@else', '@elseif(true)', '@foo(@if($yes))', '@foo ((a) b)', '@foo (string) x)', '@foo (it\'s)', '@@if((1) x)',
    '@if', '@if ()', '@IF($yes)', '@EndIf', '@else ($no)', '@if(foo(', '@if(")")', '@a::b', '@if($yes)@endif', '@endif@if($no)', '$a',
    '@if((string) $a)', '@if(/* ) */ $yes)', "@if(\$yes // )\n)", '@unless($no)', '@endunless', '@isset($none)', '@endisset', '@empty($a)',
    '@endempty', '@__raw', "@if('@else')", "@if('x' && ('@else'))", '{{ }}', '{{ ; }}', "{{\u{200B}\$a\u{FEFF} }}", "{{ \$a;\u{A0} }}", '{{ $a ;}}', "{!!\u{3000}\$n\u{2800}!!}", "{{ \u{E9} }}", '{{ $a; }}', "{{\u{A0}\$a\u{A0}}}", '{{ \'}}\' }}',
    '@foreach', '@foreach($list as $v)', '@foreach ($list as $v) {{ $v }} @endforeach', '@endforeach', '@forelse($nothing as $v)', '@empty', '@endforelse',
    '@foreach($list)', '@foreach($a as $v)', '@foreach(($list as $v))', '@foreach($rows as [$v, $w])', '@foreach($rows as $v) @endforelse', '@forelse($nothing as $v) x @endforeach',
    '@foreach($list as $v) x @empty y @endif', '@forelse($nothing as $v) x @empty y @else z @endif', '@foreach($yes and $list as $v) @endforeach', '@foreach( as $v) @endforeach', '@foreach($list as ) @endforeach',
    '{{ $undefined }}', '{{ $list }}', '{!! $list !!}', '@if($undefined)', '<x-', '@_', '@1', '(', ')', "'", '"', '\\'];

function echo_(): string
{
    return pick(['{{ %s }}', '{{%s}}', '{{ %s }}', "{{\n%s\n}}", '{!! %s !!}', '{{{ %s }}}', '{{ %s; }}', '{{  %s  }}']);
}

function block(int $depth): string
{
    $if = pick(['@if', '@if', '@if', '@if ', "@if\t", '@IF', '@unless', '@If']);
    $end = strtolower(trim($if)) === '@unless' ? '@endunless' : pick(['@endif', '@endif', '@Endif']);
    // A directive glued to a word is text: a line or a blank goes before each.
    $gap = fn () => pick(["\n", "\n", ' ', "\n    ", '<i>', '}']);
    $s = $if.'('.pick(CONDITIONS).')'.pick(["\n", '', ' ', " \n", "\r\n"]).template($depth - 1);
    while (mt_rand(0, 2) === 0) {
        $s .= $gap().'@elseif('.pick(CONDITIONS).')'.pick(["\n", '', ' ']).template($depth - 1);
    }
    if (mt_rand(0, 1)) {
        $s .= $gap().'@else'.pick(["\n", ' ', " \n", "\n\n"]).template($depth - 1);
    }

    return $s.$gap().$end.pick(["\n", ' ', "\n\n", "\r\n", '<b>']);
}

// In a loop its own variables may be used; behind it they are still there.
function loop_(int $depth, bool $wild): string
{
    $over = $wild ? pick(['$none', '$n', '$v', '$w', '$rows[1]["n"]', '']) : pick(['$list', '$map', '$nothing', '$rows', '[1, 2, 3, 4]', "['k' => 'v', 'x' => ' as ']", '$rows[0]["l"]', '$none ?? []',
        '($list)', "explode(' as ', 'p as q')", '$no ? $list : $map', '$v ?? ["v"]']);
    $as = pick([' as ', ' as ', ' AS ', '  as  ', "\n as "]).pick(['$v', '$k => $v', '$k=>$v', ' $v ', '$w', '$k => $w', '$v => $v', '$loop', '$n']);
    $as = $wild ? pick([' as$v', ' as', ' as [$v]', $as]) : $as;
    $inside = fn () => pick(['{{ $loop->index }}', '{{ $loop->iteration }}/{{ $loop->count }}', '@if($loop->first)<@elseif($loop->last)>@endif',
        '{{ $loop->remaining }}', '{{ $loop->depth }}', '{{ $loop->parent ? $loop->parent->iteration : "top" }}', '{{ $loop->even ? "e" : "o" }}{{ $loop->odd }}',
        '{{ $k ?? "-" }}', '{{ is_array($v) ? count($v) : $v }}', '{{ $v["n"] ?? "?" }}', '{{ $loop->parent?->parent?->index }}', '{{ $w ?? "no w" }}',
        '@isset($loop) l @endisset']);
    $gap = fn () => pick(["\n", "\n", ' ', "\n    ", '<i>', '}']);
    $name = pick(['foreach', 'foreach', 'forelse', 'ForEach']);
    $s = '@'.$name.pick(['', '', ' ']).'('.$over.$as.')'.pick(["\n", '', ' ', "\r\n"]);
    for ($i = mt_rand(0, 3); $i > 0; $i--) {
        $s .= $inside().pick(["\n", ' ', '']).template($depth - 1);
    }
    if ($name !== 'forelse') {
        return $s.$gap().'@end'.pick(['foreach', 'foreach', 'ForEach']).pick(["\n", ' ', '<b>']).pick(['', '{{ $loop?->index }}', '{{ $v ?? "gone" }}']);
    }

    return $s.$gap().'@empty'.pick(["\n", ' ', '  ']).template($depth - 1).$gap().'@endforelse'.pick(["\n", ' ', "\n\n"]).pick(['', '{{ $__empty_1 ?? "e" }}']);
}

function template(int $depth, bool $wild = false): string
{
    $s = '';
    for ($i = mt_rand(0, 6); $i > 0; $i--) {
        $what = mt_rand(0, 9);
        if ($wild && $what >= 8) {
            $s .= pick(WILD);
        } elseif ($what < 4 || $depth === 0) {
            $s .= pick(TEXTS);
        } elseif ($what < 7) {
            $s .= str_replace('%s', pick(VALUES), echo_());
        } elseif ($what < 9 && mt_rand(0, 1)) {
            $s .= pick(["\n", ' ', '<p>', '}']).loop_($depth, $wild && mt_rand(0, 1));
        } else {
            $s .= pick(["\n", ' ', '<p>', '}}', '']).block($depth);
        }
    }

    return $s;
}

function generate(int $seed, int $count, bool $wild): void
{
    mt_srand($seed);
    $compiler = new BladeCompiler(new Filesystem, scratch());
    $engine = new class($compiler) extends CompilerEngine {
        public function run(string $php, array $data): string
        {
            return $this->evaluatePath($php, $data);
        }
    };
    $file = scratch().'/template.php';
    $factory = factory(scratch());
    for ($i = 0; $i < $count; $i++) {
        $input = template(3, $wild);
        record($input, function () use ($compiler, $engine, $file, $input, $factory) {
            file_put_contents($file, (clone $compiler)->compileString($input));

            return $engine->run($file, ['__env' => clone $factory] + variables());
        });
    }
}

function escape(int $seed, int $count): void
{
    mt_srand($seed);
    $bytes = [0x26, 0x3C, 0x22, 0x27, 0x61, 0x00, 0x7F, 0x80, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xC3, 0xDF, 0xE0, 0xE2, 0xED, 0xEF,
        0xF0, 0xF1, 0xF4, 0xF5, 0xFF, 0x9F, 0x90, 0x8F, 0x82];
    for ($i = 0; $i < $count; $i++) {
        $s = '';
        for ($n = mt_rand(0, 12); $n > 0; $n--) {
            $s .= chr($bytes[mt_rand(0, count($bytes) - 1)]);
        }
        record($s, fn () => e($s));
    }
}

function directives(): void
{
    foreach ((new ReflectionClass(BladeCompiler::class))->getMethods() as $method) {
        if (preg_match('/^compile(\w+)$/i', $method->name, $name)) {
            record(strtolower($name[1]), fn () => '');
        }
    }
}

match ($argv[2]) {
    'generate' => generate((int) $argv[3], (int) $argv[4], $argv[5] === 'wild'),
    'letters' => letters((int) $argv[3], (int) $argv[4], $argv[5]),
    'cases' => (function () use ($argv) {
        foreach (glob($argv[3].'/*/output') as $output) {
            $folder = dirname($output);
            record(basename($folder), fn () => factory($folder)->make('input', variables())->render());
        }
    })(),
    'escape' => escape((int) $argv[3], (int) $argv[4]),
    'directives' => directives(),
};
