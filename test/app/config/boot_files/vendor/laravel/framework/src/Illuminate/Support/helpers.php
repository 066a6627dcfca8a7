<?php

if (! function_exists("e")) {
    function e($value) {}
}
