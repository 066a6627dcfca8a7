# shellcheck shell=bash
# roots.sh: smallest systems of Debian's releases, to install into. Source servers.sh first; needs root, and a mount
# namespace of the test's own. They come from the machine's mirror (debootstrap), once: build/roots.
#
#   root bookworm "$TMP/root" || ...   a copy of that release's, with /proc and /dev
#   within "$TMP/root" COMMAND...      there, with nothing of this environment
#   aptget "$TMP/root" install ...
#   unmount                            before cleanup: what it removes must have nothing mounted below it

MIRROR=${MIRROR:-http://deb.debian.org/debian}

unmount() { [ -z "$TMP" ] || grep -oE " $TMP/[^ ]+" /proc/self/mounts | sort -r | xargs -rn1 umount; }

# root SUITE FOLDER
root() {
    local pristine=build/roots/$1 device
    if [ ! -e "$pristine/etc/debian_version" ] || [ -e "$pristine/debootstrap" ]; then
        rm -rf "$pristine"
        debootstrap --variant=minbase "$1" "$pristine" "$MIRROR" >"$TMP/debootstrap.log" 2>&1 || return 1
    fi
    cp -a --reflink=auto "$pristine" "$2"
    printf '#!/bin/sh\necho "$@" >>/policy.asked\nexit 101\n' >"$2/usr/sbin/policy-rc.d"
    chmod +x "$2/usr/sbin/policy-rc.d"
    cp /etc/resolv.conf "$2/etc/resolv.conf"
    mount -t proc proc "$2/proc"
    mount -t devpts -o newinstance,ptmxmode=0666 devpts "$2/dev/pts"
    ln -sf pts/ptmx "$2/dev/ptmx"
    for device in null zero urandom; do
        [ -e "$2/dev/$device" ] || touch "$2/dev/$device"
        mount --bind "/dev/$device" "$2/dev/$device"
    done
}

within() { # within ROOT COMMAND...
    local root=$1
    shift
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive ${COMMIT:+COMMIT="$COMMIT"} \
        /usr/sbin/chroot "$root" "$@"
}

# aptget ROOT ARGUMENT...
aptget() {
    local root=$1
    shift
    within "$root" apt-get -y -q --no-install-recommends "$@"
}
