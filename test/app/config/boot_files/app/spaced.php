<?php

namespace App;

function now() {}
