-- insert: one job; attempts are kept when it is a release.
insert into {jobs} (queue, attempts, reserved_at, available_at, created_at, payload)
values (?, ?, null, ?, ?, ?)
