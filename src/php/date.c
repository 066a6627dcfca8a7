/* Moments, days and weeks, and PHP's date(). */
#include <stdio.h>
#include <stdlib.h>

#include "php/date_imp.h"

enum { DAY = 86400, DATE_MAX = 1 << 20 };

/* floor_div rounds down, for years and times before the epoch too. */
static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

struct date date_of(int64_t us)
{
    int64_t unix_seconds = floor_div(us, 1000000);
    struct tm tm = clock_local(unix_seconds);
    struct date d = {.us = us,
                     .unix_seconds = unix_seconds,
                     .year = (int64_t)tm.tm_year + 1900,
                     .month = tm.tm_mon + 1,
                     .day = tm.tm_mday,
                     .hour = tm.tm_hour,
                     .minute = tm.tm_min,
                     .second = tm.tm_sec,
                     .micro = (int)(us - unix_seconds * 1000000),
                     .weekday = tm.tm_wday,
                     .year_day = tm.tm_yday,
                     .offset = (int)tm.tm_gmtoff,
                     .summer = tm.tm_isdst > 0};
    snprintf(d.abbreviation, sizeof(d.abbreviation), "%s", tm.tm_zone ? tm.tm_zone : "");
    return d;
}

bool date_is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int date_days_in_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && date_is_leap(year));
}

int64_t date_days(int64_t year, int month, int day)
{
    /* Years that begin in March have their leap day at the end. */
    int64_t y = year - (month <= 2);
    int64_t m = (month + 9) % 12;
    int64_t before = floor_div(y, 4) - floor_div(y, 100) + floor_div(y, 400);
    return y * 365 + before + (m * 306 + 5) / 10 + day - 1 - 719468;
}

/* date_weekday is the day of the week, 0 for Sunday, of a count of date_days. */
static int date_weekday(int64_t days)
{
    return (int)(((days + 4) % 7 + 7) % 7); /* 1970 began on a Thursday */
}

/* === weeks === */

/* The day on which the first week of a year begins. */
static int64_t first_week(int64_t year, struct week_rule rule)
{
    int64_t january = date_days(year, 1, rule.january);
    return january - (date_weekday(january) - rule.first_day + 7) % 7;
}

static int64_t days_of(const struct date *d)
{
    return date_days(d->year, d->month, d->day);
}

static struct week date_iso_week(const struct date *d)
{
    const struct week_rule iso = {1, 4};
    int64_t days = days_of(d), year = d->year;
    if (days < first_week(year, iso))
        year--;
    else if (days >= first_week(year + 1, iso))
        year++;
    return (struct week){year, (int)((days - first_week(year, iso)) / 7) + 1};
}

/* The year that a day lies in. */
static int64_t year_of(int64_t days, int64_t near)
{
    while (days < date_days(near, 1, 1))
        near--;
    while (days >= date_days(near + 1, 1, 1))
        near++;
    return near;
}

struct week date_carbon_week(const struct date *d, struct week_rule rule)
{
    int64_t days = days_of(d), year = d->year;
    int64_t start = days - (d->weekday - rule.first_day + 7) % 7;
    int64_t first = first_week(year, rule), next = first_week(year + 1, rule);
    struct week w = {.year = year};
    if (first >= date_days(year, 1, 1) && days < first)
        w.year = year - 1;
    else if (next < date_days(year + 1, 1, 1) && days >= next)
        w.year = year + 1;
    if (first > start)
        first = first_week(year - 1, rule);
    w.number = (int)((start - first) / 7) + 1;
    int64_t start_year = year_of(start, year);
    int64_t weeks = (first_week(start_year + 1, rule) - first_week(start_year, rule)) / 7;
    if (w.number > weeks)
        w.number = 1;
    return w;
}

/* === date() === */

static const char *const months[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};
static const char *const weekdays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                       "Thursday", "Friday", "Saturday"};

static const char *suffix(int day)
{
    bool teen = day >= 10 && day <= 19;
    static const char *const suffixes[] = {"th", "st", "nd", "rd"};
    return !teen && day % 10 < 4 ? suffixes[day % 10] : "th";
}

static void add_offset(struct buf *b, int offset, const char *colon)
{
    int minutes = abs(offset) / 60;
    buf_fmt(b, "%c%02d%s%02d", offset < 0 ? '-' : '+', minutes / 60, colon, minutes % 60);
}

static void add_year(struct buf *b, int64_t year)
{
    buf_fmt(b, "%s%04lld", year < 0 ? "-" : "", (long long)(year < 0 ? -year : year));
}

/* Swatch's thousandths of a day, which begins at UTC+1. */
static int beat(int64_t unix_seconds)
{
    int64_t second = unix_seconds + 3600;
    second -= floor_div(second, DAY) * DAY;
    return (int)(second * 10 / 864 % 1000);
}

static int twelve(int hour)
{
    return hour % 12 ? hour % 12 : 12;
}

