/* notify.c: what systemd is told of a service with Type=notify: that it is ready, what it
 * is doing, that it stops, and that it lives (sd_notify(3)). Datagrams to a socket of
 * its: no library is needed. Without NOTIFY_SOCKET nothing is sent and nothing computed.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "worker/worker_imp.h"

enum {
    STATUS_MS = 1000, /* how often a status may change */
    BEGIN_MS = 5000,  /* how often more time is asked for */
    BEGIN_MORE_MS = 30000,
};

/* send_text never waits: whoever does not listen must not hold up the work. False: it was
 * not taken, and is to be sent again. */
static bool send_text(const struct notify *n, const char *fmt, ...) PRINTF(2, 3);
static bool send_text(const struct notify *n, const char *fmt, ...)
{
    char text[512];
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t len = strlen(n->socket);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    memcpy(to.sun_path, n->socket, len);
    if (to.sun_path[0] == '@') /* an abstract name */
        to.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    ssize_t sent = sendto(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT,
                          (const struct sockaddr *)&to,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
    close(fd);
    return sent >= 0;
}

/* take returns a variable, NULL: it is not set, and takes it out of the environment. */
static const char *take(const char *name, char *room, size_t size)
{
    const char *value = getenv(name);
    if (!value || !value[0])
        return NULL;
    snprintf(room, size, "%s", value);
    unsetenv(name);
    return room;
}

/* watchdog is how long systemd waits for a sign of life; 0: it does not. */
static int64_t watchdog(void)
{
    char room[32], owner[32];
    int64_t us = 0, pid = getpid();
    const char *given = take("WATCHDOG_USEC", room, sizeof(room));
    const char *whose = take("WATCHDOG_PID", owner, sizeof(owner));
    if (!given || !str_to_i64(str_from(given), &us) || us <= 0)
        return 0;
    if (whose && (!str_to_i64(str_from(whose), &pid) || pid != getpid()))
        return 0;
    return us / 1000;
}

bool notify_open(struct notify *n, struct error *e)
{
    char name[512];
    struct sockaddr_un to;
    *n = (struct notify){.watchdog_ms = watchdog()};
    const char *given = take("NOTIFY_SOCKET", name, sizeof(name));
    if (!given)
        return true;
    if ((given[0] != '/' && given[0] != '@') || strlen(given) >= sizeof(to.sun_path))
        return err_set(e, ERR_JOB,
                       "NOTIFY_SOCKET is \"%s\", expected a path or @name of fewer than "
                       "%zu bytes: systemd is told nothing",
                       given, sizeof(to.sun_path));
    snprintf(n->socket, sizeof(n->socket), "%s", given);
    return true;
}

bool notify_is_wanted(const struct notify *n)
{
    return n->socket[0] != '\0';
}

void notify_begins(struct notify *n)
{
    int64_t now = clock_mono_ms();
    if (!notify_is_wanted(n) || now < n->next_begin_ms)
        return;
    n->next_begin_ms = now + BEGIN_MS;
    send_text(n,
              "EXTEND_TIMEOUT_USEC=%d\nSTATUS=The app is asked, and letters are compared",
              BEGIN_MORE_MS * 1000);
}

/* feed: half of the time is the rule of sd_watchdog_enabled(3). */
static void feed(struct notify *n, int64_t now)
{
    if (n->watchdog_ms && now >= n->next_feed_ms && send_text(n, "WATCHDOG=1"))
        n->next_feed_ms = now + n->watchdog_ms / 2;
}

void notify_turn(struct notify *n, const struct notify_state *s)
{
    int64_t now = clock_mono_ms();
    char status[sizeof(n->status)];
    if (s->alive)
        feed(n, now);
    if (!n->ready)
        n->ready = send_text(n, "READY=1");
    if (s->stopping && !n->stopping)
        n->stopping = send_text(n, "STOPPING=1");
    if (now < n->next_status_ms)
        return;
    if (s->stopping)
        snprintf(status, sizeof(status), "Stopping: %d at work", s->at_work);
    else if (s->paused)
        snprintf(status, sizeof(status), "Paused");
    else
        snprintf(status, sizeof(status), "%d of %d slots at work, %lld jobs taken",
                 s->at_work, s->slots, (long long)s->taken);
    if (strcmp(status, n->status) == 0 || !send_text(n, "STATUS=%s", status))
        return;
    snprintf(n->status, sizeof(n->status), "%s", status);
    n->next_status_ms = now + STATUS_MS;
}
