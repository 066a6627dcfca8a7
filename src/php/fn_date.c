/* Functions that make dates, and static methods of Carbon. */
#include "php/date_imp.h"
#include "php/fn_imp.h"

/* now($tz = null): another zone than the app's is not supported. */
static bool call_now(struct php_call *c)
{
    if (fn_has(c, 0) && c->args[0].type != PHP_NULL)
        return err_set(c->e, ERR_UNSUPPORTED, "%s() in a zone is not supported", c->name);
    return fn_return(c,
                     date_new(c->perm, clock_unix_us(), date_app_locale(c->scope->host)));
}

/* Words as Carbon::parse reads them. */
static bool return_day(struct php_call *c, struct str word)
{
    int64_t us = 0;
    if (fn_has(c, 0) && c->args[0].type != PHP_NULL)
        return err_set(c->e, ERR_UNSUPPORTED, "%s() in a zone is not supported", c->name);
    return date_parse(word, clock_unix_us(), &us) &&
           fn_return(c, date_new(c->perm, us, date_app_locale(c->scope->host)));
}

static bool call_today(struct php_call *c)
{
    return return_day(c, S("today"));
}

static bool call_tomorrow(struct php_call *c)
{
    return return_day(c, S("tomorrow"));
}

static bool call_yesterday(struct php_call *c)
{
    return return_day(c, S("yesterday"));
}

/* Carbon::parse($time): null and "" are now. */
static bool call_parse(struct php_call *c)
{
    int64_t us = clock_unix_us();
    struct str s = S("");
    if (c->args[0].type == PHP_OBJECT && c->args[0].o->native == &php_date_class) {
        const struct date_object *date = c->args[0].o->data;
        return fn_return(c, date_new(c->perm, date->us, date->locale));
    }
    bool plain =
        !fn_has(c, 0) || c->args[0].type == PHP_NULL || c->args[0].type == PHP_STRING;
    if (plain && !fn_text_or_null(c, 0, "time", &s))
        return false;
    if (!plain || (s.len > 0 && !date_parse(s, us, &us)))
        return err_set(c->e, ERR_UNSUPPORTED,
                       "%s() of this value is not supported: a date is written as "
                       "2026-11-23 or 2026-11-23 14:00:00",
                       c->name);
    return fn_return(c, date_new(c->perm, us, date_app_locale(c->scope->host)));
}

/* date($format, $timestamp = null) */
static bool call_date(struct php_call *c)
{
    struct str format = S("");
    int64_t unix_seconds = clock_unix();
    bool has_time = fn_has(c, 1) && c->args[1].type != PHP_NULL;
    if (!fn_text(c, 0, "format", &format) ||
        (has_time && !fn_int(c, 1, "timestamp", &unix_seconds)))
        return false;
    if (!date_in_range(unix_seconds))
        return err_set(c->e, ERR_UNSUPPORTED,
                       "a year of more or less than four digits is not supported");
    return fn_return_text(c, php_date_format(c->perm, unix_seconds * 1000000, format));
}

/* strtotime($datetime): what is no date at all is false, which PHP alone can say. */
static bool call_strtotime(struct php_call *c)
{
    struct str s = S("");
    int64_t us = clock_unix_us();
    if (!fn_text(c, 0, "datetime", &s))
        return false;
    if (s.len == 0)
        return fn_return(c, php_bool(false));
    if (!date_parse(s, us, &us))
        return err_set(c->e, ERR_UNSUPPORTED,
                       "%s() of this text is not supported: a date is written as "
                       "2026-11-23 or 2026-11-23 14:00:00",
                       c->name);
    return fn_return(c, php_int(date_of(us).unix_seconds));
}

/* mktime($hour, $minute = null, …): what is not given is now's. */
static bool call_mktime(struct php_call *c)
{
    static const char *const params[] = {"hour",  "minute", "second",
                                         "month", "day",    "year"};
    struct date now = date_of(clock_unix_us());
    int64_t v[] = {0, now.minute, now.second, now.month, now.day, now.year};
    for (size_t i = 0; i < COUNT(v); i++) {
        bool ok = i == 0 ? fn_int(c, i, params[i], &v[i])
                         : fn_int_or_null(c, i, params[i], &v[i]);
        if (!ok)
            return false;
        if (v[i] > 100000000 || v[i] < -100000000)
            return err_set(c->e, ERR_UNSUPPORTED,
                           "mktime() of such numbers is not supported");
    }
    /* PHP's years of two digits. */
    if (fn_has(c, 5) && v[5] >= 0 && v[5] <= 100)
        v[5] += v[5] < 70 ? 2000 : 1900;
    struct date_fields f = {v[5], v[3], v[4], v[0], v[1], v[2], now.summer};
    return fn_return(c, php_int(date_unix(&f)));
}

/* checkdate($month, $day, $year) */
static bool call_checkdate(struct php_call *c)
{
    int64_t month = 0, day = 0, year = 0;
    if (!fn_int(c, 0, "month", &month) || !fn_int(c, 1, "day", &day) ||
        !fn_int(c, 2, "year", &year))
        return false;
    bool is = month >= 1 && month <= 12 && day >= 1 && year >= 1 && year <= 32767 &&
              day <= date_days_in_month(year, (int)month);
    return fn_return(c, php_bool(is));
}

static bool call_time(struct php_call *c)
{
    return fn_return(c, php_int(clock_unix()));
}

const struct php_function fn_date[] = {
    {"now", 0, 1, call_now},
    {"date", 1, 2, call_date},
    {"time", 0, 0, call_time},
    {"today", 0, 1, call_today},
    {"strtotime", 1, 1, call_strtotime},
    {"mktime", 1, 6, call_mktime},
    {"checkdate", 3, 3, call_checkdate},
    {"Carbon\\Carbon::now", 0, 1, call_now},
    {"Carbon\\Carbon::today", 0, 1, call_today},
    {"Carbon\\Carbon::tomorrow", 0, 1, call_tomorrow},
    {"Carbon\\Carbon::yesterday", 0, 1, call_yesterday},
    {"Carbon\\Carbon::parse", 1, 1, call_parse},
    {"Illuminate\\Support\\Carbon::now", 0, 1, call_now},
    {"Illuminate\\Support\\Carbon::today", 0, 1, call_today},
    {"Illuminate\\Support\\Carbon::tomorrow", 0, 1, call_tomorrow},
    {"Illuminate\\Support\\Carbon::yesterday", 0, 1, call_yesterday},
    {"Illuminate\\Support\\Carbon::parse", 1, 1, call_parse},
    {NULL, 0, 0, NULL},
};
