<?php
// addresses.php VENDOR JSON: each address (in hex) as Symfony writes it for a server, a line
// each, or "refused".
[, $vendor, $json] = $argv;
require "$vendor/autoload.php";
foreach (json_decode($json) as $hex) {
    try {
        echo (new Symfony\Component\Mime\Address(hex2bin($hex)))->getEncodedAddress(), "\n";
    } catch (LogicException $e) { // of both kinds that it throws
        echo "refused\n";
    }
}
