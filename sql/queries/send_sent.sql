-- send_sent: the attempt's mail went out.
update {sends} set status='sent', sent_at=?, error_message=null, updated_at=? where id=?
