-- send_sent: the attempt's mail went out. Only the row that began the attempt is told so,
-- while nothing else stands in it; the letter's ids are null where nobody knows them.
update {sends} set status='sent', sent_at=?, error_message=null, updated_at=?
where id=? and status='pending'
and club_id=coalesce(?, club_id) and teacher_id=coalesce(?, teacher_id)
