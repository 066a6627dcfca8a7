/* The lock that guards the file of failed jobs, as Laravel's file cache store keeps it.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "facteur/cache.h"
#include "test.h"

/* sha1 of "file-store-lock:laravel-failed-jobs" */
#define LOCK_FILE "/%.2s/%.2s/%s"
static const char hash[] = "0ac92417880b9c60632778b92a4f206ab66ac2c0";

static char dir[128], file[256];

static struct file_lock lock_of(int64_t seconds)
{
    return (struct file_lock){
        .dir = dir, .name = "file-store-lock:laravel-failed-jobs", .seconds = seconds};
}

static void new_dir(void)
{
    snprintf(dir, sizeof(dir), "build/lock.XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(file, sizeof(file), "%s" LOCK_FILE, dir, hash, hash + 2, hash);
}

static void drop_dir(void)
{
    unlink(file);
    for (char *end; (end = strrchr(file, '/')) && end - file >= (ptrdiff_t)strlen(dir);) {
        *end = '\0';
        assert_int_equal(rmdir(file), 0);
    }
}

static void put(const char *text)
{
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

void test_a_lock_is_a_file_with_its_end_and_its_owner(void **state)
{
    (void)state;
    struct arena a = arena_open(1 << 20);
    struct error e = {0};
    struct str text;
    new_dir();
    struct file_lock mine = lock_of(5), other = lock_of(5);
    clock_freeze((int64_t)1795612377 * 1000000);
    assert_ok(file_lock(&mine, 0, &e), e);
    assert_ok(file_read(file, 4096, &a, &text, &e), e);
    assert_true(str_starts(text, S("1795612382s:16:\"")));
    assert_true(str_ends(text, S("\";")));
    assert_int_equal(text.len, 10 + 24);
    /* Another one waits, and nobody but the owner releases it. */
    assert_false(file_lock(&other, 0, &e));
    assert_int_equal(e.kind, ERR_LOST);
    file_unlock(&other);
    assert_int_equal(access(file, F_OK), 0);
    file_unlock(&mine);
    assert_int_not_equal(access(file, F_OK), 0);
    clock_freeze(-1);
    drop_dir();
    arena_close(&a);
}

void test_a_lock_that_has_expired_or_is_empty_is_taken(void **state)
{
    (void)state;
    struct error e = {0};
    new_dir();
    struct file_lock mine = lock_of(5);
    assert_ok(file_lock(&mine, 0, &e), e);
    const char *const free_ones[] = {"", "1795612376s:3:\"abc\";", "short",
                                     "0000000000s:3:\"abc\";", "notdigits!"};
    clock_freeze((int64_t)1795612377 * 1000000);
    for (size_t i = 0; i < COUNT(free_ones); i++) {
        put(free_ones[i]);
        assert_ok(file_lock(&mine, 0, &e), e);
    }
    put("1795612378s:3:\"abc\";");
    assert_false(file_lock(&mine, 0, &e));
    clock_freeze(-1);
    drop_dir();
}

void test_a_lock_that_cannot_be_written_is_an_error(void **state)
{
    (void)state;
    struct error e = {0};
    struct file_lock mine = lock_of(5);
    mine.dir = "/proc/nowhere";
    assert_false(file_lock(&mine, 0, &e));
    assert_int_equal(e.kind, ERR_LOST);
}
