<?php
// The jobs of the proof as the app's own Laravel writes them: one JSON line for each, its
// name and its row. php seed.php APP
require "$argv[1]/vendor/autoload.php";
$app = require "$argv[1]/bootstrap/app.php";
$app->make(Illuminate\Contracts\Console\Kernel::class)->bootstrap();

use App\Jobs\GenerateInvoiceJob;
use App\Jobs\SendLessonReminderJob;
use App\Jobs\SendVolunteerLetterJob as Letter;
use Illuminate\Support\Facades\DB;

$jobs = [
    'letter' => fn () => Letter::dispatch(1, 1, 101),
    'quotes' => fn () => Letter::dispatch(2, 7),
    'bare' => fn () => Letter::dispatch(3, 3),
    'strings' => fn () => Letter::dispatch('1', '2', '101'),
    'deleted' => fn () => Letter::dispatch(1, 4, 101),
    'missing' => fn () => Letter::dispatch(999, 1, 101),
    'no address' => fn () => Letter::dispatch(1, 6, 101),
    'refused' => fn () => Letter::dispatch(1, 5, 101),
    'delayed' => fn () => Letter::dispatch(1, 5, 101)->delay(30),
    'queued' => fn () => Letter::dispatch(1, 2, 101)->onQueue('emails'),
    'chained' => fn () => Letter::withChain([new Letter(1, 2), new Letter(1, 3)])->dispatch(1, 1),
    'chained refused' => fn () => Letter::withChain([new Letter(1, 2)])->dispatch(1, 5),
    'chained to php' => fn () => Letter::withChain([new SendLessonReminderJob(1)])->dispatch(1, 1),
    'reminder' => fn () => SendLessonReminderJob::dispatch(1),
    'invoice' => fn () => GenerateInvoiceJob::dispatch(App\Models\Club::find(1), 42.31),
];
DB::table('jobs')->delete();
// The class could implement ShouldBeEncrypted; its commands would look like this.
$encrypted = function (string $key) {
    $encrypter = new Illuminate\Encryption\Encrypter($key, 'AES-256-CBC');
    Letter::dispatch(1, 2, 101);
    $payload = json_decode(DB::table('jobs')->value('payload'), true);
    $payload['data']['command'] = $encrypter->encrypt($payload['data']['command']);
    DB::table('jobs')->update(['payload' => json_encode($payload)]);
};
$key = base64_decode(substr(config('app.key'), 7));
$jobs['encrypted'] = fn () => $encrypted($key);
$jobs['foreign key'] = fn () => $encrypted(strrev($key));
foreach ($jobs as $name => $dispatch) {
    $dispatch(); // what is pending is dispatched when it is destroyed
    $row = (array) DB::table('jobs')->sole();
    DB::table('jobs')->delete();
    echo json_encode(['name' => $name, 'queue' => $row['queue'], 'payload' => $row['payload'],
        'delay' => $row['available_at'] - $row['created_at']]), "\n";
}
