-- row: who holds a row now.
select queue, attempts, reserved_at from {jobs} where id=?
