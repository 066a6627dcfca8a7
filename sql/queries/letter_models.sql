-- letter_models: club, teacher and the teacher's user at once. Columns of the same name
-- are told apart by their place. No row: letter_club and letter_teacher tell why.
select {club_columns}, {teacher_columns}, {user_columns}
from {clubs} c cross join {teachers} t join {users} u on u.id=t.user_id
where c.id=? and t.id=?{alive}
