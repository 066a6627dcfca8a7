-- failed_jobs: jobs whose last attempt failed, as Laravel 8 to 12 create the table (driver
-- database-uuids). failed_at is written in the app's time zone.
create table failed_jobs (
    id bigint unsigned not null auto_increment,
    uuid varchar(255) not null,   -- the job's own, kept when it is retried
    connection text not null,     -- the queue connection's name
    queue text not null,
    payload longtext not null,    -- the row's bytes, unchanged
    exception longtext not null,
    failed_at timestamp not null default current_timestamp,
    primary key (id),
    unique key failed_jobs_uuid_unique (uuid)
) engine=innodb default charset=utf8mb4 collate=utf8mb4_unicode_ci;
