/* errors.c: what an error of the server, of its library or of a proxy between means.
 *
 * This is the only list of their numbers. What a meaning leads to, statement by
 * statement, stands in doc/safety.md.
 */
#include <stdlib.h>

#include "db/db_imp.h"

struct code {
    unsigned number; /* ascending */
    enum db_fault fault;
};

static const struct code codes[] = {
    {1015, DB_PASSING},   /* cannot lock the file */
    {1020, DB_PASSING},   /* MariaDB 11: the row changed since the snapshot */
    {1021, DB_PASSING},   /* disk full */
    {1026, DB_PASSING},   /* writing a file failed */
    {1028, DB_PASSING},   /* sorting was aborted */
    {1030, DB_PASSING},   /* an error of the storage engine */
    {1037, DB_PASSING},   /* out of memory */
    {1038, DB_PASSING},   /* out of memory for sorting */
    {1040, DB_LOST},      /* too many connections */
    {1041, DB_PASSING},   /* out of memory */
    {1042, DB_LOST},      /* the server cannot resolve a name */
    {1043, DB_LOST},      /* bad handshake */
    {1044, DB_PRIVILEGE}, /* no access to the database */
    {1045, DB_PRIVILEGE}, /* user or password */
    {1046, DB_SCHEMA},    /* no database selected */
    {1047, DB_LOST},      /* Galera: this node is not ready */
    {1048, DB_LASTING},   /* a column cannot be null */
    {1049, DB_SCHEMA},    /* unknown database */
    {1053, DB_LOST},      /* shutdown in progress */
    {1054, DB_SCHEMA},    /* unknown column */
    {1058, DB_SCHEMA},    /* columns and values do not match */
    {1062, DB_LASTING},   /* duplicate entry */
    {1064, DB_SCHEMA},    /* syntax */
    {1065, DB_SCHEMA},    /* an empty query */
    {1077, DB_LOST},      /* normal shutdown */
    {1078, DB_LOST},      /* the server got a signal */
    {1079, DB_LOST},      /* shutdown complete */
    {1080, DB_LOST},      /* the connection is closed by force */
    {1105, DB_UNKNOWN},   /* "unknown error": Vitess and others put all of theirs here */
    {1114, DB_PASSING},   /* the table is full */
    {1115, DB_SCHEMA},    /* unknown character set */
    {1129, DB_LOST},      /* the host is blocked */
    {1130, DB_LOST},      /* the host may not connect: names are resolved again */
    {1135, DB_PASSING},   /* no thread */
    {1136, DB_SCHEMA},    /* columns and values do not match */
    {1142, DB_PRIVILEGE}, /* no right on the table */
    {1143, DB_PRIVILEGE}, /* no right on the column */
    {1146, DB_SCHEMA},    /* no such table */
    {1152, DB_LOST},      /* the connection was aborted */
    {1153, DB_LASTING},   /* the packet is too large */
    {1154, DB_LOST},      /* 1154-1161: the server's side of the connection */
    {1155, DB_LOST},      {1156, DB_LOST},   {1157, DB_LOST},
    {1158, DB_LOST},      {1159, DB_LOST},   {1160, DB_LOST},
    {1161, DB_LOST},      {1176, DB_SCHEMA}, /* no such index */
    {1180, DB_PASSING},                      /* an error during COMMIT */
    {1181, DB_PASSING},                      /* an error during ROLLBACK */
    {1184, DB_LOST},                         /* the connection was aborted */
    {1193, DB_SCHEMA},                       /* no such variable */
    {1197, DB_PASSING},                      /* the transaction's cache is full */
    {1203, DB_LOST},                         /* the user has too many connections */
    {1205, DB_PASSING},                      /* lock wait timeout */
    {1206, DB_PASSING},   /* too many locks: the transaction was rolled back */
    {1213, DB_PASSING},   /* deadlock */
    {1223, DB_PASSING},   /* tables are locked against writes */
    {1226, DB_LOST},      /* the user's limit for an hour is reached */
    {1227, DB_PRIVILEGE}, /* a right of the session is missing */
    {1231, DB_SCHEMA},    /* a variable cannot have this value */
    {1243, DB_LOST},      /* unknown prepared statement: a proxy changed servers */
    {1251, DB_PRIVILEGE}, /* the way to log in is not known */
    {1264, DB_LASTING},   /* out of range */
    {1265, DB_LASTING},   /* truncated */
    {1273, DB_SCHEMA},    /* unknown collation */
    {1290, DB_LOST},      /* --read-only: a failover is under way */
    {1292, DB_LASTING},   /* a wrong value */
    {1296, DB_PASSING},   /* an error of the cluster */
    {1297, DB_PASSING},   /* a passing error of the cluster */
    {1298, DB_SCHEMA},    /* unknown time zone */
    {1305, DB_SCHEMA},    /* no such function */
    {1317, DB_PASSING},   /* the query was interrupted */
    {1356, DB_SCHEMA},    /* the view cannot be used */
    {1364, DB_LASTING},   /* a column has no default */
    {1366, DB_LASTING},   /* a wrong value for the column */
    {1370, DB_PRIVILEGE}, /* no right on the routine */
    {1406, DB_LASTING},   /* too long for the column */
    {1412, DB_PASSING},   /* the table changed, begin the transaction again */
    {1449, DB_PRIVILEGE}, /* a trigger's definer is gone */
    {1451, DB_LASTING},   /* foreign keys */
    {1452, DB_LASTING},   {1461, DB_LOST}, /* too many prepared statements: those of a
                                              session go with it */
    {1526, DB_LASTING},                    /* no partition for the value */
    {1615, DB_PASSING},                    /* the statement must be prepared again */
    {1637, DB_PASSING},                    /* too many transactions at once */
    {1644, DB_LASTING},                    /* a trigger's SIGNAL */
    {1698, DB_PRIVILEGE},                  /* the user may not log in so */
    {1748, DB_LASTING},                    /* no partition for the value */
    {1792, DB_LOST},                       /* read-only, as 1290 */
    {1820, DB_PRIVILEGE},                  /* the password has expired */
    {1836, DB_LOST},                       /* read-only, as 1290 */
    {1862, DB_PRIVILEGE},                  /* the password has expired */
    {1927, DB_LOST},    /* MariaDB, MaxScale: the connection was killed */
    {1969, DB_PASSING}, /* MariaDB: max_statement_time */
    {2000, DB_UNKNOWN}, /* of the library, which says no more */
    {2001, DB_LOST},    /* 2001-2006, 2012, 2013: no connection, or not any more; */
    {2002, DB_LOST},    /* Router and MaxScale send some of these as the server's */
    {2003, DB_LOST},      {2004, DB_LOST},   {2005, DB_LOST},
    {2006, DB_LOST},      {2012, DB_LOST},   {2013, DB_LOST},
    {2014, DB_LOST},      /* out of sync */
    {2020, DB_LASTING},   /* the packet is too large */
    {2026, DB_PRIVILEGE}, /* TLS */
    {2027, DB_LOST},      /* malformed packet */
    {2055, DB_LOST},      /* lost, with the system's error */
    {2059, DB_PRIVILEGE}, /* no plugin for the login that the server asks for */
    {2061, DB_PRIVILEGE}, /* the login's plugin failed */
    {3024, DB_PASSING},   /* MySQL: max_execution_time */
    {3032, DB_LOST},      /* MySQL: offline mode */
    {3100, DB_PASSING},   /* MySQL: COMMIT was refused by a plugin */
    {3101, DB_PASSING},   /* MySQL: the group's vote went against the COMMIT */
    {3118, DB_PRIVILEGE}, /* MySQL: the account is locked */
    {3168, DB_LOST},      /* MySQL: the server is not available */
    {3169, DB_LOST},      /* MySQL: the session was killed */
    {3819, DB_LASTING},   /* MySQL: CHECK */
    {3989, DB_LOST},      /* MySQL: the session is not available for now */
    {4025, DB_LASTING},   /* MariaDB: CHECK */
    {4031, DB_LOST},      /* MySQL: closed because of inactivity */
    {4151, DB_PRIVILEGE}, /* MariaDB: the account is locked */
    {5010, DB_PRIVILEGE}, /* MariaDB's library: a login that may not be used here */
};

