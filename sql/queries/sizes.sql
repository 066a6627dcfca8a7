-- sizes: what queue:monitor tells of a queue; expired reservations count as `reserved`.
select count(*) as `size`,
cast(coalesce(sum(reserved_at is null and available_at<=?), 0) as signed) as `pending`,
cast(coalesce(sum(reserved_at is null and available_at>?), 0) as signed) as `delayed`,
cast(coalesce(sum(reserved_at is not null), 0) as signed) as `reserved`,
min(if(reserved_at is null and available_at<=?, available_at, null)) as `oldest`
from {jobs} where queue=?
