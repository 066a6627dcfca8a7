#!/bin/bash
# console.sh: list, help, --version, the manual page and completions, all made of one table.
. test/lib/servers.sh
. test/lib/app.sh
FACTEUR=${FACTEUR:-$PWD/build/asan/facteur}
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT
export NO_COLOR=1 COLUMNS=80
F() { "$FACTEUR" "$@" 2>&1; }

# === list and help ===

has "list has commands in groups" "$(F list)" " queue" "  queue:work " " letter" "  letter:preview " "  about "
has "list queue has those of a namespace" "$(F list queue)" 'Available commands for the "queue" namespace:' "queue:work"
equals "and no others" "$(F list queue | grep -c 'letter:')" 0
has "a namespace that there is not is told" "$(F list nope)" 'There are no commands defined in the "nope" namespace.'
has "an option that takes a value is shown as artisan shows it" "$(F help queue:work)" "--queue[=QUEUE]" '[default: "3"]'
has "of a name that there is not what may be meant is told" "$(F queue:wrok)" \
    'Command "queue:wrok" is not defined. Did you mean one of these?' "⇂ queue:work"
has "of a single one too" "$(F abot)" "Did you mean one of these?" "⇂ about"
equals "where nothing is like it nothing is" "$(F xyzzy | grep -c 'Did you mean')" 0
equals "it is an error" "$("$FACTEUR" queue:wrok >/dev/null 2>&1; echo $?)" 1
has "on a terminal names are green" "$(NO_COLOR='' F list --ansi)" $'\e[32mqueue:work\e[39m' $'\e[33mAvailable commands:\e[39m'

# === --version ===

equals "--version is one line" "$(F --version | wc -l)" 1
has "with -v it names commit and libraries" "$(F --version -v)" "commit" "libmysqlclient" "libcurl" "libharu" "bundle"

# === the manual page ===

F manual >"$TMP/facteur.1"
options=$(F help queue:work | grep -o -- '--[a-z-]*' | sort -u)
in_page() { local o; for o in $options; do grep -q -- "$(sed 's/-/\\\\-/g' <<<"$o")" "$TMP/facteur.1" || echo "$o"; done; }
equals "the manual page has every option of queue:work" "$(in_page)" ""
commands=$(F list | grep -o '^  [a-z]*:[a-z-]*' | tr -d ' ')
equals "and every command" "$(for c in $commands; do grep -q "^.SS \"$(sed 's/-/\\\\-/g' <<<"$c")" "$TMP/facteur.1" || echo "$c"; done)" ""
if command -v mandoc >/dev/null; then
    equals "mandoc reads it" "$(mandoc -T lint -W warning "$TMP/facteur.1")" ""
    has "as a page" "$(mandoc -T utf8 "$TMP/facteur.1" | col -b)" "FACTEUR(1)" "queue:work" "EXIT STATUS" "--stop-when-empty"
else
    skip "mandoc reads the manual page" "mandoc is not installed"
fi

if command -v groff >/dev/null; then
    equals "groff has no warning" "$(groff -man -ww -Tutf8 "$TMP/facteur.1" 2>&1 >/dev/null)" ""
else
    skip "groff reads the manual page" "groff is not installed"
fi

# === completions ===

equals "a shell that there is not is refused" "$("$FACTEUR" completion csh >/dev/null 2>&1; echo $?)" 1
F completion bash >"$TMP/bash"
# complete_bash WORD...: what bash offers for the last one.
complete_bash() {
    bash --norc -c '
        [ ! -r /usr/share/bash-completion/bash_completion ] || [ "$1" = plain ] || . /usr/share/bash-completion/bash_completion
        . "$2"; shift 2
        COMP_WORDS=(facteur "$@"); COMP_CWORD=$#; COMP_LINE="facteur $*"; COMP_POINT=${#COMP_LINE}
        compopt() { :; }
        _facteur; echo "${COMPREPLY[*]}"' bash plain "$TMP/bash" "$@"
}
equals "bash completes commands" "$(complete_bash view)" "view:check"
has "and options of the command" "$(complete_bash queue:work --st)" "--stop-when-empty"
equals "not of another" "$(complete_bash about --stop)" ""
for shell in zsh fish; do
    F completion $shell >"$TMP/$shell"
    if command -v $shell >/dev/null; then
        equals "$shell reads its completion" "$($shell -n "$TMP/$shell" 2>&1)" ""
    else
        skip "$shell reads its completion" "$shell is not installed"
    fi
done
if command -v fish >/dev/null; then
    has "fish completes" "$(fish --no-config -c "source $TMP/fish; complete -C 'facteur queue:work --stop-when-e'" 2>&1)" "--stop-when-empty"
fi

# === what make installs it takes away ===

MAKEFLAGS='' make -s install DESTDIR="$TMP/root" >/dev/null 2>"$TMP/errors"
equals "make install has nothing to complain of" "$(cat "$TMP/errors")" ""
there() { for f in "$@"; do [ -s "$TMP/root/usr/local/$f" ] || echo "$f"; done; }
equals "it installs program, page, completions and documents" \
    "$(there bin/facteur share/man/man1/facteur.1 share/bash-completion/completions/facteur \
        share/zsh/site-functions/_facteur share/fish/vendor_completions.d/facteur.fish share/doc/facteur/README.md \
        share/doc/facteur/differences.md share/doc/facteur/LICENSE share/facteur/supervisor/facteur.conf \
        lib/systemd/system/facteur.service)" ""
equals "the program runs from there" "$("$TMP/root/usr/local/bin/facteur" --version)" "$(F --version)"
has "the unit starts it" "$(cat "$TMP/root/usr/local/lib/systemd/system/facteur.service")" "ExecStart=/usr/local/bin/facteur "
MAKEFLAGS='' make -s uninstall DESTDIR="$TMP/root"
MAKEFLAGS='' make -s install PREFIX=/usr DESTDIR="$TMP/root"
has "also where PREFIX is another" "$(cat "$TMP/root/usr/lib/systemd/system/facteur.service")" "ExecStart=/usr/bin/facteur "
MAKEFLAGS='' make -s uninstall PREFIX=/usr DESTDIR="$TMP/root"
equals "make uninstall leaves nothing" "$(find "$TMP/root" -type f)" ""
exit "$((TAP_FAILED > 0))"
