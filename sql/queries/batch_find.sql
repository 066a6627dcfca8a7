-- batch_find: what a worker needs to know of a batch before it begins a job of it.
select options, failed_jobs, cancelled_at from {batches} where id=? limit 1
