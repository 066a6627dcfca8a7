/* The watch list beside a model that is too simple to be wrong. */
#include "test.h"

#include "queue/queue_imp.h"

enum { IDS = 300, STEPS = 200000 };

static uint32_t random_below(uint32_t n)
{
    static uint32_t x = 2463534242;
    x ^= x << 13, x ^= x >> 17, x ^= x << 5;
    return x % n;
}

/* What the model knows of an id. */
struct known {
    bool there, native, doubt;
    int64_t due, until;
};

static size_t model_due(const struct known *all, enum watch_kind kind, int64_t now,
                        size_t skip, int64_t *ids, size_t max)
{
    size_t n = 0;
    for (int64_t id = 0; id < IDS && n < max; id++) {
        const struct known *k = &all[id];
        bool is = kind == WATCH_ANY       ? true
                  : kind == WATCH_NATIVE  ? k->native
                  : kind == WATCH_FOREIGN ? !k->native
                                          : k->native && k->doubt;
        if (!k->there || !is || k->due > now || k->until > now)
            continue;
        if (skip)
            skip--;
        else
            ids[n++] = id;
    }
    return n;
}

static void model_found(struct known *k, int64_t due, enum watch_whose whose)
{
    if (!k->there)
        *k = (struct known){.there = true, .doubt = whose == WATCH_PERHAPS};
    else if (!k->native)
        k->doubt = true;
    k->native = whose != WATCH_OTHERS;
    k->due = due;
}

/* change does one thing to the list and to the model. */
static void change(struct watch_queue *w, struct known *all)
{
    int64_t id = random_below(IDS), when = random_below(50);
    struct known *k = &all[id];
    enum watch_whose whose = random_below(3);
    switch (random_below(10)) {
    case 0:
        watch_leave(w, id, when);
        if (!k->there)
            *k = (struct known){.there = true, .native = true};
        k->due = k->until = when;
        break;
    case 1:
        watch_disown(w, id);
        k->native = false;
        break;
    case 2:
        watch_trust(w, id);
        k->doubt = false;
        break;
    case 3:
    case 4:
    case 5:
        assert_true(watch_found(w, id, when, whose));
        model_found(k, when, whose);
        break;
    case 6:
        assert_true(watch_put(w, id, when));
        if (!k->there)
            *k = (struct known){.there = true, .native = true};
        k->due = when;
        break;
    default:
        watch_remove(w, id);
        k->there = false;
    }
}

void test_the_list_does_what_the_model_does(void **state)
{
    (void)state;
    struct error e = {0};
    struct watch *watch = watch_new(2, &e);
    assert_non_null(watch);
    static struct known all[IDS];
    struct watch_queue *w = watch_lock(watch, 1);
    for (int step = 0; step < STEPS; step++) {
        change(w, all);
        if (step % 20000 == 19999) {
            watch_keep_ours(w);
            for (size_t i = 0; i < IDS; i++)
                all[i].there = all[i].there && all[i].native;
        }
        int64_t got[8], want[8], now = random_below(60);
        size_t skip = random_below(4) ? 0 : random_below(20);
        enum watch_kind kind = random_below(WATCH_KINDS);
        size_t n = watch_due(w, kind, now, skip, got, COUNT(got));
        assert_int_equal(n, model_due(all, kind, now, skip, want, COUNT(want)));
        assert_memory_equal(got, want, n * sizeof(*got));
    }
    size_t len = 0;
    for (size_t i = 0; i < IDS; i++)
        len += all[i].there;
    assert_int_equal(w->len, len);
    watch_unlock(watch, 1);
    assert_int_equal(watch_lock(watch, 0)->len, 0);
    watch_unlock(watch, 0);
    watch_drop(watch);
}

/* What is due is found past any number that is not, and goes wherever it stands: walking
 * to it would take minutes here. */
