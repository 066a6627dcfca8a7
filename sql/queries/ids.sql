-- ids: the next ids of a queue behind a mark. The hint matters: without it MariaDB walks
-- the queue's index from its start for every page.
select id from {jobs} force index ({index}) where queue=? and id>? order by id limit ?
