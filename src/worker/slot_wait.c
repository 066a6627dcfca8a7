/* slot_wait.c: how a slot waits: not through a signal.
 *
 * Signals are blocked all the time and taken here, between jobs, so that a letter is
 * finished whatever is asked for meanwhile.
 */
#include <errno.h>
#include <signal.h>

#include "worker/worker_imp.h"

static void on_signal(struct slot *s, int signal)
{
    switch (signal) {
    case SIGTERM:
    case SIGQUIT:
    case SIGINT:
        s->stopping = true;
        break;
    case SIGUSR2:
        s->paused = true;
        break;
    case SIGCONT:
        s->paused = false;
        break;
    }
}

static void wait_signals(sigset_t *set)
{
    static const int signals[] = {SIGTERM, SIGQUIT, SIGINT, SIGUSR2, SIGCONT};
    sigemptyset(set);
    for (size_t i = 0; i < COUNT(signals); i++)
        sigaddset(set, signals[i]);
}

void slot_wait(struct slot *s, int64_t ms)
{
    sigset_t set;
    wait_signals(&set);
    int64_t until = clock_mono_ms() + ms;
    if (clock_held() && ms > 0)
        clock_pass(ms);
    for (;;) {
        int64_t left = until - clock_mono_ms();
        left = left > 0 ? left : 0;
        struct timespec t = {.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
        int signal = sigtimedwait(&set, NULL, &t);
        if (signal < 0 && errno != EINTR)
            return;
        if (signal > 0) {
            on_signal(s, signal);
            until = 0; /* a signal ends the sleep; take the others that have come */
        }
    }
}

/* A second or more is cut to whole seconds, as Laravel does. */
int64_t seconds_ms(double seconds)
{
    if (!(seconds > 0))
        return 0;
    if (seconds > 1e9)
        seconds = 1e9;
    return seconds < 1 ? (int64_t)(seconds * 1000) : (int64_t)seconds * 1000;
}
