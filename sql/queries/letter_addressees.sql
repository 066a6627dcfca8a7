-- letter_addressees: what letters need of their teachers: a user, an address, not deleted. No
-- row: there is no such teacher.
select t.id, u.id is not null, coalesce(u.email, '')<>'', {deleted}
from {teachers} t left join {users} u on u.id=t.user_id where t.id in ({ids}) order by t.id
