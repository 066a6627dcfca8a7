-- Release a lock, unless another holds it.
delete from {locks} where `key` = ? and `owner` = ?
