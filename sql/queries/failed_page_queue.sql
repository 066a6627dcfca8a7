-- failed_page_queue: the same for the jobs of one queue.
select id, octet_length(payload) as bytes from {failed} where id<? and queue=?
order by id desc limit ?
