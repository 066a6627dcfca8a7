-- The cache store `database` of Laravel 11 and 12: entries and locks.
create table cache (
    `key` varchar(255) not null primary key,
    `value` mediumtext not null,
    expiration int not null
) default charset utf8mb4 collate utf8mb4_unicode_ci;

create table cache_locks (
    `key` varchar(255) not null primary key,
    owner varchar(255) not null,
    expiration int not null
) default charset utf8mb4 collate utf8mb4_unicode_ci;
