-- letter_newest: whose letters were recorded last.
select club_id, teacher_id from {sends} order by id desc limit 200
