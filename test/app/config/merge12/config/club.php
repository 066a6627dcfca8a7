<?php
return ['fee' => 42.5, 'name' => config('app.name')];
