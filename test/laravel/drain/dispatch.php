<?php
// dispatch.php COUNT: puts so many jobs of every kind on the queue of the app in the current folder, in turn; a batch of
// them, and chains of three.

use App\Drain;
use App\Models\Teacher;
use Illuminate\Support\Facades\Bus;
use Illuminate\Support\Facades\Mail;

require 'vendor/autoload.php';
$app = require 'bootstrap/app.php';
$app->make(Illuminate\Contracts\Console\Kernel::class)->bootstrap();
class_exists(Drain\Provider::class); // the rest of its file with it

$count = (int) $argv[1];
$teachers = Teacher::with('user')->orderBy('id')->get();
$members = [];
for ($i = 1; $i <= $count; $i++) {
    $teacher = $teachers[$i % count($teachers)];
    Drain\Reminder::dispatch($i);
    App\Jobs\SendVolunteerLetterJob::dispatch(1, $teacher->id);
    Drain\Invoice::dispatch($i);
    $teacher->user->notify(new Drain\Note($i));
    Mail::to('someone@example.test')->queue(new Drain\Letter($i));
    dispatch(function () use ($i) {
        Drain\did('Closure', $i);
    });
    event(new Drain\Ordered($i));
    Drain\Secret::dispatch($i);
    Drain\Booking::dispatch($i);
    Drain\Unique::dispatch($i);
    Drain\Unique::dispatch($i); // of which there may be only one
    Drain\Flaky::dispatch($i);
    if ($i % 5 === 0) {
        Drain\Doomed::dispatch($i);
        Drain\Later::dispatch($i);
        Bus::chain([new Drain\Link("$i.1"), new Drain\Link("$i.2"), new Drain\Link("$i.3")])->dispatch();
    }
    $members[] = new Drain\Member($i);
}
Bus::batch($members)->then(static function () {
    Drain\did('Then', 1);
})->finally(static function () {
    Drain\did('Finally', 1);
})->name('drain')->dispatch();