void test_those_that_are_not_due_cost_nothing(void **state)
{
    (void)state;
    struct error e = {0};
    enum { LATER = 200000, TIMES = 20000 };
    struct watch *watch = watch_new(1, &e);
    assert_non_null(watch);
    struct watch_queue *w = watch_lock(watch, 0);
    for (int64_t id = 1; id <= LATER; id++)
        assert_true(watch_found(w, 2 * id, 1000, WATCH_OURS));
    int64_t begun = clock_mono_us(), got[8], last = 2 * (int64_t)LATER;
    for (int64_t i = 0; i < TIMES; i++) {
        int64_t middle = LATER + 1 + 2 * i;
        assert_true(watch_found(w, middle, 1, WATCH_OURS));
        assert_true(watch_found(w, last + 1, 1, WATCH_PERHAPS));
        assert_int_equal(watch_due(w, WATCH_ANY, 1, 0, got, COUNT(got)), 2);
        assert_true(got[0] == middle && got[1] == last + 1);
        assert_int_equal(watch_due(w, WATCH_ANY, 1, 1, got, COUNT(got)), 1);
        assert_int_equal(got[0], last + 1);
        assert_int_equal(watch_due(w, WATCH_DOUBTFUL, 1, 0, got, COUNT(got)), 1);
        watch_remove(w, middle);
        watch_remove(w, last + 1);
        assert_int_equal(watch_due(w, WATCH_ANY, 1, 0, got, COUNT(got)), 0);
    }
    double us = (double)(clock_mono_us() - begun) / TIMES;
    printf("# two entries behind and among %d: %.1f us to come, be found and go\n", LATER,
           us);
    assert_true(us < 200);
    assert_int_equal(w->len, LATER);
    watch_unlock(watch, 0);
    watch_drop(watch);
}

/* A busy queue takes from the front and adds at the end, for ever. */
void test_the_list_never_runs_out_of_room_while_it_is_short(void **state)
{
    (void)state;
    struct error e = {0};
    struct watch *watch = watch_new(1, &e);
    assert_non_null(watch);
    struct watch_queue *w = watch_lock(watch, 0);
    for (int64_t id = 0; id < 3 * (int64_t)WATCH_MAX; id++) {
        assert_true(watch_put(w, id, 0));
        if (id >= 10)
            watch_remove(w, id - 10);
    }
    assert_int_equal(w->len, 10);
    watch_unlock(watch, 0);
    watch_drop(watch);
}

void test_a_full_list_says_so(void **state)
{
    (void)state;
    struct error e = {0};
    struct watch *watch = watch_new(1, &e);
    assert_non_null(watch);
    struct watch_queue *w = watch_lock(watch, 0);
    for (int64_t id = 0; id < WATCH_MAX; id++)
        assert_true(watch_put(w, id, 0));
    assert_false(watch_put(w, WATCH_MAX, 0));
    assert_true(watch_put(w, 5, 7)); /* one that is there can change */
    watch_remove(w, 5);
    assert_true(watch_put(w, WATCH_MAX, 0));
    watch_unlock(watch, 0);
    watch_drop(watch);
}

/* Who is in doubt is told apart, in the order of ids, and only where it is due. */
void test_doubt_is_of_those_that_are_due(void **state)
{
    (void)state;
    struct error e = {0};
    int64_t ids[8];
    struct watch *watch = watch_new(1, &e);
    assert_non_null(watch);
    struct watch_queue *w = watch_lock(watch, 0);
    for (int64_t id = 1; id <= 6; id++)
        assert_true(
            watch_found(w, id, id == 4 ? 100 : 0, id % 2 ? WATCH_OURS : WATCH_PERHAPS));
    assert_int_equal(watch_due(w, WATCH_DOUBTFUL, 50, 0, ids, COUNT(ids)), 2);
    assert_true(ids[0] == 2 && ids[1] == 6);
    assert_int_equal(watch_due(w, WATCH_DOUBTFUL, 100, 0, ids, COUNT(ids)), 3);
    assert_int_equal(watch_due(w, WATCH_DOUBTFUL, 100, 0, ids, 1), 1);
    watch_trust(w, 2);
    assert_true(
        watch_found(w, 2, 0, WATCH_PERHAPS)); /* what is known of it stays known */
    assert_int_equal(watch_due(w, WATCH_DOUBTFUL, 50, 0, ids, COUNT(ids)), 1);
    assert_false(watch_doubts(w, (int64_t[]){1, 2, 3}, 3));
    assert_true(watch_doubts(w, (int64_t[]){1, 6}, 2));
    watch_doubt(w, 2, 50, 2);
    assert_int_equal(watch_due(w, WATCH_DOUBTFUL, 50, 0, ids, COUNT(ids)), 3);
    assert_true(ids[0] == 3 && ids[1] == 5 && ids[2] == 6);
    watch_unlock(watch, 0);
    watch_drop(watch);
}

