-- job_batches: as Laravel's make:queue-batches-table migration has it.
create table job_batches (
    id varchar(255) not null,
    name varchar(255) not null,
    total_jobs int not null,
    pending_jobs int not null,
    failed_jobs int not null,
    failed_job_ids longtext not null,
    options mediumtext null,
    cancelled_at int null,
    created_at int not null,
    finished_at int null,
    primary key (id)
) engine=innodb default charset=utf8mb4 collate=utf8mb4_unicode_ci;
