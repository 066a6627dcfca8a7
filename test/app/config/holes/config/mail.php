<?php

$x = 1;
foreach ([1] as $y) { }
