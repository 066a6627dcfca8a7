-- batch_prune_unfinished: batches that never finished.
delete from {batches} where finished_at is null and created_at<? limit 1000
