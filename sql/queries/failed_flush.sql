-- failed_flush: all failed jobs.
delete from {failed}
