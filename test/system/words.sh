#!/bin/bash
# words.sh: what documents tell people to type is there, in either language, and what they point to.
. test/lib/servers.sh
FACTEUR=${FACTEUR:-$PWD/build/asan/facteur}
export NO_COLOR=1
documents=(README.md README.fr.md doc/migrating.md doc/migrating.fr.md doc/operating.md doc/operating.fr.md doc/privacy.md)

# commands FILE: each `facteur …` of a code block or between backquotes, without what comes before it.
commands() {
    sed -n -E 's/^[ +-]+(command=)?([^ ]*\/)?(facteur( --app=[^ ]+)? .*)/\3/p; s/.*exec -d backend ([^ ]*\/)?(facteur .*)/\2/p' "$1" | sed 's/ *#.*//'
    grep -oE '`facteur [a-z][^`]*`' "$1" | tr -d '`'
}
# unknown FILE: what of them the program does not know.
unknown() {
    local line word name help
    while read -r line; do
        name=
        for word in $line; do
            case $word in facteur | --app=*) ;; -*) ;; *) name=$word; break ;; esac
        done
            case $name in "" | help | list) continue ;; esac
        help=$("$FACTEUR" help "$name" 2>&1) || { echo "$name: $line"; continue; }
        for word in $line; do
            case $word in --*) word=${word%%[=,\[]*}; grep -q -- "$word\b" <<<"$help" || echo "$name $word" ;; esac
        done
    done < <(commands "$1" | sort -u)
}
for file in "${documents[@]}"; do
    equals "$file: facteur knows each command and option that it names" "$(unknown "$file")" ""
done
check "and there are many of them" test "$(for f in "${documents[@]}"; do commands "$f"; done | wc -l)" -gt 60

# missing FILE: links into the repository that lead nowhere.
missing() {
    local link folder
    folder=$(dirname "$1")
    grep -oE '\]\([^)#:]+' "$1" | sed 's/^](//' | while read -r link; do [ -e "$folder/$link" ] || echo "$link"; done
}
for file in README*.md doc/*.md; do
    equals "$file: what it links to is there" "$(missing "$file")" ""
done

# What is said in one language is said in the other: sections, commands, rows of tables.
for name in migrating operating; do
    equals "doc/$name: both languages have the same sections" \
        "$(grep -cE '^#+ ' doc/$name.fr.md)" "$(grep -cE '^#+ ' doc/$name.md)"
    equals "doc/$name: and the same tables" "$(grep -c '^|' doc/$name.fr.md)" "$(grep -c '^|' doc/$name.md)"
    equals "doc/$name: and name the same commands" \
        "$(commands doc/$name.fr.md | grep -oE '^facteur( --app=[^ ]+)? [a-z:]+' | sort | uniq -c)" \
        "$(commands doc/$name.md | grep -oE '^facteur( --app=[^ ]+)? [a-z:]+' | sort | uniq -c)"
done
exit "$((TAP_FAILED > 0))"
