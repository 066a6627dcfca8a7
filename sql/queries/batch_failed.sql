-- batch_failed: the uuids of a batch's failed jobs, a JSON list.
select failed_job_ids from {batches} where id=? limit 1
