-- page_end: the last id of the next page of a queue, where only that is of interest.
select id from {jobs} force index ({index}) where queue=? and id>? order by id limit ?, 1
