-- send_failed: the attempt failed.
update {sends} set status='failed', error_message=?, updated_at=? where id=?
