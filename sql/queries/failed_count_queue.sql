-- failed_count_queue: how many of one queue.
select count(*) as n from {failed} where queue=?
