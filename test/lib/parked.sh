# shellcheck shell=bash
# parked.sh: what tests of jobs that are kept aside share. Source servers.sh and work.sh first.
#
#   parked_open              servers, an app with retry_after 4, the table `refused`: ids of jobs
#                            that nobody can delete
#   state                    rows of letters, mails, jobs, failed jobs, files of parked jobs

parked_open() {
    mariadb_start "$TMP/db"
    schema
    smtp_start "$TMP/smtp" --dir="$TMP/mails" "$@"
    app_make "$TMP/app" DB_QUEUE_RETRY_AFTER=4 APP_KEY=base64:c2VjcmV0
    people 40
    sql "create table refused (id bigint unsigned)"
    sql "delimiter //
         create trigger refuse before delete on jobs for each row
         if old.id in (select id from refused) then signal sqlstate '45000' set message_text = 'not now'; end if//"
}

parked_files() { find "$APP/storage/framework/facteur" -name '*.parked'; }
parked() { parked_files | wc -l; }
failed_count() { sql "select count(*) from failed_jobs"; }
said() { grep -c "$1" "$LOG"; }
state() { echo "$(sends) $(mails) $(jobs_count) $(failed_count) $(parked)"; }

# renewed N: the first job's reservation moves on N times, and nobody claims it.
renewed() {
    local left=$1 was now
    was=$(sql "select attempts, reserved_at from jobs order by id limit 1")
    for _ in $(seq 600); do
        now=$(sql "select attempts, reserved_at from jobs order by id limit 1")
        [ "${now%$'\t'*}" = "${was%$'\t'*}" ] || return 1
        [ "$now" = "$was" ] || left=$((left - 1))
        [ $left -gt 0 ] || return 0
        was=$now
        sleep 0.1
    done
    return 1
}

parked_finish() {
    kill -TERM "$WORK_PID"
    work_wait
}

parked_reset() {
    sql "delete from refused; delete from jobs; delete from failed_jobs; delete from volunteer_letter_sends"
    rm -rf "$TMP/mails"/* "$APP/storage/framework/facteur"/*.parked
    : >"$LOG"
}
