# shellcheck shell=bash
# mailservers.sh: real mail servers of a test's own, on loopback. Source servers.sh first.
#
#   mailservers_or_skip WHAT        ends the test program with one skipped check without them
#   trap 'mailservers_stop; cleanup' EXIT
#   postfix_start DIR [LINE...]     lines of main.cf more; sets SMTP_PORT
#   exim_start DIR [LINE...]        lines of its main section more; ACLS and AUTHENTICATORS may
#                                   hold those
#   postfix_mails, exim_mails       who got a mail, a line per mail
POSTFIX_DIR='' EXIM_DIR='' EXIM_PID=

mailservers_or_skip() {
    local why=
    [ "$(id -u)" = 0 ] || why="only root can start them"
    [ -x /usr/sbin/postfix ] || why="Postfix is not installed"
    test/tools/exim >build/exim-install.log 2>&1 || why=$(head -1 build/exim-install.log)
    [ -n "$why" ] || return 0
    skip "$1" "$why"
    exit 0
}

mailservers_stop() {
    if [ -n "$POSTFIX_DIR" ]; then postfix -c "$POSTFIX_DIR/etc" stop >/dev/null 2>&1; fi
    if [ -n "$EXIM_PID" ]; then end_process "$EXIM_PID"; forget "$EXIM_PID"; fi
    POSTFIX_DIR='' EXIM_PID=
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$SMTP_PORT") 2>/dev/null; }

server_up() { # server_up NAME LOG
    export SMTP_PORT
    eventually 60 listens && return
    echo "$1 does not listen; its log:" >&2
    tail -5 "$2" >&2
    exit 1
}

postfix_services() {
    local name
    printf '127.0.0.1:%s inet n - n - - smtpd\n' "$SMTP_PORT"
    printf '%s\n' 'pickup unix n - n 60 1 pickup' 'cleanup unix n - n - 0 cleanup' \
        'qmgr unix n - n 300 1 qmgr' 'tlsmgr unix - - n 1000? 1 tlsmgr' \
        'rewrite unix - - n - - trivial-rewrite' 'postlog unix-dgram n - n - 1 postlogd' \
        'virtual unix - n n - - virtual' 'anvil unix - - n - 1 anvil'
    for name in bounce defer trace; do echo "$name unix - - n - 0 bounce"; done
    for name in verify proxymap error scache; do echo "$name unix - - n - - $name"; done
    echo 'retry unix - - n - - error'
}

postfix_start() {
    local dir=$1
    shift
    mailservers_stop
    rm -rf "$dir"
    mkdir -p "$dir"/{etc,spool,data,box}
    chown postfix "$dir/data"
    chown nobody "$dir/box"
    chmod a+rx "$TMP"
    SMTP_PORT=$(free_port)
    postfix_services >"$dir/etc/master.cf"
    cat >"$dir/etc/main.cf" <<CF
compatibility_level = 3.6
queue_directory = $dir/spool
data_directory = $dir/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = postfix.test
mydestination =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
virtual_mailbox_domains = example.test
virtual_mailbox_maps = static:box/
virtual_mailbox_base = $dir
virtual_uid_maps = static:$(id -u nobody)
virtual_gid_maps = static:$(id -g nobody)
maillog_file_prefixes = $dir
maillog_file = $dir/log
# Loopback has limits, too, and they are counted by short times.
smtpd_client_event_limit_exceptions =
anvil_rate_time_unit = 2s
CF
    printf '%s\n' "$@" >>"$dir/etc/main.cf"
    POSTFIX_DIR=$dir
    postfix -c "$dir/etc" start-fg >"$dir/out" 2>&1 </dev/null &
    server_up Postfix "$dir/log"
}

postfix_mails() { cat "$POSTFIX_DIR"/box/new/* 2>/dev/null | sed -n 's/^X-Original-To: //p'; }
postfix_all() { is "$1" postfix_count; } # all have been delivered
postfix_count() { find "$POSTFIX_DIR/box/new" -type f 2>/dev/null | wc -l; }

exim_start() {
    local dir=$1
    shift
    mailservers_stop
    rm -rf "$dir"
    mkdir -p "$dir"/{spool,log}
    chown -R 65533:65533 "$dir/spool" "$dir/log"
    chmod a+rx "$TMP"
    SMTP_PORT=$(free_port)
    cat >"$dir/conf" <<CONF
spool_directory = $dir/spool
log_file_path = $dir/log/%slog
daemon_smtp_ports = $SMTP_PORT
local_interfaces = 127.0.0.1
primary_hostname = exim.test
queue_only = true
log_selector = +received_recipients
tls_advertise_hosts =
keep_environment =
acl_smtp_rcpt = rcpt
CONF
    printf '%s\n' "$@" >>"$dir/conf"
    printf '%s\n' 'begin acl' 'rcpt:' "${ACLS:-  accept}" 'begin authenticators' "${AUTHENTICATORS:-}" >>"$dir/conf"
    EXIM_DIR=$dir
    build/exim/run -C "$dir/conf" -bdf >"$dir/out" 2>&1 </dev/null &
    EXIM_PID=$!
    remember $EXIM_PID
    server_up Exim "$dir/out"
}

exim_mails() { sed -n 's/.* <= .* for //p' "$EXIM_DIR/log/mainlog"; }
