-- names: the queues that have rows.
select distinct queue from {jobs} order by queue
