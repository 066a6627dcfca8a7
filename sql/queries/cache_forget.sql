-- Drop an entry and the one beside it, if they expire by then.
delete from {cache} where `key` in (?, ?) and `expiration` <= ?
