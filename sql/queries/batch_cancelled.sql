-- batch_cancelled: its first failure ends a batch that allows none.
update {batches} set cancelled_at=?, finished_at=? where id=?
