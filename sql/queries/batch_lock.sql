-- batch_lock: the counters of a batch, locked, so that no end of a job is lost.
select pending_jobs, failed_jobs, failed_job_ids, options from {batches} where id=? for update
