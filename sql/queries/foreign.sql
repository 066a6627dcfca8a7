-- foreign: the classes of other people's jobs among a queue's oldest and newest thousand, in
-- the order of their first. What stands between is named by the sweep.
select min(id), what from (
(select id, case when {classes} then null
when left(payload, 1)=char(123) then concat('c', substring_index(substring_index(
left(payload, 300), cast('"displayName":"' as binary), -1), cast('"' as binary), 1))
end as what
from {jobs} force index ({index}) where queue=? order by id limit 1000)
union all
(select id, case when {classes} then null
when left(payload, 1)=char(123) then concat('c', substring_index(substring_index(
left(payload, 300), cast('"displayName":"' as binary), -1), cast('"' as binary), 1))
end as what
from {jobs} force index ({index}) where queue=? order by id desc limit 1000)
) rows_of_both where what is not null group by what order by 1
