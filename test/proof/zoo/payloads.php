<?php
// Jobs whose payload is not the usual one.

namespace App\Zoo;

use Illuminate\Contracts\Queue\ShouldBeEncrypted;

class Secret extends Animal implements ShouldBeEncrypted
{
    public function __construct(public string $secret) {}

    public function handle()
    {
        noted("secret $this->secret", ['readable' => str_contains($this->job->getRawBody(), $this->secret)]);
    }
}

class OfModel extends Animal
{
    public $tries = 3;

    public function __construct(public \App\Models\User $user) {}

    public function handle() { noted('of user '.$this->user->id); }
}

class OfModelOrNone extends OfModel
{
    public $deleteWhenMissingModels = true;
}

class OfModels extends Animal
{
    public function __construct(public $users) {}

    public function handle() { noted('of users', ['ids' => $this->users->modelKeys(), 'as' => get_class($this->users)]); }
}

/** A job without a class of its own: Queue::push('Class@method', data). */
class Old
{
    public function fire($job, $data)
    {
        noted('old', ['data' => $data, 'as' => $job instanceof \Illuminate\Queue\Jobs\DatabaseJob]);
        if (($data['then'] ?? '') === 'delete') {
            $job->delete();
        }
    }

    public function other($job, $data)
    {
        noted('old, the other way');
        $job->release(3);
    }

    public function fails($job, $data) { throw new \DomainException('old'); }

    public function failed($data, $e) { noted('failed() of the old', ['data' => $data, 'because' => $e->getMessage()]); }
}
