-- letter_any: a club, and a teacher who has an address.
select c.id, t.id from {clubs} c cross join {teachers} t join {users} u on u.id=t.user_id
where u.email <> ''{alive} order by t.id, c.id limit 1
