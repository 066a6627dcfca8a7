/* fuzz_frame: any bytes may come from a PHP process. They are frames or an error, never
 * read beyond their end; and come in two pieces they are the same frames.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "child/child_imp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* give has the wire read bytes. */
static void give(struct wire *w, int to, struct str s)
{
    while (s.len) {
        size_t n = s.len < 4096 ? s.len : 4096;
        if (write(to, s.ptr, n) != (ssize_t)n || !wire_fill(w))
            abort();
        s = str_skip(s, n);
    }
}

/* take takes all that is there; false: it was no frame. */
static bool take(struct wire *w, struct arena *perm, uint64_t *sum)
{
    for (bool whole = true; whole;) {
        struct error e = {0};
        struct frame f;
        if (!wire_take(w, perm, &f, &whole, &e))
            return false;
        if (whole)
            *sum = *sum * 31 + str_hash(frame_text(&f, "t")) + str_hash(f.raw) +
                   (uint64_t)frame_int(&f, "n") + frame_bool(&f, "owned");
    }
    return true;
}

static uint64_t frames_of(const int fds[2], struct str first, struct str second,
                          struct arena *perm)
{
    struct wire w = {.in = dup(fds[0]), .out = -1};
    uint64_t sum = 1;
    give(&w, fds[1], first);
    bool ok = take(&w, perm, &sum);
    if (ok) {
        give(&w, fds[1], second);
        ok = take(&w, perm, &sum);
    }
    wire_close(&w);
    arena_reset(perm);
    return sum + (ok ? 0 : 7);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    int fds[2];
    if (!arena.pool)
        arena = arena_open(64 << 20);
    if (pipe2(fds, O_CLOEXEC) != 0)
        abort();
    struct str all = {(const char *)data, size};
    size_t cut = size ? data[0] % (size + 1) : 0;
    uint64_t whole = frames_of(fds, all, S(""), &arena);
    uint64_t pieces = frames_of(fds, str_sub(all, 0, cut), str_skip(all, cut), &arena);
    if (whole != pieces)
        abort();
    close(fds[0]);
    close(fds[1]);
    return 0;
}
