/* test_shell.h: a shell, for tests that need a folder of their own. */
#ifndef FACTEUR_TEST_SHELL_H
#define FACTEUR_TEST_SHELL_H

#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

/* shell runs a script that finds the folder in $1. */
static inline void shell(const char *script, const char *dir)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", script, "sh", dir, (char *)NULL);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
}

#endif
