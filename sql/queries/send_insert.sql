-- send_insert: an attempt begins.
insert into {sends} (club_id, teacher_id, sent_by_user_id, recipient_email, status,
created_at, updated_at) values (?, ?, ?, ?, 'pending', ?, ?)
