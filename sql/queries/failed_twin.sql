-- failed_twin: a failed job of the same uuid, which then cannot be used again; `twin` when
-- it tells the very same failure, which matters when the outcome of a COMMIT was lost.
select id, cast(payload as binary)=? and cast(exception as binary)=? as twin
from {failed} where uuid=?
