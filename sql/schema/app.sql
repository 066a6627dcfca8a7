-- app: the tables of the app that a letter reads and writes, for the demo and the tests.
-- A real app has more columns; views may use any of them.

create table users (
    id bigint unsigned not null auto_increment,
    name varchar(255) not null,
    first_name varchar(255) null,
    last_name varchar(255) null,
    email varchar(255) not null,
    phone varchar(255) null,
    street varchar(255) null,
    street_number varchar(255) null,
    street_box varchar(255) null,
    address text null, -- street, number and box in one
    postal_code varchar(255) null,
    city varchar(255) null,
    country varchar(255) null,
    birth_date date null,
    email_verified_at timestamp null,
    password varchar(255) not null,    -- never selected
    remember_token varchar(100) null,  -- never selected
    created_at timestamp null,
    updated_at timestamp null,
    primary key (id),
    unique key users_email_unique (email)
) engine=innodb default charset=utf8mb4 collate=utf8mb4_unicode_ci;

create table clubs (
    id bigint unsigned not null auto_increment,
    name varchar(255) not null,
    description text null,
    email varchar(255) null,
    phone varchar(255) null,
    street varchar(255) null,
    street_number varchar(255) null,
    street_box varchar(255) null,
    address text null,
    postal_code varchar(255) null,
    city varchar(255) null,
    country varchar(255) null,
    website varchar(255) null,
    company_number varchar(255) null, -- BCE
    legal_representative_name varchar(255) null,
    legal_representative_role varchar(255) null,
    insurance_rc_company varchar(255) null,
    insurance_rc_policy_number varchar(255) null,
    insurance_additional_company varchar(255) null,
    insurance_additional_policy_number varchar(255) null,
    insurance_additional_details text null,
    expense_reimbursement_type enum('forfait', 'reel', 'aucun') not null default 'aucun',
    expense_reimbursement_details text null,
    facilities json null,
    disciplines json null,
    subscription_price decimal(8, 2) null,
    is_active tinyint(1) not null default 1,
    created_at timestamp null,
    updated_at timestamp null,
    primary key (id)
) engine=innodb default charset=utf8mb4 collate=utf8mb4_unicode_ci;

create table teachers (
    id bigint unsigned not null auto_increment,
    user_id bigint unsigned not null,
    specialties json null,
    certifications json null,
    preferred_locations json null,
    hourly_rate decimal(8, 2) null,
    rating decimal(3, 2) null,
    created_at timestamp null,
    updated_at timestamp null,
    deleted_at timestamp null, -- a deleted teacher counts as missing
    primary key (id),
    constraint teachers_user_id_foreign foreign key (user_id) references users (id)
        on delete cascade
) engine=innodb default charset=utf8mb4 collate=utf8mb4_unicode_ci;

-- club_teacher: who teaches where; letter:dispatch --all reads it.
create table club_teacher (
    club_id bigint unsigned not null,
    teacher_id bigint unsigned not null,
    primary key (club_id, teacher_id),
    constraint club_teacher_club_id_foreign foreign key (club_id) references clubs (id)
        on delete cascade,
    constraint club_teacher_teacher_id_foreign foreign key (teacher_id)
        references teachers (id) on delete cascade
) engine=innodb default charset=utf8mb4 collate=utf8mb4_unicode_ci;

-- volunteer_letter_sends: one row per attempt to send a letter, pending until it is known
-- what became of it.
create table volunteer_letter_sends (
    id bigint unsigned not null auto_increment,
    club_id bigint unsigned not null,
    teacher_id bigint unsigned not null,
    sent_by_user_id bigint unsigned null,
    recipient_email varchar(255) not null,
    status enum('pending', 'sent', 'failed') not null default 'pending',
    error_message text null,
    sent_at timestamp null,
    created_at timestamp null,
    updated_at timestamp null,
    primary key (id),
    key volunteer_letter_sends_club_id_teacher_id_index (club_id, teacher_id),
    key volunteer_letter_sends_status_index (status),
    key volunteer_letter_sends_sent_at_index (sent_at),
    constraint volunteer_letter_sends_club_id_foreign foreign key (club_id)
        references clubs (id) on delete cascade,
    constraint volunteer_letter_sends_teacher_id_foreign foreign key (teacher_id)
        references teachers (id) on delete cascade,
    constraint volunteer_letter_sends_sent_by_user_id_foreign foreign key (sent_by_user_id)
        references users (id) on delete set null
) engine=innodb default charset=utf8mb4 collate=utf8mb4_unicode_ci;
