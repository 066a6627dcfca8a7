/* What a date is asked: whether it is past, a Monday, before another. */
#include <assert.h>

#include "php/date_imp.h"
#include "php/fn_imp.h"

static bool same_day(const struct date *a, const struct date *b)
{
    return a->year == b->year && a->year_day == b->year_day;
}

/* === about now === */

/* isPast() and its kin. */
bool date_call_is(struct php_call *c)
{
    struct date d = date_of(date_self(c)->us), now = date_of(clock_unix_us());
    struct date_fields f = {now.year, now.month, now.day, 12, 0, 0, -1};
    f.day--;
    struct date yesterday = date_of(date_unix(&f) * 1000000);
    f.day += 2;
    struct date tomorrow = date_of(date_unix(&f) * 1000000);
    bool month = d.year == now.year && d.month == now.month;
    const struct {
        const char *name;
        bool answer;
    } answers[] = {
        {"isPast", d.us < now.us},
        {"isFuture", d.us > now.us},
        {"isToday", same_day(&d, &now)},
        {"isYesterday", same_day(&d, &yesterday)},
        {"isTomorrow", same_day(&d, &tomorrow)},
        {"isCurrentYear", d.year == now.year},
        {"isCurrentMonth", month},
        {"isWeekend", d.weekday == 0 || d.weekday == 6},
        {"isWeekday", d.weekday > 0 && d.weekday < 6},
        {"isSunday", d.weekday == 0},
        {"isMonday", d.weekday == 1},
        {"isTuesday", d.weekday == 2},
        {"isWednesday", d.weekday == 3},
        {"isThursday", d.weekday == 4},
        {"isFriday", d.weekday == 5},
        {"isSaturday", d.weekday == 6},
        {"isLeapYear", date_is_leap(d.year)},
    };
    for (size_t i = 0; i < COUNT(answers); i++)
        if (strcmp(c->name, answers[i].name) == 0)
            return fn_return(c, php_bool(answers[i].answer));
    assert(!"a method without its answer");
    return false;
}

/* === about another date === */

bool date_argument(struct php_call *c, size_t i, int64_t *out_us)
{
    struct php_value v = c->args[i];
    int64_t now = clock_unix_us();
    *out_us = now;
    if (v.type == PHP_OBJECT && v.o->native == &php_date_class) {
        const struct date_object *date = v.o->data;
        *out_us = date->us;
        return true;
    }
    if (v.type == PHP_STRING && v.s.len == 0)
        return true; /* as Carbon::parse('') */
    if (v.type != PHP_STRING)
        return err_set(c->e, ERR_UNSUPPORTED,
                       "%s() with anything but a date is not supported", c->name);
    return date_parse(v.s, now, out_us) ||
           err_set(c->e, ERR_UNSUPPORTED, "%s(\"%.*s\") is not supported: no plain date",
                   c->name, STR_ARG(v.s));
}

/* eq($date) and its kin. */
bool date_call_compare(struct php_call *c)
{
    int64_t a = date_self(c)->us, b;
    if (!date_argument(c, 0, &b))
        return false;
    struct date x = date_of(a), y = date_of(b);
    const struct {
        const char *name;
        bool answer;
    } answers[] = {
        {"eq", a == b},
        {"equalTo", a == b},
        {"ne", a != b},
        {"notEqualTo", a != b},
        {"lt", a < b},
        {"lessThan", a < b},
        {"isBefore", a < b},
        {"lte", a <= b},
        {"lessThanOrEqualTo", a <= b},
        {"gt", a > b},
        {"greaterThan", a > b},
        {"isAfter", a > b},
        {"gte", a >= b},
        {"greaterThanOrEqualTo", a >= b},
        {"isSameDay", same_day(&x, &y)},
        {"isSameMonth", x.year == y.year && x.month == y.month},
        {"isSameYear", x.year == y.year},
    };
    for (size_t i = 0; i < COUNT(answers); i++)
        if (strcmp(c->name, answers[i].name) == 0)
            return fn_return(c, php_bool(answers[i].answer));
    assert(!"a method without its answer");
    return false;
}

/* between($date1, $date2), the limits included and in either order */
bool date_call_between(struct php_call *c)
{
    int64_t us = date_self(c)->us, a, b;
    if (!date_argument(c, 0, &a) || !date_argument(c, 1, &b))
        return false;
    bool is = a <= b ? us >= a && us <= b : us >= b && us <= a;
    return fn_return(c, php_bool(is));
}
