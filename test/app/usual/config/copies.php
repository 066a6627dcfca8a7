<?php

// Arrays are values: whoever holds one does not see what is assigned to another.
$a[] = 1;
$b = $a;
$a[] = 2;
$c = fn () => $a;
$a[] = 3;
foreach ($a as $x) { $a[] = $x * 10; }
$d['k'][] = 1;
$e = $d['k'];
$d['k'][] = 2;
$d['z'] = $d;
$d['k'] = 9;
$f = [$a];
$a['x'] = count($a);
$g = function () use ($b) { $b[] = 'in'; $h = $b; $b[] = 'in2'; return [$b, $h]; };
$i = $g();
$b[] = 'out';
$j[($k = $b) ? 0 : 1] = 5;
$l = [1];
$l[] = 2;
$l[($m = $l) ? 0 : 1] = 5;
foreach (range(1, 3000) as $n) {
    $many[] = $n;
}
return [$k, $l, $m, array_sum($many), $a, $b, $c(), $d, $e, $f, $i, $g()];
