-- jobs: waiting and reserved jobs, as Laravel 12 creates the table. Times are Unix seconds
-- of the client's clock. `id` is the order of the queue; a released job is a new row.
create table jobs (
    id bigint unsigned not null auto_increment,
    queue varchar(255) not null,
    payload longtext not null,
    attempts tinyint unsigned not null, -- reservations so far; Laravel 13: smallint
    reserved_at int unsigned null,      -- null: waiting
    available_at int unsigned not null,
    created_at int unsigned not null,
    primary key (id),
    key jobs_queue_index (queue)
) engine=innodb default charset=utf8mb4 collate=utf8mb4_unicode_ci;
