/* version.c: which servers have FOR UPDATE SKIP LOCKED (Laravel's rule). */
#include "facteur/db.h"

/* at_least compares the leading numbers of "10.11.6-Debian" with major.minor.patch. */
static bool at_least(struct str version, int64_t major, int64_t minor, int64_t patch)
{
    int64_t want[] = {major, minor, patch};
    for (size_t i = 0; i < COUNT(want); i++) {
        size_t digits = 0;
        while (digits < version.len && version.ptr[digits] >= '0' &&
               version.ptr[digits] <= '9')
            digits++;
        int64_t have = 0;
        if (digits && !str_to_i64(str_sub(version, 0, digits), &have))
            return true; /* a number beyond 64 bits is surely newer */
        if (have != want[i])
            return have > want[i];
        version = str_skip(version, digits);
        if (version.len == 0 || version.ptr[0] != '.')
            version = S("");
        version = str_skip(version, 1);
    }
    return true;
}

bool db_version_skips_locked(struct str version)
{
    if (str_has(version, S("MariaDB"))) {
        /* Old replication clients wanted a 5 in front, so some servers say 5.5.5-10.6.…
         */
        ptrdiff_t at = str_find(version, S("5.5.5-"));
        if (at >= 0)
            version = str_skip(version, (size_t)at + 6);
        return at_least(version, 10, 6, 0);
    }
    /* "8.0.30-vitess-19.0.1" speaks for itself in front, so it is none; an app that knows
     * better says so in the connection's `version`. */
    if (str_has(version, S("vitess")) || str_has(version, S("PlanetScale")))
        return at_least(version, 19, 0, 0);
    return at_least(version, 8, 0, 1);
}
