#!/bin/bash
# structure.sh: the files of a module do not stand in circles, each using what the other defines.
. test/lib/servers.sh
trap cleanup EXIT
tmpdir
symbols=$PWD/test/tools/symbols

# What the tool must see: two files in a circle, one beside them, and an export without use.
mkdir -p "$TMP/small/src/m" "$TMP/small/build/m"
cd "$TMP/small" || exit 1
# Below a hook or `git rebase --exec` these name the repository around, which must stay as it is.
# shellcheck disable=SC2046
unset $(git rev-parse --local-env-vars)
git init -q .
echo 'int two(void); int one(void); int one(void) { return two(); }' >src/m/one.c
echo 'int one(void); int two(void); int two(void) { return one(); }' >src/m/two.c
echo 'int one(void); int three(void); int three(void) { return one(); }' >src/m/three.c
for f in one two three; do gcc -c -o build/m/$f.o src/m/$f.c || exit 1; done
equals "two files that use each other are a circle" "$($symbols build circles)" \
    "m: one two"$'\n'"    one -> two: two"$'\n'"    two -> one: one"
equals "what no other file uses is told" "$($symbols build unused)" "src/m/three.c: three"
echo 'int two(void); int two(void) { return 2; }' >src/m/two.c
gcc -c -o build/m/two.o src/m/two.c
equals "one way is no circle" "$($symbols build circles)" ""
cd "$OLDPWD" || exit 1

# How many files of a module may stand in circles: a language's rules call each other, layout
# measures what it lays out, and configuration is evaluated by what it configures. No other
# module has any.
declare -A may=([app]=7 [pdf]=6 [php]=35)
found=$($symbols build/release circles) || not_ok "the object files are read"
for module in src/*/; do
    module=$(basename "$module")
    n=$(sed -n "s/^$module: //p" <<<"$found" | wc -w)
    if [ "$n" -gt "${may[$module]:-0}" ]; then
        not_ok "$module: $n files in circles, not ${may[$module]:-0}" \
            "$(sed -n "/^[^ ]/h; x; /^$module:/{x; p; b}; x" <<<"$found")"
    else
        ok "$module: $n files in circles"
        [ "$n" -eq "${may[$module]:-0}" ] || note "$module: only $n files in circles: set may to that"
    fi
done
