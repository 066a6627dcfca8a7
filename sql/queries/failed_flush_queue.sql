-- failed_flush_queue: all of one queue.
delete from {failed} where queue=?
