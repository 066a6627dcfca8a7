#!/bin/bash
# A part of the proof: scenarios under real artisan and under facteur (make proof: all).
# shellcheck source=test/lib/servers.sh
. test/lib/servers.sh
# shellcheck source=test/lib/app.sh
. test/lib/app.sh
laravel_or_skip
FACTEUR=$FACTEUR exec test/proof/run --part --tap
