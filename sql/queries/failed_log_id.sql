-- failed_log_id: a failed job, in the form without a uuid (driver database).
insert into {failed} (connection, queue, payload, exception, failed_at)
values (?, ?, ?, ?, ?)
