#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "facteur/base.h"

static int64_t frozen_us = -1, held_us = -1;

static int64_t now_us(clockid_t which)
{
    struct timespec t;
    clock_gettime(which, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_unix_us(void)
{
    return frozen_us >= 0 ? frozen_us : now_us(CLOCK_REALTIME);
}

int64_t clock_unix(void)
{
    return clock_unix_us() / 1000000;
}

void clock_freeze(int64_t unix_us)
{
    frozen_us = unix_us;
}

int64_t clock_mono_us(void)
{
    return held_us >= 0 ? held_us : now_us(CLOCK_MONOTONIC);
}

void clock_hold(int64_t unix_us)
{
    frozen_us = unix_us;
    held_us = unix_us < 0 ? -1 : now_us(CLOCK_MONOTONIC);
}

bool clock_held(void)
{
    return held_us >= 0;
}

void clock_pass(int64_t ms)
{
    frozen_us += ms * 1000;
    held_us += ms * 1000;
}

int64_t clock_mono_ms(void)
{
    return clock_mono_us() / 1000;
}

/* zone_known says whether the system has the zone: glibc would take any other name for
 * UTC. A name that leaves the folder is none. */
static bool zone_known(const char *zone)
{
    char path[512];
    struct stat st;
    if (zone[0] == '\0' || zone[0] == '/' || strstr(zone, ".."))
        return false;
    snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", zone);
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool clock_zone(const char *zone, struct error *e)
{
    bool utc = strcmp(zone, "UTC") == 0;
    if (!utc && !zone_known(zone))
        return err_set(e, ERR_FATAL,
                       "time zone \"%s\" is not known here: no such file in "
                       "/usr/share/zoneinfo (is the package tzdata installed?)",
                       zone);
    char tz[512];
    snprintf(tz, sizeof(tz), utc ? "UTC0" : ":%s", zone);
    setenv("TZ", tz, 1);
    tzset();
    return true;
}

struct tm clock_local(int64_t unix_seconds)
{
    time_t t = (time_t)unix_seconds;
    struct tm tm = {0};
    localtime_r(&t, &tm);
    return tm;
}

struct str clock_datetime(struct arena *a, int64_t unix_seconds)
{
    struct tm tm = clock_local(unix_seconds);
    return str_fmt(a, "%04d-%02d-%02d %02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1,
                   tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}
