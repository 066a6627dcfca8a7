<?php

return [
    'providers' => array_filter(require __DIR__.'/nowhere.php'),
];
