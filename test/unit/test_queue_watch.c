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

static size_t model_due(const int64_t *due, int64_t now, size_t skip, int64_t *ids,
                        size_t max)
{
    size_t n = 0;
    for (int64_t id = 0; id < IDS && n < max; id++) {
        if (due[id] < 0 || due[id] > now)
            continue;
        if (skip)
            skip--;
        else
            ids[n++] = id;
    }
    return n;
}

void test_the_list_does_what_the_model_does(void **state)
{
    (void)state;
    struct error e = {0};
    struct watch *watch = watch_new(2, &e);
    assert_non_null(watch);
    int64_t due[IDS];
    memset(due, 0xff, sizeof(due));
    struct watch_queue *w = watch_lock(watch, 1);
    for (int step = 0; step < STEPS; step++) {
        int64_t id = random_below(IDS), when = random_below(50);
        if (random_below(3)) {
            assert_true(watch_put(w, id, when));
            due[id] = when;
        } else {
            watch_remove(w, id);
            due[id] = -1;
        }
        int64_t got[8], want[8], now = random_below(60);
        size_t skip = random_below(20);
        size_t n = watch_due(w, WATCH_ANY, now, skip, got, COUNT(got));
        assert_int_equal(n, model_due(due, now, skip, want, COUNT(want)));
        assert_memory_equal(got, want, n * sizeof(*got));
    }
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
        assert_true(watch_found(w, 2 * id, 1000, true));
    int64_t begun = clock_mono_us(), got[8], last = 2 * (int64_t)LATER;
    for (int64_t i = 0; i < TIMES; i++) {
        int64_t middle = LATER + 1 + 2 * i;
        assert_true(watch_found(w, middle, 1, true));
        assert_true(watch_found(w, last + 1, 1, false));
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
        assert_true(watch_found(w, id, id == 4 ? 100 : 0, id % 2));
    assert_int_equal(watch_due(w, WATCH_DOUBTFUL, 50, 0, ids, COUNT(ids)), 2);
    assert_true(ids[0] == 2 && ids[1] == 6);
    assert_int_equal(watch_due(w, WATCH_DOUBTFUL, 100, 0, ids, COUNT(ids)), 3);
    assert_int_equal(watch_due(w, WATCH_DOUBTFUL, 100, 0, ids, 1), 1);
    watch_trust(w, 2);
    assert_true(watch_found(w, 2, 0, false)); /* what is known of it stays known */
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
