<?php
return ['from' => ['name' => config('app.name') . ' mail']];
