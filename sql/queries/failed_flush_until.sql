-- failed_flush_until: failed jobs, the moment itself included.
delete from {failed} where failed_at<=?
