-- batch_count: the counters after one job more has ended.
update {batches} set pending_jobs=?, failed_jobs=?, failed_job_ids=? where id=?
