-- sweep: a page, in the slow sweep for what the looks missed. Columns as in read.
select id, reserved_at, available_at,
case when {classes} then concat(if({sure}, 's', 'd'), crc32(payload))
when left(payload, 1)=char(123) then concat('c', substring_index(substring_index(
left(payload, 300), cast('"displayName":"' as binary), -1), cast('"' as binary), 1))
end as what
from {jobs} force index ({index}) where queue=? and id>? and id<=?
