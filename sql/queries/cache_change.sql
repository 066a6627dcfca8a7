-- Another value, the expiry stays.
update {cache} set `value` = ? where `key` = ?
