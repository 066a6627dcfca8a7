-- send_last_pending: after the last attempt, the newest row of that club and teacher that
-- still says pending, as the app's failed() does.
update {sends} set status='failed', error_message=?, updated_at=?
where club_id=? and teacher_id=? and status='pending' order by id desc limit 1
