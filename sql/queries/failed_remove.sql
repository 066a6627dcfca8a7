-- failed_remove: failed jobs that have been pushed again.
delete from {failed} where id in ({ids:100})
