#!/bin/bash
# hardened.sh: what the release binary promises to the loader: it may stand anywhere, and
# what is resolved at the start cannot be written afterwards.
. test/lib/servers.sh
B=build/release/facteur
equals "it is position independent" "$(readelf -h $B | awk '/Type:/ { print $2 }')" DYN
check "its relocations are read-only once they are made" grep -q GNU_RELRO <<<"$(readelf -lW $B)"
check "and all are made at the start" grep -qE 'BIND_NOW|NOW' <<<"$(readelf -dW $B)"
check "its stack cannot be run" grep -qE 'GNU_STACK.* RW +0x' <<<"$(readelf -lW $B)"
check "nothing in it is both written and run" awk '/LOAD/ && / RWE / { bad = 1 } END { exit bad }' <<<"$(readelf -lW $B)"
check "functions guard their stacks" grep -q __stack_chk_fail <<<"$(readelf --dyn-syms -W $B)"
exit "$((TAP_FAILED > 0))"