static int by_number(const void *a, const void *b)
{
    unsigned x = ((const struct code *)a)->number, y = ((const struct code *)b)->number;
    return x < y ? -1 : x > y;
}

/* by_state judges a number that is not listed by the first two signs of its SQLSTATE. */
static enum db_fault by_state(const char *state)
{
    static const struct {
        const char *begins;
        enum db_fault fault;
    } states[] = {
        {"08", DB_LOST},    {"22", DB_LASTING},   {"23", DB_LASTING},
        {"40", DB_PASSING}, {"42", DB_SCHEMA},    {"44", DB_LASTING},
        {"45", DB_LASTING}, {"28", DB_PRIVILEGE}, {"70", DB_PASSING},
    };
    for (size_t i = 0; i < COUNT(states); i++)
        if (strncmp(state, states[i].begins, 2) == 0)
            return states[i].fault;
    return DB_UNKNOWN;
}

enum db_fault db_fault_of(unsigned number, const char *state)
{
    struct code key = {.number = number};
    const struct code *c =
        bsearch(&key, codes, COUNT(codes), sizeof(codes[0]), by_number);
    if (c)
        return c->fault;
    /* ProxySQL's own: no backend within its time, a session that it has to end, … */
    if (number >= 9001 && number <= 9020)
        return DB_LOST;
    return by_state(state);
}

enum err_kind db_fault_kind(enum db_fault fault)
{
    switch (fault) {
    case DB_LOST:
        return ERR_LOST;
    case DB_PASSING:
        return ERR_AGAIN;
    case DB_NO_FAULT:
    case DB_LASTING:
    case DB_SCHEMA:
    case DB_PRIVILEGE:
    case DB_UNKNOWN:
        break;
    }
    return ERR_JOB;
}
