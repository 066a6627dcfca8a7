-- done_jobs: what the jobs of other classes leave behind; the key refuses a second run.
create table done_jobs (
    uuid varchar(255) not null,
    class varchar(255) not null,
    what varchar(255) not null,
    primary key (uuid)
) engine=innodb default charset=utf8mb4 collate=utf8mb4_unicode_ci;
