# shellcheck shell=bash
# empty.sh: jobs in PHP that do nothing, for whoever measures what a job costs besides.

# put JOBS: so many jobs of App\Jobs\Nothing, and nothing else.
put() {
    sql "delete from jobs"
    sql "insert into jobs (queue, payload, attempts, reserved_at, available_at, created_at)
        select 'default', concat('{\"uuid\":\"', uuid(), '\",\"displayName\":\"App\\\\\\\\Jobs\\\\\\\\Nothing\",\"job\":\"Illuminate\\\\\\\\Queue\\\\\\\\CallQueuedHandler@call\",\"maxTries\":null,\"maxExceptions\":null,\"failOnTimeout\":false,\"backoff\":null,\"timeout\":null,\"retryUntil\":null,\"data\":{\"commandName\":\"App\\\\\\\\Jobs\\\\\\\\Nothing\",\"command\":\"O:16:\\\\\"App\\\\\\\\Jobs\\\\\\\\Nothing\\\\\":0:{}\"}}'),
        0, null, unix_timestamp(), unix_timestamp() from seq_1_to_$1"
}
