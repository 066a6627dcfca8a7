/* Dates that become others: adding, the starts and ends of periods, times of a zone. */
#include <assert.h>

#include "php/date_imp.h"
#include "php/fn_imp.h"

enum { DAY = 86400 };

static const int64_t second = 1000000;

/* === times of the zone === */

static int64_t offset_at(int64_t unix_seconds)
{
    return clock_local(unix_seconds).tm_gmtoff;
}

/* The moment since which the zone's offset is what it is then, looked for within a day;
 * INT64_MIN: before that. */
static int64_t offset_since(int64_t unix_seconds)
{
    int64_t offset = offset_at(unix_seconds), old = unix_seconds - DAY;
    int64_t same = unix_seconds;
    if (offset_at(old) == offset)
        return INT64_MIN;
    while (same - old > 1) {
        int64_t middle = old + (same - old) / 2;
        if (offset_at(middle) == offset)
            same = middle;
        else
            old = middle;
    }
    return same;
}

/* PHP's reading of a local time, step by step as its timelib does: a time that exists
 * twice is the first one unless the date it comes from has no summer time; one that the
 * clocks leave out moves by as much as they do. The offset is looked up at the local time
 * as if it were UTC, and corrected. */
static int64_t to_utc(int64_t local, int summer)
{
    enum { LOOK = 7200 };
    struct tm as_utc = clock_local(local);
    int64_t current = as_utc.tm_gmtoff, actual = offset_at(local - current);
    int64_t since = offset_since(local - current);
    bool current_summer = as_utc.tm_isdst > 0;
    if (current == actual && current >= 0 && summer == 1 && !current_summer) {
        int64_t at = local - current - LOOK, earlier = offset_at(at);
        if (earlier != actual && local - earlier < since) {
            actual = earlier;
            since = offset_since(at);
        }
    } else if (current == actual && current <= 0 && current_summer && summer == 0) {
        int64_t at = local - current + LOOK, later = offset_at(at);
        if (later != actual && local - later >= offset_since(at))
            actual = later;
    }
    bool between = since != INT64_MIN && local - actual >= since + (current - actual) &&
                   local - actual < since;
    return local - (current != actual && !between ? actual : current);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int64_t date_unix(const struct date_fields *f)
{
    int64_t months = f->month - 1, years = floor_div(months, 12);
    int64_t days =
        date_days(f->year + years, (int)(months - years * 12) + 1, 1) + f->day - 1;
    return to_utc(days * DAY + f->hour * 3600 + f->minute * 60 + f->second, f->summer);
}

struct date_fields date_fields_of(const struct date *d)
{
    return (struct date_fields){d->year,   d->month,  d->day,   d->hour,
                                d->minute, d->second, d->summer};
}

/* The years whose dates print with four digits. */
bool date_in_range(int64_t unix_seconds)
{
    return unix_seconds <= 253402300799 && unix_seconds >= -62167219200;
}

static bool become(struct php_call *c, int64_t unix_seconds, int64_t micro)
{
    if (!date_in_range(unix_seconds))
        return err_set(c->e, ERR_UNSUPPORTED,
                       "a year of more or less than four digits is not supported");
    date_self(c)->us = unix_seconds * second + micro;
    return fn_return(c, *c->self);
}

/* === adding === */

enum unit { UNIT_SECOND, UNIT_DAY, UNIT_MONTH };

/* A method that adds `amount` of a unit, as often as its argument says. */
struct step {
    const char *name;
    enum unit unit;
    int amount;
    bool stay; /* in the month: 31 January and a month is the last of February */
};

#define STEPS(name, unit, amount, stay)                                                  \
    {"add" name, unit, amount, stay},                                                    \
    {                                                                                    \
        "sub" name, unit, -(amount), stay                                                \
    }
#define BOTH(name, unit, amount)                                                         \
    STEPS(name, unit, amount, false), STEPS(name "s", unit, amount, false)
#define FOUR(name, amount)                                                               \
    BOTH(name, UNIT_MONTH, amount), STEPS(name "NoOverflow", UNIT_MONTH, amount, true),  \
        STEPS(name "sNoOverflow", UNIT_MONTH, amount, true)

static const struct step steps[] = {
    BOTH("Second", UNIT_SECOND, 1),
    BOTH("Minute", UNIT_SECOND, 60),
    BOTH("Hour", UNIT_SECOND, 3600),
    BOTH("Day", UNIT_DAY, 1),
    BOTH("Week", UNIT_DAY, 7),
    FOUR("Month", 1),
    FOUR("Quarter", 3),
    FOUR("Year", 12),
};

static const struct step *step_of(const char *name)
{
    for (size_t i = 0; i < COUNT(steps); i++)
        if (strcmp(name, steps[i].name) == 0)
            return &steps[i];
    assert(!"a method without its step");
    return NULL;
}

static struct date_fields add_months(struct date_fields f, int64_t months, bool stay)
{
    int64_t month = f.month - 1 + months, years = floor_div(month, 12);
    f.year += years;
    f.month = month - years * 12 + 1;
    int64_t last = date_days_in_month(f.year, (int)f.month);
    if (stay && f.day > last)
        f.day = last;
    return f;
}

/* addDays($value = 1) and its kin. Seconds, minutes and hours pass; days and months are
 * those of the calendar, at the same time of the day. */
bool date_call_add(struct php_call *c)
{
    enum { MAX_COUNT = 1000000 };
    const struct step *s = step_of(c->name);
    struct date d = date_of(date_self(c)->us);
    struct date_fields f = date_fields_of(&d);
    if (fn_has(c, 0) && c->args[0].type != PHP_INT)
        return err_set(c->e, ERR_UNSUPPORTED,
                       "%s() of anything but an int is not supported", c->name);
    int64_t n = fn_has(c, 0) ? c->args[0].i : 1;
    if (n > MAX_COUNT || n < -MAX_COUNT)
        return err_set(c->e, ERR_UNSUPPORTED, "%s() of so many is not supported",
                       c->name);
    n *= s->amount;
    if (n == 0)
        return fn_return(c, *c->self);
    if (s->unit == UNIT_SECOND)
        return become(c, d.unix_seconds + n, d.micro);
    if (s->unit == UNIT_DAY)
        f.day += n;
    else
        f = add_months(f, n, s->stay);
    return become(c, date_unix(&f), d.micro);
}

/* === starts and ends === */

enum period {
    PERIOD_MINUTE,
    PERIOD_HOUR,
    PERIOD_DAY,
    PERIOD_WEEK,
    PERIOD_MONTH,
    PERIOD_QUARTER,
    PERIOD_YEAR,
};

struct edge {
    const char *name;
    enum period period;
    bool end;
};

static const struct edge edges[] = {
    {"startOfMinute", PERIOD_MINUTE, false},   {"endOfMinute", PERIOD_MINUTE, true},
    {"startOfHour", PERIOD_HOUR, false},       {"endOfHour", PERIOD_HOUR, true},
    {"startOfDay", PERIOD_DAY, false},         {"endOfDay", PERIOD_DAY, true},
    {"startOfWeek", PERIOD_WEEK, false},       {"endOfWeek", PERIOD_WEEK, true},
    {"startOfMonth", PERIOD_MONTH, false},     {"endOfMonth", PERIOD_MONTH, true},
    {"startOfQuarter", PERIOD_QUARTER, false}, {"endOfQuarter", PERIOD_QUARTER, true},
    {"startOfYear", PERIOD_YEAR, false},       {"endOfYear", PERIOD_YEAR, true},
};

static const struct edge *edge_of(const char *name)
{
    for (size_t i = 0; i < COUNT(edges); i++)
        if (strcmp(name, edges[i].name) == 0)
            return &edges[i];
    assert(!"a method without its edge");
    return NULL;
}

/* The first or last day of a period that has several. */
static void to_day(struct date_fields *f, const struct edge *e, const struct date *d,
                   int first_day)
{
    int64_t months = e->period == PERIOD_YEAR ? 12 : e->period == PERIOD_QUARTER ? 3 : 1;
    if (e->period == PERIOD_WEEK) {
        int since = (d->weekday - first_day + 7) % 7;
        f->day += e->end ? 6 - since : -since;
    } else if (e->period >= PERIOD_MONTH) {
        f->month = (f->month - 1) / months * months + (e->end ? months : 1);
        f->day = e->end ? date_days_in_month(f->year, (int)f->month) : 1;
    }
}

/* startOfMonth() and its kin; a week begins as the locale has it. */
bool date_call_edge(struct php_call *c)
{
    const struct edge *e = edge_of(c->name);
    struct date d = date_of(date_self(c)->us);
    struct date_fields f = date_fields_of(&d);
    const struct date_locale *locale;
    if (!date_find_locale(c, &locale))
        return false;
    to_day(&f, e, &d, locale->week.first_day);
    f.second = e->end ? 59 : 0;
    if (e->period >= PERIOD_HOUR)
        f.minute = e->end ? 59 : 0;
    if (e->period >= PERIOD_DAY)
        f.hour = e->end ? 23 : 0;
    return become(c, date_unix(&f), e->end ? 999999 : 0);
}
