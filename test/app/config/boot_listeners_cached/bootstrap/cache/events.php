<?php return array (
  'Illuminate\\Foundation\\Support\\Providers\\EventServiceProvider' => 
  array (
    'Illuminate\\Auth\\Events\\Registered' => 
    array (
      0 => 'Illuminate\\Auth\\Listeners\\SendEmailVerificationNotification',
    ),
    'Illuminate\\Mail\\Events\\MessageSending' => 
    array (
      0 => 'App\\Listeners\\AddArchive@handle',
    ),
  ),
);
