-- failed_uuid: is a job among the failed ones? Asked when a COMMIT's outcome was lost,
-- and when another row of the same uuid stands in the way.
select id from {failed} where uuid=?
