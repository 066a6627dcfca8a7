/* The terminal as the console sees it. */
#include "test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "facteur/console.h"

static void resize(int terminal, unsigned short columns)
{
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    assert_int_equal(ioctl(terminal, TIOCSWINSZ, &size), 0);
}

static void standard_input(int fd)
{
    assert_true(fd >= 0);
    assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    close(fd);
}

void test_width_follows_the_terminal(void **state)
{
    (void)state;
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
    standard_input(open(ptsname(terminal), O_RDWR | O_NOCTTY));
    unsetenv("COLUMNS");
    resize(terminal, 100);
    assert_int_equal(console_width(), 100);
    resize(terminal, 120);
    assert_int_equal(console_width(), 120);
    resize(terminal, 0); /* one that does not know: it may learn */
    assert_int_equal(console_width(), 80);
    resize(terminal, 90);
    assert_int_equal(console_width(), 90);
    standard_input(open("/dev/null", O_RDWR));
    assert_int_equal(console_width(), 80);
    close(terminal);
    setenv("COLUMNS", "70", 1);
    assert_int_equal(console_width(), 70);
}
