-- Write an entry of the cache over what is there.
insert into {cache} (`key`, `value`, `expiration`) values (?, ?, ?)
on duplicate key update `value` = values(`value`), `expiration` = values(`expiration`)
