-- letter_teachers_pivot: the teachers of a club that have an address.
select distinct t.id from {pivot} p join {teachers} t on t.id=p.teacher_id
join {users} u on u.id=t.user_id
where p.club_id=? and u.email<>''{alive} order by t.id
