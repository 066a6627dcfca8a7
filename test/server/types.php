<?php
// types.php PORT USER PASSWORD DATABASE: says the types and values that test_db.c expects
// of the table `kinds`, which that test leaves, with real prepared statements, as Laravel
// asks for them. Ends with 1 when PDO sees it otherwise.
[, $port, $user, $password, $database] = $argv;
$pdo = new PDO("mysql:host=127.0.0.1;port=$port;dbname=$database;charset=utf8mb4", $user, $password,
    [PDO::ATTR_EMULATE_PREPARES => false, PDO::ATTR_STRINGIFY_FETCHES => false]);
$statement = $pdo->prepare('select * from kinds');
$statement->execute();
$got = $statement->fetch(PDO::FETCH_ASSOC);
$want = ['t' => 1, 'b' => PHP_INT_MIN, 'u' => '18446744073709551615', 'd' => '42.30', 'f' => 0.1, 'g' => 0.1,
    'y' => '2025', 'day' => '2025-11-25', 'at' => '2025-11-25 14:05:09.120', 'c' => 'é', 'e' => 'b', 'j' => '[1]',
    'x' => "\0\xff", 'n' => null, 'z' => '00042', 'bits' => 517,
    'fat' => 1234570.0, 'huge' => 1e100, 'span' => '-838:59:59.000'];
foreach ($want as $name => $value) {
    if ($got[$name] !== $value) {
        echo $name, ': ';
        var_dump($got[$name]);
        exit(1);
    }
}
