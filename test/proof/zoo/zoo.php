<?php
// zoo.php: jobs of every kind that an app may have, for the scenarios of test/proof/php.py. The app of the proof
// requires it from bootstrap/app.php and registers its provider; test/proof/zoo/dispatch.php dispatches them.

namespace App\Zoo;

use Illuminate\Bus\Batchable;
use Illuminate\Bus\Queueable;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Bus\Dispatchable;
use Illuminate\Queue\InteractsWithQueue;
use Illuminate\Queue\SerializesModels;
use Illuminate\Support\Facades\DB;

/** Something happened: a line of storage/zoo.log, which the proof compares. */
function noted(string $what, array $more = []): void
{
    file_put_contents(storage_path('zoo.log'), json_encode(['what' => $what] + $more,
        JSON_PARTIAL_OUTPUT_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE)."\n", FILE_APPEND);
}

/** The committed rows, as another session sees them: [waiting, reserved, failed]. */
function rows(): array
{
    $other = DB::connection('other');

    return [$other->table('jobs')->whereNull('reserved_at')->count(), $other->table('jobs')->whereNotNull('reserved_at')->count(),
        $other->table('failed_jobs')->count()];
}

function locks(): int
{
    return DB::connection('other')->table('cache_locks')->count();
}

/** What most jobs are made of. */
abstract class Animal implements ShouldQueue
{
    use Batchable, Dispatchable, InteractsWithQueue, Queueable, SerializesModels;

    public function failed($e)
    {
        noted('failed() of '.class_basename($this), ['because' => $e ? get_class($e).': '.substr($e->getMessage(), 0, 80) : null]);
    }
}

foreach (['Provider', 'endings', 'deaths', 'transactions', 'locks', 'middleware', 'batches', 'messages', 'payloads', 'newer'] as $part) {
    require_once __DIR__."/$part.php";
}
