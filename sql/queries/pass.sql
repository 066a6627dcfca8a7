-- pass: a whole page in the first pass over a queue. Columns as in read.
select id, reserved_at, available_at,
case when {classes} then if(octet_length(payload)<={inline}, payload, left('-', 0)) end as payload,
case when left(payload, 1)=char(123) then substring_index(substring_index(
left(payload, 300), cast('"displayName":"' as binary), -1), cast('"' as binary), 1)
end as class
from {jobs} force index ({index}) where queue=? and id>? and id<=?
