-- failed_log_uuid: a failed job, in the form that has a uuid (driver database-uuids).
insert into {failed} (uuid, connection, queue, payload, exception, failed_at)
values (?, ?, ?, ?, ?, ?)
