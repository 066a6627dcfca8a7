#!/bin/sh
# table.sh OBJECT: prints the main() that runs every test_* function of the object.
set -eu
names=$(nm "$1" | awk '$2 == "T" && $3 ~ /^test_/ { print $3 }')
[ -n "$names" ] || { echo "table.sh: no test_* function in $1" >&2; exit 1; }
printf '#include "test.h"\n'
for n in $names; do printf 'void %s(void **state);\n' "$n"; done
printf 'int main(int argc, char **argv)\n{\n    const struct CMUnitTest tests[] = {\n'
for n in $names; do printf '        cmocka_unit_test(%s),\n' "$n"; done
printf '    };\n    if (argc > 1)\n        cmocka_set_test_filter(argv[1]);\n'
printf '    cmocka_set_message_output(CM_OUTPUT_TAP);\n'
printf '    return cmocka_run_group_tests(tests, NULL, NULL);\n}\n'
