-- batch_finished: no job of the batch is pending any more.
update {batches} set finished_at=? where id=?
