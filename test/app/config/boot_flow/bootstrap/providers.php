<?php

return [App\Providers\FlowServiceProvider::class];
