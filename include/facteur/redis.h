/* redis.h: one connection to a Redis server: hiredis speaks the protocol, libcurl
 * carries it, since it has TCP, Unix sockets, TLS and their timeouts. */
#ifndef FACTEUR_REDIS_H
#define FACTEUR_REDIS_H

#include <hiredis/hiredis.h>

#include "facteur/base.h"

struct redis_settings {
    struct str name; /* of the connection in database.redis */
    struct str host, socket;
    int port;
    bool tls, verify_peer, verify_name;
    struct str cafile, capath, cert, key;
    struct str user, password;
    int64_t database;
    double connect_timeout, read_timeout; /* seconds */
};

struct redis_link;

struct redis_link *redis_link_new(const struct redis_settings *s); /* settings are lent */
void redis_link_drop(struct redis_link *l);

/* redis_command sends one command and gives the server's reply, which the caller frees
 * (freeReplyObject). It connects, logs in and selects the database when needed. Where
 * `again` says that the command may run twice, a connection that turns out to be dead is
 * replaced once. An error that the server replies is an error here, too. */
bool redis_command(struct redis_link *l, const struct str *words, size_t len, bool again,
                   redisReply **out, struct error *e) MUST;

#endif
