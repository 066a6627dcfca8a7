/* How far two dates lie apart, with fractions, as Carbon 3 counts it: from the date whose
 * method it is to the other one, or to now. */
#include "php/date_imp.h"
#include "php/fn_imp.h"

enum { DAY = 86400 };

static struct date later_day(const struct date *d, int64_t days)
{
    struct date_fields f = date_fields_of(d);
    f.day += days;
    return days ? date_of(date_unix(&f) * 1000000 + d->micro) : *d;
}

static struct date later_month(const struct date *d, int64_t months)
{
    struct date_fields f = date_fields_of(d);
    f.month += months;
    return months ? date_of(date_unix(&f) * 1000000 + d->micro) : *d;
}

/* The time of the day in microseconds, as a clock of the zone shows it. */
static int64_t clock_of(const struct date *d)
{
    return (int64_t)(d->hour * 3600 + d->minute * 60 + d->second) * 1000000 + d->micro;
}

/* PHP's DateInterval::$days between a date and a later one: whole days by the calendar.
 */
static int64_t whole_days(const struct date *a, const struct date *b)
{
    int64_t days =
        date_days(b->year, b->month, b->day) - date_days(a->year, a->month, a->day);
    return days > 0 && clock_of(b) < clock_of(a) ? days - 1 : days;
}

/* A day is as long as the zone has it: 23, 24 or 25 hours. */
static double days_between(const struct date *from, const struct date *to)
{
    bool negative = to->us < from->us;
    const struct date *a = negative ? to : from, *b = negative ? from : to;
    int64_t days = whole_days(a, b);
    struct date low = later_day(a, days);
    int64_t more = days + (low.us <= b->us ? 1 : -1);
    struct date high = later_day(a, more);
    double between = (double)(high.us - low.us), part = (double)(b->us - low.us);
    double sum = (double)days * (between - part) + (double)more * part;
    return (negative ? -1 : 1) * sum / between;
}

/* Whole years or months, and of the next one the part that has passed, in days. */
static double units_between(const struct date *from, const struct date *to, bool years)
{
    bool ascending = from->us <= to->us;
    const struct date *a = ascending ? from : to, *b = ascending ? to : from;
    int64_t months = (b->year - a->year) * 12 + b->month - a->month;
    int64_t day_a = a->day * DAY * (int64_t)1000000 + clock_of(a);
    int64_t day_b = b->day * DAY * (int64_t)1000000 + clock_of(b);
    if (months > 0 && day_a > day_b)
        months--;
    int64_t size = years ? 12 : 1, units = months / size;
    double sign = ascending ? 1 : -1;
    struct date low = later_month(a, units * size);
    if (low.us >= b->us)
        return sign * (double)units;
    struct date high = later_month(a, (units + 1) * size);
    double passed = days_between(&low, b), left = days_between(b, &high);
    return sign * ((double)units + passed / (left + passed));
}

double date_years_until(int64_t us, int64_t other_us)
{
    struct date a = date_of(us), b = date_of(other_us);
    return units_between(&a, &b, true);
}

static double difference(const char *name, int64_t us, int64_t other_us)
{
    struct date a = date_of(us), b = date_of(other_us);
    double seconds = (double)(other_us - us) / 1000 / 1000;
    if (strcmp(name, "diffInSeconds") == 0)
        return seconds;
    if (strcmp(name, "diffInMinutes") == 0)
        return seconds / 60;
    if (strcmp(name, "diffInHours") == 0)
        return seconds / 60 / 60;
    if (strcmp(name, "diffInDays") == 0)
        return days_between(&a, &b);
    if (strcmp(name, "diffInWeeks") == 0)
        return days_between(&a, &b) / 7;
    return units_between(&a, &b, strcmp(name, "diffInYears") == 0);
}

/* diffInDays($date = null, $absolute = false) and its kin */
bool date_call_diff(struct php_call *c)
{
    int64_t other = clock_unix_us();
    bool absolute = false;
    if (fn_has(c, 0) && c->args[0].type != PHP_NULL && !date_argument(c, 0, &other))
        return false;
    if (!fn_bool(c, 1, "absolute", &absolute))
        return false;
    double d = difference(c->name, date_self(c)->us, other);
    return fn_return(c, php_float(absolute && d < 0 ? -d : d));
}
