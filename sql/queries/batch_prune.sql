-- batch_prune: finished batches; again and again until none is met.
delete from {batches} where finished_at is not null and finished_at<? limit 1000
