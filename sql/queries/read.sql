-- read: what the watch list needs of rows named by id. The payload is sent for candidates
-- only, and an empty text for one that is long (not '', which a mode of MariaDB reads as
-- null). `class` names the others: displayName stands among
-- the first keys; where it does not, what comes out begins with the object's brace.
select id, reserved_at, available_at,
case when {classes} then if(octet_length(payload)<={inline}, payload, left('-', 0)) end as payload,
case when left(payload, 1)=char(123) then substring_index(substring_index(
left(payload, 300), cast('"displayName":"' as binary), -1), cast('"' as binary), 1)
end as class
from {jobs} where id in ({ids:100}) and queue=?
