<?php

namespace App\Jobs;

use App\Models\Club;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Queue\Queueable;

/** Carries a model, and text that names the letter's class without being a letter. */
class GenerateInvoiceJob implements ShouldQueue
{
    use LeavesMark, Queueable;

    public $tries = 5;

    public $backoff = [1, 5, 10];

    public string $after = SendVolunteerLetterJob::class;

    public function __construct(public Club $club, private float $amount) {}

    public function handle(): void
    {
        $this->leaveMark("{$this->club->name}: ".number_format($this->amount, 2, ',', ' ').' €');
    }
}
