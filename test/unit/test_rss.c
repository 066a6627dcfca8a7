/* What a process holds in memory, as --memory judges it. */
#include "test.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "worker/worker_imp.h"

enum { PIECE = 64 << 20, NEARLY = PIECE / 10 * 9 };

static void *touched(void)
{
    void *p = mmap(NULL, PIECE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    assert_true(p != MAP_FAILED);
    return p;
}

void test_rss_grows_and_shrinks(void **state)
{
    (void)state;
    int64_t before = rss_bytes();
    void *p = touched();
    int64_t with = rss_bytes();
    assert_true(before > 0);
    assert_true(with - before > NEARLY);
    munmap(p, PIECE);
    assert_true(with - rss_bytes() > NEARLY);
}

void test_rss_is_of_the_process_that_opened_it(void **state)
{
    (void)state;
    int64_t before = rss_bytes();
    int status;
    pid_t child = fork();
    if (child == 0) {
        rss_open();
        int64_t own = rss_bytes();
        touched();
        _exit(rss_bytes() - own > NEARLY ? 0 : 1);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(rss_bytes() - before < NEARLY);
}
