-- batch_prune_cancelled: batches that were cancelled.
delete from {batches} where cancelled_at is not null and created_at<? limit 1000