void test_a_refusal_holds_while_nothing_changes(void **state)
{
    (void)state;
    struct error e = {0};
    struct watch *watch = watch_new(1, &e);
    assert_non_null(watch);
    struct watch_queue *w = watch_lock(watch, 0);
    struct watch_refusal r = {.id = 7, .mark = 1, .stamp = 2}, other = r;
    assert_true(watch_put(w, 7, 0));
    watch_refuse(w, r);
    assert_int_equal(w->len, 0);
    assert_true(watch_refused(w, r));
    other.mark++;
    assert_false(watch_refused(w, other));
    other = r;
    other.stamp++;
    assert_false(watch_refused(w, other));
    other = r;
    other.id += WATCH_MAX; /* the same place: the newer one is remembered */
    assert_false(watch_refused(w, other));
    watch_refuse(w, other);
    assert_true(watch_refused(w, other));
    assert_false(watch_refused(w, r));
    watch_unlock(watch, 0);
    watch_drop(watch);
}

/* Where every row is watched a refused one stays, for others. */
void test_what_is_refused_stays_where_others_run_it(void **state)
{
    (void)state;
    struct error e = {0};
    int64_t ids[4];
    struct watch *watch = watch_new(1, &e);
    assert_non_null(watch);
    assert_non_null(look_lock(watch, 0));
    watch_switch(watch, 0, true);
    struct watch_queue *w = watch_lock(watch, 0);
    struct watch_refusal r = {.id = 7, .mark = 1, .stamp = 2};
    assert_true(watch_put(w, 7, 0) && watch_put(w, 9, 0));
    assert_true(watch_found(w, 8, 0, WATCH_OTHERS));
    watch_refuse(w, r);
    assert_true(watch_refused(w, r));
    assert_int_equal(watch_due(w, WATCH_NATIVE, 0, 0, ids, COUNT(ids)), 1);
    assert_int_equal(ids[0], 9);
    assert_int_equal(watch_due(w, WATCH_ANY, 0, 0, ids, COUNT(ids)), 3);
    assert_true(ids[0] == 7 && ids[1] == 8 && ids[2] == 9);
    w->paged = true;
    watch_unlock(watch, 0);
    watch_switch(watch, 0, false);
    w = watch_lock(watch, 0);
    assert_int_equal(watch_due(w, WATCH_ANY, 0, 0, ids, COUNT(ids)), 1);
    assert_int_equal(ids[0], 9);
    assert_true(w->paged);
    watch_unlock(watch, 0);
    watch_switch(watch, 0, true); /* all that was passed over is read now */
    w = watch_lock(watch, 0);
    assert_int_equal(w->len, 1);
    assert_false(w->paged);
    watch_unlock(watch, 0);
    look_unlock(watch, 0);
    watch_drop(watch);
}

void test_a_name_is_new_once(void **state)
{
    (void)state;
    struct error e = {0};
    struct watch *watch = watch_new(1, &e);
    assert_non_null(watch);
    assert_true(watch_is_new(watch, S("a")));
    assert_true(watch_is_new(watch, S("b")));
    assert_false(watch_is_new(watch, S("a")));
    int said = 2;
    for (int i = 0; i < 10000; i++) {
        char name[32];
        snprintf(name, sizeof(name), "name %d", i);
        said += watch_is_new(watch, str_from(name));
    }
    assert_in_range(said, 4000, 5000); /* then it is silent, not full of noise */
    watch_drop(watch);
}
