-- send_exists: was the transaction that began the attempt committed?
select id from {sends} where id=?
