<?php
namespace App\Jobs;
use Illuminate\Contracts\Queue\{ShouldQueue, ShouldBeUnique as Alone};
use A\B as C, D;
#[Tries(3)]
class Letter extends C implements ShouldQueue, Alone {
    use E, F { e as f; }
    public ?int $tries = 1 + 2, $x = 3; // it's
    var $y = "a'b\"";
    public function __construct(protected $tries = null, private array $z = [1, ';']) {}
    public function &handle(): void { if ($this->batch()?->cancelled()) { return; } /* ' */ }
    public function uniqueId() { return $this->a.'-'.$this->b; }
    const H = <<<X
 it's $tries
X;
}
