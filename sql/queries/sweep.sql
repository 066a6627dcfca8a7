-- sweep: candidates of a page, in the slow sweep for what the looks missed.
select id, reserved_at, available_at,
if(octet_length(payload)<={inline}, payload, left('-', 0)) as payload
from {jobs} force index ({index}) where queue=? and id>? and id<=? and ({classes})
