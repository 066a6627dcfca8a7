/* frame.c: what goes through the pipes. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "child/child_imp.h"

enum {
    LENGTHS = 8, /* bytes: of the JSON, of what is behind it */
    ROOM = 64 << 10,
    PATIENCE_MS = 200, /* between two questions whether to go on */
    VALUES_MAX = 65536,
};

/* === writing === */

void wire_length(char out[static 4], size_t n)
{
    for (int i = 0; i < 4; i++)
        out[i] = (char)(n >> (24 - 8 * i) & 0xff);
}

/* taken moves the pieces on by what was written; false: that was all. */
static bool taken(struct iovec *pieces, size_t len, size_t n)
{
    size_t left = 0;
    for (size_t i = 0; i < len; i++) {
        size_t of_this = n < pieces[i].iov_len ? n : pieces[i].iov_len;
        pieces[i].iov_base = (char *)pieces[i].iov_base + of_this;
        pieces[i].iov_len -= of_this;
        n -= of_this;
        left += pieces[i].iov_len;
    }
    return left > 0;
}

static bool send_pieces(struct wire *w, struct iovec *pieces, size_t len,
                        bool (*waits)(void *arg), void *arg)
{
    for (;;) {
        ssize_t n = writev(w->out, pieces, (int)len);
        if (n > 0 && !taken(pieces, len, (size_t)n))
            return true;
        if (n > 0)
            continue;
        if (n < 0 && errno == EINTR)
            continue;
        struct pollfd fd = {.fd = w->out, .events = POLLOUT};
        if (n == 0 || errno != EAGAIN)
            return false;
        if (poll(&fd, 1, PATIENCE_MS) == 0 && !waits(arg))
            return false;
    }
}

static struct iovec piece(struct str s)
{
    return (struct iovec){(void *)(uintptr_t)s.ptr, s.len};
}

bool wire_write(struct wire *w, struct str s, bool (*waits)(void *arg), void *arg)
{
    struct iovec one = piece(s);
    return s.len == 0 || send_pieces(w, &one, 1, waits, arg);
}

bool wire_send(struct wire *w, struct str json, struct str raw, bool (*waits)(void *arg),
               void *arg)
{
    char lengths[LENGTHS];
    if (json.len > FRAME_OUT_MAX || raw.len > FRAME_OUT_MAX - json.len)
        return false;
    wire_length(lengths, json.len);
    wire_length(lengths + 4, raw.len);
    struct iovec pieces[] = {piece((struct str){lengths, LENGTHS}), piece(json),
                             piece(raw)};
    return send_pieces(w, pieces, COUNT(pieces), waits, arg);
}

/* === reading === */

static size_t get_length(const char *at)
{
    size_t n = 0;
    for (int i = 0; i < 4; i++)
        n = n << 8 | (unsigned char)at[i];
    return n;
}

/* make_room: what was taken goes, and there is room for a read. */
static bool make_room(struct wire *w)
{
    if (w->at) {
        memmove(w->buf, w->buf + w->at, w->len - w->at);
        w->len -= w->at;
        w->at = 0;
    }
    if (w->cap - w->len >= ROOM)
        return true;
    size_t cap = w->cap ? w->cap * 2 : 2 * ROOM;
    char *more = realloc(w->buf, cap);
    if (!more)
        return false;
    w->buf = more;
    w->cap = cap;
    return true;
}

bool wire_fill(struct wire *w)
{
    if (!make_room(w))
        return false;
    ssize_t n = read(w->in, w->buf + w->len, w->cap - w->len);
    if (n > 0)
        w->len += (size_t)n;
    return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

void wire_deafen(struct wire *w)
{
    close(w->in);
    w->in = -1;
}

bool wire_take(struct wire *w, struct arena *perm, struct frame *f, bool *whole,
               struct error *e)
{
    size_t have = w->len - w->at;
    *whole = false;
    if (have < LENGTHS)
        return true;
    const char *at = w->buf + w->at;
    size_t json = get_length(at), raw = get_length(at + 4);
    if (json > FRAME_IN_MAX || raw > FRAME_IN_MAX)
        return err_set(e, ERR_JOB, "a frame of %zu and %zu bytes, expected at most %d",
                       json, raw, FRAME_IN_MAX);
    if (have < LENGTHS + json + raw)
        return true;
    struct str text = {at + LENGTHS, json};
    *f = (struct frame){.raw = {at + LENGTHS + json, raw}};
    w->at += LENGTHS + json + raw;
    *whole = true;
    if (!php_json_read_some(text, VALUES_MAX, perm, &f->fields, e))
        return err_wrap(e, "a frame that is no JSON");
    if (f->fields.type != PHP_ARRAY)
        return err_set(e, ERR_JOB, "a frame that is no JSON object");
    return true;
}

void wire_close(struct wire *w)
{
    if (w->in >= 0)
        close(w->in);
    if (w->out >= 0)
        close(w->out);
    free(w->buf);
    *w = (struct wire){.in = -1, .out = -1};
}

/* === fields === */

struct php_value frame_field(const struct frame *f, const char *name)
{
    const struct php_value *v = php_array_named(f->fields.a, name);
    return v ? *v : php_null();
}

struct str frame_text(const struct frame *f, const char *name)
{
    struct php_value v = frame_field(f, name);
    return v.type == PHP_STRING ? v.s : S("");
}

int64_t frame_int(const struct frame *f, const char *name)
{
    struct php_value v = frame_field(f, name);
    return v.type == PHP_INT ? v.i : 0;
}

bool frame_bool(const struct frame *f, const char *name)
{
    struct php_value v = frame_field(f, name);
    return v.type == PHP_BOOL && v.b;
}
