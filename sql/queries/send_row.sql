-- send_row: all of an attempt's row, to be compared with the one that PHP writes.
select * from {sends} where id=?
