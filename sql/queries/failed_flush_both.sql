-- failed_flush_both: those of one queue, the moment itself included.
delete from {failed} where failed_at<=? and queue=?
