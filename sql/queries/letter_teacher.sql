-- letter_teacher: the same for a teacher and the teacher's user. A deleted teacher, or one
-- without a user, is none.
select {teacher_columns}, {user_columns}
from {teachers} t join {users} u on u.id=t.user_id where t.id=?{alive}
