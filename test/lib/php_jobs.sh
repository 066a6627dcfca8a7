# shellcheck shell=bash
# php_jobs.sh: an app whose jobs run in PHP, and job classes of a test's own. Source servers.sh and app.sh first.
#
#   php_app "$TMP/app" 10           $APP, with letters for so many teachers
#   class Fails 'throw new \Exception("no");'
#   put Fails                       a job of it, which has no properties

# php_app DIR TEACHERS
php_app() {
    app_schema --teachers=$(($2 + 20)) && app_new "$1" && app_own_classes || return 1
    sql "delete from teachers where id in (4, 6) or id > $(($2 + 2))"
    LOG=$APP/storage/logs/laravel.log
}

# job CLASS: the SQL that makes a job of App\Jobs\CLASS.
job() {
    local class=$1
    echo "insert into jobs (queue, payload, attempts, reserved_at, available_at, created_at)
        values ('default', '{\"uuid\":\"$(cat /proc/sys/kernel/random/uuid)\",\"displayName\":\"App\\\\\\\\Jobs\\\\\\\\$class\",\"job\":\"Illuminate\\\\\\\\Queue\\\\\\\\CallQueuedHandler@call\",\"maxTries\":null,\"maxExceptions\":null,\"failOnTimeout\":false,\"backoff\":null,\"timeout\":null,\"retryUntil\":null,\"data\":{\"commandName\":\"App\\\\\\\\Jobs\\\\\\\\$class\",\"command\":\"O:$((9 + ${#class})):\\\\\"App\\\\\\\\Jobs\\\\\\\\$class\\\\\":0:{}\"}}', 0, null, unix_timestamp(), unix_timestamp())"
}

put() { sql "$(job "$1")"; }

# put_big CLASS BYTES: a payload of more than so many.
put_big() {
    sql "begin; $(job "$1");
         update jobs set payload = json_set(payload, '$.more', repeat('x', $2)) where id = last_insert_id(); commit"
}

# class NAME BODY: a job class of this app.
class() {
    cat >"$APP/app/Jobs/$1.php" <<PHP
<?php

namespace App\Jobs;

class $1 implements \Illuminate\Contracts\Queue\ShouldQueue
{
    use \Illuminate\Queue\InteractsWithQueue;

    public function handle(): void
    {
        $2
    }
}
PHP
}

left() { sql "select (select count(*) from jobs), (select count(*) from failed_jobs)"; }
exceptions() { sql "select substring_index(exception, '\n', 1) from failed_jobs order by id"; }
fresh() { sql "delete from jobs; delete from failed_jobs"; : >"$LOG"; }
