# shellcheck shell=bash
# drain.sh: jobs of every kind on real Laravel, and the book of what became of them. Source servers.sh and app.sh first.
#
#   drain_app "$TMP/app" [NAME=VALUE...]   $APP, with its classes (test/laravel/drain)
#   drain_fill 20                          so many of each kind
#   drain_held KILLS                       checks: each ran as often as its attempts say, and did what it should

drain_app() {
    local dir=$1
    shift
    app_schema && sql_file sql/schema/job_batches.sql || return 1
    sql "create table runs (id bigint auto_increment primary key, uuid varchar(64), attempt int, class varchar(255),
             what varchar(10), pid int, at timestamp(3) default current_timestamp(3), key (uuid));
         create table effects (id bigint auto_increment primary key, kind varchar(40), item varchar(40), pid int, key (kind, item));
         delete from teachers where id in (4, 6)" || return 1
    app_new "$dir" && app_own_classes
    app_env CACHE_STORE=database "$@"
    cp test/laravel/drain/*.php "$APP/"
    # As a package brings them: the app's own code is what facteur reads to know its letters.
    sed -i '1r /dev/stdin' "$APP/bootstrap/app.php" <<'PHP'
spl_autoload_register(function (string $class): void {
    if (str_starts_with($class, 'App\\Drain\\')) {
        require_once __DIR__.'/../jobs.php';
    }
});
PHP
    mkdir -p "$APP/bootstrap/cache"
    echo "<?php return ['facteur/drain' => ['providers' => ['App\\\\Drain\\\\Provider']]];" >"$APP/bootstrap/cache/packages.php"
}

drain_fill() {
    DRAIN_N=$1
    (cd "$APP" && clean php dispatch.php "$1") || return 1
    DRAIN_JOBS=$(sql "select count(*) from jobs")
}

# drain_empty: nothing is on the queue any more.
drain_empty() { [ "$(sql 'select count(*) from jobs' 2>/dev/null)" = 0 ]; }

# drain_wanted: what must have been done, in the form of the query below.
drain_wanted() {
    local n=$DRAIN_N kind
    for kind in Booking Closure Flaky Invoice Listener Mail Member Note Reminder Secret Unique; do
        printf '%s\t%d\n' $kind "$n"
    done
    printf '%s\t%d\n' Doomed $((n / 5)) Finally 1 Later $((n / 5)) Link $((n / 5 * 3)) Then 1
}

# The app's listeners of job events make its letters PHP's: one whose process was killed leaves its row as it was,
# as under artisan; a later one must say that it was sent.
DRAIN_OPEN="select count(*) from volunteer_letter_sends a where a.status = 'pending' and not exists (select 1 from
    volunteer_letter_sends b where b.teacher_id = a.teacher_id and b.status = 'sent' and b.id > a.id)"

# drain_held KILLS: at most so many jobs were under way when their process was killed.
drain_held() {
    local kills=$1 more gaps
    same "every kind did all that it had to" \
        "$(sql "select kind, count(distinct item) from effects group by 1 order by 1")" "$(drain_wanted | sort)"
    equals "no attempt of a job ran twice" \
        "$(sql "select count(*) from (select 1 from runs where what = 'begun' group by uuid, attempt having count(*) > 1) x")" 0
    # An effect is in a run: no kind has more of them than its runs, of which a Flaky's first has none.
    more=$(sql "select coalesce(sum(n - 1), 0) from (select count(*) n from effects group by kind, item) x")
    # What a run beyond the first is for: its own doing, or a death. One that was claimed and died has an attempt, too.
    gaps=$(sql "select coalesce(sum(last - own), 0) from (select max(attempt) last,
        if(class in ('App\\\\Drain\\\\Flaky', 'App\\\\Drain\\\\Doomed', 'App\\\\Drain\\\\Later'), 2, 1) own
        from runs group by uuid, class) x where last > own")
    note "$DRAIN_JOBS jobs at first, $(sql "select count(*) from runs where what = 'begun'") runs in PHP, $kills kills: $gaps attempts more, $more effects more"
    check "a job runs again for a death alone" [ "$gaps" -le "$kills" ]
    check "and does again what it did for nothing else" [ "$more" -le "$kills" ]
    equals "those that fail for good are in failed_jobs, once, and no other" \
        "$(sql "select count(*), count(distinct uuid), sum(exception like 'RuntimeException: never%' or exception like '%Next Illuminate_Queue_%') from failed_jobs where payload like '%Doomed%'"; sql "select substring_index(exception, '\n', 1), json_value(payload, '$.displayName') from failed_jobs where payload not like '%Doomed%'")" \
        "$((DRAIN_N / 5))	$((DRAIN_N / 5))	$((DRAIN_N / 5))"
    equals "the batch is over" "$(sql "select count(*), sum(finished_at is not null), sum(cancelled_at is null) from job_batches")" \
        $'1\t1\t1'
    equals "no lock is left" "$(sql 'select count(*) from cache_locks')" 0
    equals "every letter was sent" "$(sql "select count(*) >= $DRAIN_N from volunteer_letter_sends where status = 'sent'"; sql "$DRAIN_OPEN")" $'1\n0'
}

# drain_chaos_held COST: the same, where the app's own statements failed, too: what Laravel leaves undone then (a
# batch's end, failed(), a lock) is its own affair. COST: so many attempts may have been lost.
drain_chaos_held() {
    local cost=$1 gaps own="''" class
    for class in Flaky Doomed Later Crash Quit Leak Sleep Hang; do own+=", 'App\\\\Drain\\\\$class'"; done
    same "every job did what it had to" \
        "$(sql "select kind, count(distinct item) from effects where kind not in ('Doomed', 'Then', 'Finally', 'Crash', 'Quit', 'Leak', 'Sleep', 'Hang', 'Lock') group by 1 order by 1")" \
        "$(drain_wanted | grep -vE 'Doomed|Then|Finally' | sort)"
    equals "so did those that ended their processes" \
        "$(sql "select count(distinct kind, item) from effects where kind in ('Crash', 'Quit', 'Leak', 'Sleep', 'Hang', 'Lock')")" \
        $((6 * (DRAIN_N / 4 + 1)))
    equals "no attempt of a job ran twice" \
        "$(sql "select count(*) from (select 1 from runs where what = 'begun' group by uuid, attempt having count(*) > 1) x")" 0
    equals "nothing was done that no run did" \
        "$(sql "select kind from (select kind, count(*) n from effects group by 1) e
            join (select substring_index(class, '\\\\', -1) kind, count(*) n from runs where what = 'begun' group by 1) r using (kind)
            where e.n > r.n and kind <> 'Doomed'")" ""
    gaps=$(sql "select coalesce(sum(last - own), 0) from (select max(attempt) last, if(class in ($own), 2, 1) own
        from runs group by uuid, class) x where last > own")
    note "$(sql "select count(*) from runs where what = 'begun'") runs in PHP; $gaps attempts more, of $cost that may have been lost"
    check "an attempt is lost to a fault alone" [ "$gaps" -le "$cost" ]
    equals "those that fail for good are in failed_jobs, once, and no other" \
        "$(sql "select count(*), count(distinct uuid) from failed_jobs where payload like '%Doomed%'"; sql "select substring_index(exception, '\n', 1), json_value(payload, '$.displayName') from failed_jobs where payload not like '%Doomed%'")" \
        "$((DRAIN_N / 5))	$((DRAIN_N / 5))"
    equals "every letter was sent" "$(sql "select count(*) >= $DRAIN_N from volunteer_letter_sends where status = 'sent'"; sql "$DRAIN_OPEN")" $'1\n0'
}
