-- letter_exists: a row, if there is one with this id.
select id from {table} where id=?
