<?php return array (
  'app' => 
  array (
    'name' => 'L\'École \\ Club',
    'env' => 'production',
    'timezone' => 'Europe/Paris',
    'locale' => 'fr',
    'debug' => false,
    'rate' => 1.5,
    'nothing' => NULL,
  ),
  'database' => 
  array (
    'default' => 'mysql',
    'connections' => 
    array (
      'mysql' => 
      array (
        'driver' => 'mysql',
        'host' => 
        array (
          0 => 'db1',
          1 => 'db2',
        ),
        'unix_socket' => '/run/mysqld/mysqld.sock',
        'database' => 'club',
        'username' => 'club',
        'password' => '',
        'options' => 
        array (
          1009 => '/etc/ssl/ca.pem',
        ),
      ),
    ),
  ),
);
