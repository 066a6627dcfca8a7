-- failed_prune: failed jobs, the moment itself left; again and again until none is met.
delete from {failed} where failed_at<? limit 1000