static void add_day_token(struct buf *b, const struct date *d, char token)
{
    switch (token) {
    case 'd':
        buf_fmt(b, "%02d", d->day);
        break;
    case 'D':
        buf_fmt(b, "%.3s", weekdays[d->weekday]);
        break;
    case 'j':
        buf_fmt(b, "%d", d->day);
        break;
    case 'l':
        buf_add(b, str_from(weekdays[d->weekday]));
        break;
    case 'N':
        buf_fmt(b, "%d", d->weekday ? d->weekday : 7);
        break;
    case 'S':
        buf_add(b, str_from(suffix(d->day)));
        break;
    case 'w':
        buf_fmt(b, "%d", d->weekday);
        break;
    case 'z':
        buf_fmt(b, "%d", d->year_day);
        break;
    default: /* W */
        buf_fmt(b, "%02d", date_iso_week(d).number);
        break;
    }
}

static void add_month_token(struct buf *b, const struct date *d, char token)
{
    switch (token) {
    case 'F':
        buf_add(b, str_from(months[d->month - 1]));
        break;
    case 'M':
        buf_fmt(b, "%.3s", months[d->month - 1]);
        break;
    case 'm':
        buf_fmt(b, "%02d", d->month);
        break;
    case 'n':
        buf_fmt(b, "%d", d->month);
        break;
    case 't':
        buf_fmt(b, "%d", date_days_in_month(d->year, d->month));
        break;
    case 'L':
        buf_byte(b, date_is_leap(d->year) ? '1' : '0');
        break;
    case 'o':
        buf_fmt(b, "%lld", (long long)date_iso_week(d).year);
        break;
    case 'y':
        buf_fmt(b, "%02d", (int)(d->year % 100));
        break;
    case 'Y':
        add_year(b, d->year);
        break;
    default: /* X: always with a sign, x: only where four digits are not enough */
        if (d->year >= 0 && (token == 'X' || d->year > 9999))
            buf_byte(b, '+');
        add_year(b, d->year);
        break;
    }
}

static void add_time_token(struct buf *b, const struct date *d, char token)
{
    switch (token) {
    case 'a':
        buf_add(b, d->hour < 12 ? S("am") : S("pm"));
        break;
    case 'A':
        buf_add(b, d->hour < 12 ? S("AM") : S("PM"));
        break;
    case 'B':
        buf_fmt(b, "%03d", beat(d->unix_seconds));
        break;
    case 'g':
        buf_fmt(b, "%d", twelve(d->hour));
        break;
    case 'h':
        buf_fmt(b, "%02d", twelve(d->hour));
        break;
    case 'G':
        buf_fmt(b, "%d", d->hour);
        break;
    case 'H':
        buf_fmt(b, "%02d", d->hour);
        break;
    case 'i':
        buf_fmt(b, "%02d", d->minute);
        break;
    case 's':
        buf_fmt(b, "%02d", d->second);
        break;
    case 'u':
        buf_fmt(b, "%06d", d->micro);
        break;
    default: /* v */
        buf_fmt(b, "%03d", d->micro / 1000);
        break;
    }
}

static void add_zone_token(struct buf *b, const struct date *d, char token)
{
    switch (token) {
    case 'e':
        buf_add(b, clock_zone_name());
        break;
    case 'I':
        buf_byte(b, d->summer ? '1' : '0');
        break;
    case 'O':
        add_offset(b, d->offset, "");
        break;
    case 'P':
        add_offset(b, d->offset, ":");
        break;
    case 'p':
        if (strcmp(d->abbreviation, "UTC") == 0)
            buf_byte(b, 'Z');
        else
            add_offset(b, d->offset, ":");
        break;
    case 'T':
        buf_add(b, str_from(d->abbreviation));
        break;
    case 'Z':
        buf_fmt(b, "%d", d->offset);
        break;
    case 'c':
        date_add_format(b, d, S("Y-m-d\\TH:i:sP"));
        break;
    case 'r':
        date_add_format(b, d, S("D, d M Y H:i:s O"));
        break;
    default: /* U */
        buf_fmt(b, "%lld", (long long)d->unix_seconds);
        break;
    }
}

void date_add_format(struct buf *b, const struct date *d, struct str format)
{
    static const struct {
        const char *tokens;
        void (*add)(struct buf *b, const struct date *d, char token);
    } groups[] = {
        {"dDjlNSwzW", add_day_token},
        {"FMmntLoyYXx", add_month_token},
        {"aABghGHisuv", add_time_token},
        {"eIOPpTZcrU", add_zone_token},
    };
    for (size_t i = 0; i < format.len; i++) {
        char c = format.ptr[i];
        size_t g = 0;
        while (g < COUNT(groups) && (c == '\0' || !strchr(groups[g].tokens, c)))
            g++;
        if (g < COUNT(groups))
            groups[g].add(b, d, c);
        else if (c == '\\') /* PHP takes the NUL behind the end, too */
            buf_byte(b, ++i < format.len ? format.ptr[i] : '\0');
        else
            buf_byte(b, c);
    }
}

struct str php_date_format(struct arena *perm, int64_t unix_us, struct str format)
{
    struct buf b = buf_new(perm, DATE_MAX);
    struct date d = date_of(unix_us);
    date_add_format(&b, &d, format);
    return buf_str(&b);
}
