-- Release a lock, whoever holds it.
delete from {locks} where `key` = ?
