/* test_child_frame.c: what goes through the pipes of a PHP process. */
#include <fcntl.h>
#include <unistd.h>

#include "test.h"

#include "child/child_imp.h"

struct pipes {
    struct wire w; /* this side */
    int theirs_in, theirs_out;
    struct arena arena;
};

static void open_pipes(struct pipes *p)
{
    int to[2], from[2];
    assert_int_equal(pipe2(to, O_CLOEXEC | O_NONBLOCK), 0);
    assert_int_equal(pipe2(from, O_CLOEXEC | O_NONBLOCK), 0);
    *p = (struct pipes){.w = {.in = from[0], .out = to[1]},
                        .theirs_in = to[0],
                        .theirs_out = from[1],
                        .arena = arena_open(64 << 20)};
}

static void close_pipes(struct pipes *p)
{
    wire_close(&p->w);
    close(p->theirs_in);
    close(p->theirs_out);
    arena_close(&p->arena);
}

static void comes(struct pipes *p, const char *bytes, size_t len)
{
    assert_int_equal(write(p->theirs_out, bytes, len), len);
    assert_true(wire_fill(&p->w));
}

static bool never(void *arg)
{
    ++*(int *)arg;
    return false;
}

#define FRAME "\0\0\0\x10\0\0\0\3{\"t\":\"x\",\"n\":12}raw"

void test_a_frame_has_fields_and_raw_bytes(void **state)
{
    struct pipes p;
    struct frame f;
    struct error e = {0};
    bool whole;
    (void)state;
    open_pipes(&p);
    comes(&p, FRAME, sizeof(FRAME) - 1);
    assert_ok(wire_take(&p.w, &p.arena, &f, &whole, &e), e);
    assert_true(whole);
    assert_true(str_eq(frame_text(&f, "t"), S("x")));
    assert_int_equal(frame_int(&f, "n"), 12);
    assert_true(str_eq(f.raw, S("raw")));
    assert_int_equal(frame_text(&f, "absent").len, 0);
    assert_int_equal(frame_text(&f, "n").len, 0);
    assert_ok(wire_take(&p.w, &p.arena, &f, &whole, &e), e);
    assert_false(whole);
    close_pipes(&p);
}

void test_frames_come_in_pieces_and_together(void **state)
{
    struct pipes p;
    struct frame f;
    struct error e = {0};
    static const char twice[] = FRAME FRAME;
    int frames = 0;
    (void)state;
    open_pipes(&p);
    for (size_t i = 0; i < sizeof(twice) - 1; i += 5) {
        size_t left = sizeof(twice) - 1 - i;
        comes(&p, twice + i, left < 5 ? left : 5);
        for (bool whole = true; whole;) {
            assert_ok(wire_take(&p.w, &p.arena, &f, &whole, &e), e);
            frames += whole;
        }
    }
    assert_int_equal(frames, 2);
    close_pipes(&p);
}

void test_what_is_no_frame_is_an_error(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *says;
    } cases[] = {
        {"\x7f\0\0\0\0\0\0\0", 8, "expected at most"},
        {"\0\0\0\0\xff\0\0\0", 8, "expected at most"},
        {"\0\0\0\2\0\0\0\0[]x", 10, ""},
        {"\0\0\0\1\0\0\0\0"
         "7",
         9, "no JSON object"},
        {"\0\0\0\1\0\0\0\0"
         "{",
         9, "no JSON"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pipes p;
        struct frame f;
        struct error e = {0};
        bool whole;
        open_pipes(&p);
        comes(&p, cases[i].bytes, cases[i].len);
        bool ok = wire_take(&p.w, &p.arena, &f, &whole, &e);
        assert_int_equal(ok, cases[i].says[0] == '\0');
        if (!ok)
            assert_non_null(strstr(e.text, cases[i].says));
        close_pipes(&p);
    }
}

void test_a_reader_that_does_not_read_ends_the_writing(void **state)
{
    struct pipes p;
    static char much[1 << 20];
    int asked = 0;
    (void)state;
    open_pipes(&p);
    assert_false(
        wire_send(&p.w, S("{}"), (struct str){much, sizeof(much)}, never, &asked));
    assert_int_equal(asked, 1);
    close_pipes(&p);
}

void test_more_than_a_frame_may_hold_is_not_sent(void **state)
{
    struct pipes p;
    int asked = 0;
    (void)state;
    open_pipes(&p);
    struct str huge = {"", (size_t)FRAME_OUT_MAX};
    assert_false(wire_send(&p.w, S("{}"), huge, never, &asked));
    assert_int_equal(asked, 0);
    close_pipes(&p);
}
