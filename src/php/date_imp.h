/* What the files of dates share. A date is a moment in the zone of clock_local. */
#ifndef FACTEUR_PHP_DATE_IMP_H
#define FACTEUR_PHP_DATE_IMP_H

#include "facteur/php.h"

/* A moment taken apart. */
struct date {
    int64_t us; /* since 1970 */
    int64_t unix_seconds;
    int64_t year;
    int month, day, hour, minute, second, micro; /* month and day from 1 */
    int weekday;                                 /* 0: Sunday */
    int year_day;                                /* from 0 */
    int offset;                                  /* seconds east of UTC */
    bool summer;                                 /* daylight saving time */
    char abbreviation[16];                       /* of the zone: CET, +03 */
};

struct date date_of(int64_t us);

/* date_days counts the days from 1970-01-01 to a day of the Gregorian calendar. */
int64_t date_days(int64_t year, int month, int day);
int date_days_in_month(int64_t year, int month);
bool date_is_leap(int64_t year);

/* A time of the zone; a month, a day … beyond its end is in the next. `summer` decides
 * about times that exist twice: whether the date that it comes from, or for mktime now,
 * has daylight saving time; 1, 0, or -1 for a time that was read. */
struct date_fields {
    int64_t year, month, day, hour, minute, second;
    int summer;
};

struct date_fields date_fields_of(const struct date *d);

/* date_years_until is diffInYears. */
double date_years_until(int64_t us, int64_t other_us);

/* date_unix gives Unix seconds of a time of the zone. */
int64_t date_unix(const struct date_fields *f);

/* date_in_range: the year has four digits. */
bool date_in_range(int64_t unix_seconds);

/* date_parse reads a plain date; false: it is another form. */
bool date_parse(struct str s, int64_t now_us, int64_t *us) MUST;

/* The name of the zone: Europe/Paris. */

/* A week by the rules of a locale: its first day, and the day of January that is always
 * in the first week. ISO weeks: 1 and 4. */
struct week_rule {
    int first_day, january;
};
struct week {
    int64_t year;
    int number;
};

/* date_week counts as ISO 8601 does; date_carbon_week as Carbon does, whose number and
 * year do not always belong together. */
struct week date_carbon_week(const struct date *d, struct week_rule rule);

/* date_add_format appends PHP's date() in English. */
void date_add_format(struct buf *b, const struct date *d, struct str format);

/* === locales === */

struct date_locale {
    const char *name, *language; /* fr_CH is like fr but for what it names itself */
    const char *const *months, *const *months_short;
    const char *const *weekdays, *const *weekdays_short, *const *weekdays_min;
    const char *lt, *lts, *l, *ll, *lll, *llll;
    const char *morning, *afternoon; /* A; NULL: AM and PM */
    struct week_rule week;
    /* ordinal appends what follows the number; `period` is the unit that is counted */
    const char *(*ordinal)(int64_t number, char period);
};

/* date_locale_of finds a locale; "fr-be" is fr_BE. NULL: there is none. */
const struct date_locale *date_locale_of(struct str name);

/* Macros in a format are written out in place; this bounds their cost. */
enum { DATE_MAX_FORMAT = 1000 };

/* date_add_iso appends isoFormat, date_add_translated translatedFormat. */
void date_add_iso(struct buf *b, const struct date *d, const struct date_locale *locale,
                  struct str format);
void date_add_translated(struct buf *b, const struct date *d,
                         const struct date_locale *locale, struct str format);

/* === the native class === */

extern const struct php_class php_date_class;

struct date_object {
    int64_t us;
    struct str locale; /* empty: the app's */
};

struct date_object *date_self(const struct php_call *c);
struct php_value date_new(struct arena *perm, int64_t us, struct str locale);

/* The locale of dates that have none of their own; the host may be NULL. */
struct str date_app_locale(const struct php_host *host);

/* date_find_locale finds the locale of a method's date. */
bool date_find_locale(struct php_call *c, const struct date_locale **out) MUST;

/* Methods that many names share (date_change.c, date_ask.c). */
php_fn date_call_add, date_call_edge, date_call_is, date_call_compare, date_call_between,
    date_call_diff;

/* date_argument reads an argument that must be a date, or a text that tells one; in
 * microseconds. */
bool date_argument(struct php_call *c, size_t i, int64_t *out_us) MUST;

#endif
