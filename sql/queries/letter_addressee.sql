-- letter_addressee: what a letter needs of a teacher: a user, an address, not deleted. No
-- row: there is no such teacher.
select u.id is not null, coalesce(u.email, '')<>'', {deleted}
from {teachers} t left join {users} u on u.id=t.user_id where t.id=?
