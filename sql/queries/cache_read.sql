-- What stands under a key of the cache.
select `value`, `expiration` from {cache} where `key` = ? {lock}
