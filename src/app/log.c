/* log.c: the app's log: a record goes to the handlers of a channel. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "app/app_imp.h"

/* What a long record took of the scratch goes back to the system. */
enum { SCRATCH_KEPT = 1 << 20 };

/* to_stream writes to a file descriptor; who reads it may be gone, which is no error of
 * ours. */
static void to_stream(int fd, struct str line)
{
    while (line.len) {
        ssize_t n = write(fd, line.ptr, line.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        line = str_skip(line, (size_t)n);
    }
}

/* to_file falls back to stderr, where a supervisor keeps what a container or the worker's
 * own log would lose. */
static void to_file(struct app *a, struct log_handler *h, struct str line)
{
    const char *cause = "";
    if (log_append(h, line, a->scratch, &cause) || h->quiet)
        return;
    if (!h->said)
        fprintf(stderr, "facteur: cannot write the log %s (%s): its lines go here\n",
                h->path, cause);
    h->said = true;
    to_stream(2, line);
}

static void handle(struct app *a, struct log_handler *h, struct str line)
{
    switch (h->kind) {
    case HANDLER_NULL:
        break;
    case HANDLER_STREAM:
        to_stream(h->fd, line);
        break;
    case HANDLER_ERRORLOG:
        /* PHP's error_log ends the line that is ended already. */
        to_stream(2, str_join(&a->scratch, line, S("\n")));
        break;
    case HANDLER_FILE:
    case HANDLER_ROTATING:
        to_file(a, h, line);
        break;
    }
}

static void write_record(struct app *a, struct str channel, struct log_record *r)
{
    struct str lines[2] = {S(""), S("")}; /* in words, as JSON: each made when needed */
    const struct log_channel *c = log_channel_lookup(a, channel);
    r->channel = c->name;
    r->placeholders = c->placeholders;
    r->extra = a->log_extra;
    char *mark = arena_mark(&a->scratch);
    for (size_t i = 0; i < c->handlers.len; i++) {
        struct log_handler *h = c->handlers.at[i];
        if (r->level < h->level)
            continue;
        struct str *line = &lines[h->json];
        if (line->len == 0)
            *line = (h->json ? log_json : log_line)(r, &a->scratch);
        handle(a, h, *line);
        if (!h->bubble)
            break;
    }
    size_t used = arena_used(&a->scratch);
    arena_release(&a->scratch, mark);
    /* Who walks the holes may log in between: what it holds of the scratch stays. */
    if (used > SCRATCH_KEPT && arena_used(&a->scratch) == 0)
        arena_reset(&a->scratch);
}

/* default_channel is logging.default; where it is broken, the emergency channel's turn
 * comes, since the name is then that of no channel. */
static struct str default_channel(struct app *a)
{
    struct error ignored = {0};
    struct str name = S("");
    if (!app_config_string(a, "logging.default", S(""), &name, &ignored))
        return S("");
    return str_trim(name);
}

void app_log_to(struct app *a, struct str channel, enum log_level level,
                struct str message, struct php_value context)
{
    struct log_record r = {.level = level, .message = message, .context = context};
    channel = str_trim(channel);
    write_record(a, channel.len ? channel : default_channel(a), &r);
}

void app_log_extra(struct app *a, struct php_value extra)
{
    a->log_extra = extra;
}

void app_log(struct app *a, enum log_level level, struct str message,
             struct php_value context)
{
    app_log_to(a, S(""), level, message, context);
}

void app_log_exception(struct app *a, const struct app_exception *x,
                       struct php_value more)
{
    struct log_record r = {
        .level = APP_ERROR, .message = x->message, .context = more, .exception = x};
    write_record(a, default_channel(a), &r);
}
