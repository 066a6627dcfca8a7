-- letter_newest: whose letter was recorded last.
select club_id, teacher_id from {sends} order by id desc limit 1
