-- failed_jobs: the form of apps that began before Laravel 8 (driver database): no uuid.
create table failed_jobs (
    id bigint unsigned not null auto_increment,
    connection text not null,
    queue text not null,
    payload longtext not null,
    exception longtext not null,
    failed_at timestamp not null default current_timestamp,
    primary key (id)
) engine=innodb default charset=utf8mb4 collate=utf8mb4_unicode_ci;
