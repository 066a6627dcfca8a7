-- insert_many: a hundred jobs of one queue at once.
insert into {jobs} (queue, attempts, reserved_at, available_at, created_at, payload)
values {rows}
