<?php return ['timezone' => 'Europe/Nowhere'];
