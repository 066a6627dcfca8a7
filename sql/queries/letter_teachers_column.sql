-- letter_teachers_column: the same where a teacher belongs to one club.
select t.id from {teachers} t join {users} u on u.id=t.user_id
where t.club_id=? and u.email<>''{alive} order by t.id
