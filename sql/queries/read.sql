-- read: what the watch list needs of rows named by id. The payload is sent for candidates
-- only, and '' for one that is long; `class` names the others.
select id, reserved_at, available_at,
case when {classes} then if(octet_length(payload)<={inline}, payload, '') end as payload,
case when locate('"displayName":"', left(payload, 300)) > 0
then substring_index(substring_index(left(payload, 500), '"displayName":"', -1), '"', 1)
end as class
from {jobs} where id in ({ids:100}) and queue=?
