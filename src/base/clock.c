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

/* The zone of this process, and what TZ was before it was told to the C library by TZ. */
static char zone_name[256] = "UTC", zone_given[256];
static bool zone_was_given, zone_is_set;

/* find_zone says where the file of a zone is: in the system's folder, or in the bundle's.
 * glibc would take any other name for UTC. A name that leaves the folder is none. */
static bool find_zone(const char *zone, char *path, size_t room)
{
    const char *folders[] = {"/usr", bundle_root()};
    struct stat st;
    if (zone[0] == '\0' || zone[0] == '/' || strstr(zone, ".."))
        return false;
    for (size_t i = 0; i < COUNT(folders) && folders[i]; i++) {
        int n = snprintf(path, room, ":%s/share/zoneinfo/%s", folders[i], zone);
        if ((size_t)n < room && stat(path + 1, &st) == 0 && S_ISREG(st.st_mode))
            return true;
    }
    return false;
}

/* keep_given remembers TZ as this process was started with it. */
static void keep_given(void)
{
    const char *tz = getenv("TZ");
    if (tz)
        snprintf(zone_given, sizeof(zone_given), "%s", tz);
    zone_was_given = tz != NULL;
    zone_is_set = true;
}

bool clock_zone(const char *zone, struct error *e)
{
    char tz[512] = "UTC0";
    if (strcmp(zone, "UTC") != 0 && !find_zone(zone, tz, sizeof(tz)))
        return err_set(e, ERR_FATAL,
                       "time zone \"%s\" is not known here: no such file in "
                       "/usr/share/zoneinfo (is the package tzdata installed?)",
                       zone);
    if (!zone_is_set)
        keep_given();
    snprintf(zone_name, sizeof(zone_name), "%s", zone);
    setenv("TZ", tz, 1);
    tzset();
    return true;
}

struct str clock_zone_name(void)
{
    return str_from(zone_name);
}

const char *clock_zone_given(void)
{
    const char *now = getenv("TZ");
    if (!zone_is_set)
        return now;
    return zone_was_given ? zone_given : NULL;
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
