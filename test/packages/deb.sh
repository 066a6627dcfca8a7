#!/bin/bash
# deb.sh [SUITE...]: the Debian package, built in a root of its own and installed in another one that is clean, of each
# release: it depends on what it needs, starts nothing, sends a letter, and leaves nothing when it is purged.
[ "$(id -u)" = 0 ] || { echo "ok 1 - deb # SKIP a root of its own needs root"; exit 0; }
if [ "${1:-}" != inside ]; then # what is mounted goes with this process
    unshare --mount --propagation private true 2>/dev/null ||
        { echo "ok 1 - deb # SKIP no mount namespace can be made here"; exit 0; }
    exec unshare --mount --propagation private "$0" inside "$@"
fi
shift
. test/lib/servers.sh
. test/lib/app.sh
. test/lib/roots.sh
trap 'status=$?; unmount; (exit $status); cleanup' EXIT
tmpdir
VERSION=$(sed -n 's/^VERSION := //p' Makefile)

# === what is written down twice ===

words() { tr -s ' ,\n' '\n' | grep -vE '^(\(.*|.*\)|)$' | sort; }
equals "debian/control names the packages that the Makefile needs" \
    "$(sed -n '/^Build-Depends:/,/^Standards/p' debian/control | sed '/^Standards/d; s/^Build-Depends://; s/debhelper-compat ([^)]*),//' | words)" \
    "$(make -s --eval='print: ; @echo $(PKG_BUILD)' print | words | grep -vx build-essential)"
equals "debian/changelog has the Makefile's version" "$(sed -n '1s/^facteur (\(.*\)) .*/\1/p' debian/changelog)" "$VERSION"
equals "debian/copyright has every line of LICENSE" "$(sed 's/^ \.$//; s/^ //' debian/copyright >"$TMP/copyright"
    tail -n +5 LICENSE | grep -v '^=*$' | grep -vxFf "$TMP/copyright")" ""

files() { (cd "$1" && find . -xdev -type f -not -path './var/*' -not -path './tmp/*' | sort); }

# === servers, and an app in each root ===

mariadb_start "$TMP/db" || exit 1
smtp_start "$TMP/smtp" --dir="$TMP/mails" || exit 1
app_schema || exit 1
sent() { sql "select count(*) from volunteer_letter_sends where status='sent'"; }

# build SUITE: the package, made in a root of the release: $DEB.
build() {
    local in=$TMP/$1-build
    root "$1" "$in" && aptget "$in" update && aptget "$in" install build-essential libcmocka-dev || return 1
    mkdir "$in/src" && tar -c --exclude=./build --exclude=./.git . | tar -x -C "$in/src" || return 1
    aptget "$in" build-dep /src &&
        within "$in" sh -c 'cd /src && dpkg-buildpackage --build=binary --no-sign --jobs=2' || return 1
    DEB=$(ls "$in"/facteur_"$VERSION"_*.deb)
}

try() {
    local suite=$1 in=$TMP/$1 DEB= before
    COMMIT=$(git describe --always --dirty --abbrev=12)
    if ! build "$suite" >"$TMP/build.log" 2>&1; then
        if ! curl -sfI -m 20 "$MIRROR/dists/$suite/Release" >/dev/null; then
            skip "$suite" "$MIRROR cannot be reached"
            return
        fi
        not_ok "$suite: the package is built" "$(tail -20 "$TMP/build.log" "$TMP/debootstrap.log" 2>/dev/null)"
        return
    fi
    ok "$suite: the package is built"
    equals "$suite: lintian finds nothing" \
        "$(lintian --allow-root --fail-on none --tag-display-limit 0 "$TMP/$suite-build"/facteur_*.changes 2>&1)" ""
    # Those that ask PHP what it does need the PHP that they were written beside.
    within "$TMP/$suite-build" sh -c 'cd /src && make -s -j2 unit >/dev/null && for t in build/release/test/test_*; do
        case $t in *.o | *.c | *.d | */test_php_eval | */test_php_json) ;; *) $t >/tmp/unit.log 2>&1 || { echo "$t"; grep -h "^not ok" /tmp/unit.log; } ;; esac
    done' >"$TMP/unit.log" 2>&1
    equals "$suite: unit tests pass there" "$(cat "$TMP/unit.log")" ""

    root "$suite" "$in" && aptget "$in" update >"$TMP/apt.log" 2>&1
    before=$(files "$in")
    cp "$DEB" "$in/tmp/facteur.deb"
    check "$suite: it is installed, with what it depends on" aptget "$in" install /tmp/facteur.deb
    equals "$suite: it runs" "$(within "$in" facteur --version)" "facteur $VERSION"
    equals "$suite: and tells its commit" "$(within "$in" facteur --version -v | sed -n 's/^ *commit *//p')" "$COMMIT"
    for file in usr/share/man/man1/facteur.1.gz usr/share/bash-completion/completions/facteur \
        usr/share/zsh/site-functions/_facteur usr/share/fish/vendor_completions.d/facteur.fish \
        usr/share/facteur/supervisor/facteur.conf; do
        check "$suite: $file" test -s "$in/$file" # minbase keeps manual pages
    done
    equals "$suite: its unit is disabled" "$(systemctl --root="$in" is-enabled facteur 2>&1)" disabled
    equals "$suite: nothing was asked to start" "$(cat "$in/policy.asked" 2>/dev/null | grep facteur)" ""
    equals "$suite: the unit starts what was installed" "$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$in"/usr/lib/systemd/system/facteur.service)" \
        /usr/bin/facteur

    app_new "$in/var/www/activibe" || { not_ok "$suite: an app"; return; }
    app_reset
    rm -rf "$APP/vendor" # a link to this machine's
    app_env DB_HOST=127.0.0.1
    chown -R 33:33 "$APP/storage"
    within "$in" facteur --app=/var/www/activibe letter:dispatch 1 1 >"$TMP/out" 2>&1
    within "$in" su -s /bin/sh www-data -c 'cd /var/www/activibe && facteur queue:work --once' >>"$TMP/out" 2>&1
    equals "$suite: a letter goes out" "$(sent)" 1
    [ "$(sent)" = 1 ] || note "$(cat "$TMP/out"; tail -3 "$APP/storage/logs/laravel.log")"
    rm -rf "$in/var/www/activibe"
    aptget "$in" purge facteur >"$TMP/apt.log" 2>&1
    aptget "$in" autoremove --purge >>"$TMP/apt.log" 2>&1
    equals "$suite: purged, it has left nothing of its own" "$(comm -13 <(echo "$before") <(files "$in") | grep facteur)" ""
    unmount
    rm -rf "$in" "$in-build"
}
for suite in ${@:-bookworm trixie}; do try "$suite"; done
exit "$((TAP_FAILED > 0))"
