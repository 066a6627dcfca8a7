-- send_failed: the attempt failed. A row that says more already is left as it is.
update {sends} set status='failed', error_message=?, updated_at=?
where id=? and status='pending'
