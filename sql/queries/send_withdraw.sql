-- send_withdraw: the attempt did not take place.
delete from {sends} where id=? and status='pending'
