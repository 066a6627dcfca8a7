/* Carbon as a native class. Its objects change in place, as Carbon's do: whoever wants
 * another date makes a copy() first. */
#include "php/date_imp.h"
#include "php/fn_imp.h"

enum { DATE_MAX = 1 << 20 };

struct date_object *date_self(const struct php_call *c)
{
    return c->self->o->data;
}

struct php_value date_new(struct arena *perm, int64_t us, struct str locale)
{
    struct php_object *o =
        php_object_new(perm, PHP_NATIVE, str_from(php_date_class.name));
    struct date_object *date = NEW(perm, struct date_object, 1);
    date->us = us;
    date->locale = locale;
    o->native = &php_date_class;
    o->data = date;
    return php_from_object(o);
}

struct php_value php_date(struct arena *perm, int64_t unix_us)
{
    return date_new(perm, unix_us, S(""));
}

bool php_date_read(struct arena *perm, struct str s, struct php_value *out)
{
    int64_t us;
    if (!date_parse(s, clock_unix_us(), &us))
        return false;
    *out = php_date(perm, us);
    return true;
}

int64_t php_date_unix(struct php_value date)
{
    const struct date_object *d = date.o->data;
    return date_of(d->us).unix_seconds;
}

/* === locales === */

struct str date_app_locale(const struct php_host *host)
{
    return host && host->locale.len ? host->locale : S("en");
}

bool date_find_locale(struct php_call *c, const struct date_locale **out)
{
    const struct date_object *date = date_self(c);
    struct str name = date->locale.len ? date->locale : date_app_locale(c->scope->host);
    *out = date_locale_of(name);
    return *out ||
           err_set(c->e, ERR_UNSUPPORTED,
                   "dates in the locale \"%.*s\" are not supported", STR_ARG(name));
}

/* locale($locale): without an argument it answers. */
static bool call_locale(struct php_call *c)
{
    struct str name = S("");
    const struct date_locale *locale;
    if (!fn_text(c, 0, "locale", &name))
        return false;
    if (fn_has(c, 0) && c->args[0].type != PHP_NULL) {
        date_self(c)->locale = str_copy(c->perm, name);
        return date_find_locale(c, &locale) && fn_return(c, *c->self);
    }
    return date_find_locale(c, &locale) && fn_return_text(c, str_from(locale->name));
}

/* === formats === */

static bool call_format(struct php_call *c)
{
    struct str format = S("");
    return fn_text(c, 0, "format", &format) &&
           fn_return_text(c, php_date_format(c->perm, date_self(c)->us, format));
}

typedef void add_fn(struct buf *b, const struct date *d, const struct date_locale *locale,
                    struct str format);

static bool localized(struct php_call *c, add_fn *add)
{
    struct str format = S("");
    const struct date_locale *locale;
    if (!fn_text(c, 0, "format", &format) || !date_find_locale(c, &locale))
        return false;
    if (format.len > DATE_MAX_FORMAT)
        return err_set(c->e, ERR_JOB, "a date format is too long");
    struct buf b = buf_new(c->perm, DATE_MAX);
    struct date d = date_of(date_self(c)->us);
    add(&b, &d, locale, format);
    return fn_return_buf(c, &b);
}

static bool call_iso_format(struct php_call *c)
{
    return localized(c, date_add_iso);
}

static bool call_translated_format(struct php_call *c)
{
    return localized(c, date_add_translated);
}

/* Methods that are a format. */
static const char *const fixed_formats[][2] = {
    {"toDateString", "Y-m-d"},
    {"toTimeString", "H:i:s"},
    {"toDateTimeString", "Y-m-d H:i:s"},
    {"toDateTimeLocalString", "Y-m-d\\TH:i:s"},
    {"toFormattedDateString", "M j, Y"},
    {"toFormattedDayDateString", "D, M j, Y"},
    {"toDayDateTimeString", "D, M j, Y g:i A"},
    {"toAtomString", "Y-m-d\\TH:i:sP"},
    {"toIso8601String", "Y-m-d\\TH:i:sP"},
    {"toW3cString", "Y-m-d\\TH:i:sP"},
    {"toRfc2822String", "D, d M Y H:i:s O"},
    {"toRssString", "D, d M Y H:i:s O"},
};

static bool call_fixed(struct php_call *c)
{
    const char *format = "";
    for (size_t i = 0; i < COUNT(fixed_formats); i++)
        if (strcmp(c->name, fixed_formats[i][0]) == 0)
            format = fixed_formats[i][1];
    return fn_return_text(c,
                          php_date_format(c->perm, date_self(c)->us, str_from(format)));
}

static struct php_value date_copy(const struct php_object *o, const struct php_host *host,
                                  struct arena *perm)
{
    const struct date_object *date = o->data;
    struct str locale = date->locale.len ? date->locale : date_app_locale(host);
    return date_new(perm, date->us, locale);
}

static bool call_copy(struct php_call *c)
{
    return fn_return(c, date_copy(c->self->o, c->scope->host, c->perm));
}

/* === properties === */

/* A property that is a date() format; numbers become ints. */
static const char *const format_props[][2] = {
    {"year", "Y"},
    {"yearIso", "o"},
    {"month", "n"},
    {"day", "j"},
    {"hour", "G"},
    {"minute", "i"},
    {"second", "s"},
    {"micro", "u"},
    {"microsecond", "u"},
    {"dayOfWeek", "w"},
    {"dayOfWeekIso", "N"},
    {"weekOfYear", "W"},
    {"daysInMonth", "t"},
    {"timestamp", "U"},
    {"latinMeridiem", "a"},
    {"latinUpperMeridiem", "A"},
    {"englishDayOfWeek", "l"},
    {"shortEnglishDayOfWeek", "D"},
    {"englishMonth", "F"},
    {"shortEnglishMonth", "M"},
    {"offset", "Z"},
    {"timezoneName", "e"},
    {"tzName", "e"},
    {"timezoneAbbreviatedName", "T"},
    {"tzAbbrName", "T"},
};

/* A property that is an isoFormat. */
static const char *const iso_props[][2] = {
    {"dayName", "dddd"},
    {"localeDayOfWeek", "dddd"},
    {"shortDayName", "ddd"},
    {"shortLocaleDayOfWeek", "ddd"},
    {"minDayName", "dd"},
    {"monthName", "MMMM"},
    {"localeMonth", "MMMM"},
    {"shortMonthName", "MMM"},
    {"shortLocaleMonth", "MMM"},
    {"week", "w"},
    {"weekYear", "g"},
    {"isoWeek", "W"},
    {"isoWeekYear", "G"},
    {"dayOfYear", "DDD"},
    {"quarter", "Q"},
    {"noZeroHour", "k"},
    {"meridiem", "a"},
    {"upperMeridiem", "A"},
};

static const char *find_format(const char *const rows[][2], size_t len, struct str name)
{
    for (size_t i = 0; i < len; i++)
        if (str_eq(name, str_from(rows[i][0])))
            return rows[i][1];
    return NULL;
}

static struct php_value number_or_text(struct str s)
{
    struct php_value v;
    return php_numeric(s, &v) ? php_int(php_to_int(v)) : php_string(s);
}

static bool date_prop(const struct php_object *o, struct str name, struct arena *perm,
                      struct php_value *out)
{
    const struct date_object *date = o->data;
    if (str_eq(name, S("age"))) {
        *out = php_int((int64_t)date_years_until(date->us, clock_unix_us()));
        return true;
    }
    const char *format = find_format(format_props, COUNT(format_props), name);
    if (format) {
        *out = number_or_text(php_date_format(perm, date->us, str_from(format)));
        return true;
    }
    format = find_format(iso_props, COUNT(iso_props), name);
    const struct date_locale *locale = date_locale_of(date->locale);
    if (locale && str_eq(name, S("locale"))) {
        *out = php_string(str_from(locale->name));
        return true;
    }
    if (!format || !locale)
        return false;
    struct buf b = buf_new(perm, DATE_MAX);
    struct date d = date_of(date->us);
    date_add_iso(&b, &d, locale, str_from(format));
    *out = number_or_text(buf_str(&b));
    return true;
}

static bool date_text(const struct php_object *o, struct arena *perm, struct str *out,
                      struct error *e)
{
    (void)e;
    const struct date_object *date = o->data;
    *out = php_date_format(perm, date->us, S("Y-m-d H:i:s"));
    return true;
}

static int date_compare(const struct php_object *a, const struct php_object *b)
{
    const struct date_object *x = a->data, *y = b->data;
    return (x->us > y->us) - (x->us < y->us);
}

static const struct php_function date_methods[] = {
    {"locale", 0, 1, call_locale},
    {"format", 1, 1, call_format},
    {"rawFormat", 1, 1, call_format},
    {"isoFormat", 1, 1, call_iso_format},
    {"translatedFormat", 1, 1, call_translated_format},
    {"toDateString", 0, 0, call_fixed},
    {"toTimeString", 0, 0, call_fixed},
    {"toDateTimeString", 0, 0, call_fixed},
    {"toDateTimeLocalString", 0, 0, call_fixed},
    {"toFormattedDateString", 0, 0, call_fixed},
    {"toFormattedDayDateString", 0, 0, call_fixed},
    {"toDayDateTimeString", 0, 0, call_fixed},
    {"toAtomString", 0, 0, call_fixed},
    {"toIso8601String", 0, 0, call_fixed},
    {"toW3cString", 0, 0, call_fixed},
    {"toRfc2822String", 0, 0, call_fixed},
    {"toRssString", 0, 0, call_fixed},
    {"copy", 0, 0, call_copy},
    {"clone", 0, 0, call_copy},
    {"addSecond", 0, 1, date_call_add},
    {"subSecond", 0, 1, date_call_add},
    {"addSeconds", 0, 1, date_call_add},
    {"subSeconds", 0, 1, date_call_add},
    {"addMinute", 0, 1, date_call_add},
    {"subMinute", 0, 1, date_call_add},
    {"addMinutes", 0, 1, date_call_add},
    {"subMinutes", 0, 1, date_call_add},
    {"addHour", 0, 1, date_call_add},
    {"subHour", 0, 1, date_call_add},
    {"addHours", 0, 1, date_call_add},
    {"subHours", 0, 1, date_call_add},
    {"addDay", 0, 1, date_call_add},
    {"subDay", 0, 1, date_call_add},
    {"addDays", 0, 1, date_call_add},
    {"subDays", 0, 1, date_call_add},
    {"addWeek", 0, 1, date_call_add},
    {"subWeek", 0, 1, date_call_add},
    {"addWeeks", 0, 1, date_call_add},
    {"subWeeks", 0, 1, date_call_add},
    {"addMonth", 0, 1, date_call_add},
    {"subMonth", 0, 1, date_call_add},
    {"addMonths", 0, 1, date_call_add},
    {"subMonths", 0, 1, date_call_add},
    {"addMonthNoOverflow", 0, 1, date_call_add},
    {"subMonthNoOverflow", 0, 1, date_call_add},
    {"addMonthsNoOverflow", 0, 1, date_call_add},
    {"subMonthsNoOverflow", 0, 1, date_call_add},
    {"addQuarter", 0, 1, date_call_add},
    {"subQuarter", 0, 1, date_call_add},
    {"addQuarters", 0, 1, date_call_add},
    {"subQuarters", 0, 1, date_call_add},
    {"addQuarterNoOverflow", 0, 1, date_call_add},
    {"subQuarterNoOverflow", 0, 1, date_call_add},
    {"addQuartersNoOverflow", 0, 1, date_call_add},
    {"subQuartersNoOverflow", 0, 1, date_call_add},
    {"addYear", 0, 1, date_call_add},
    {"subYear", 0, 1, date_call_add},
    {"addYears", 0, 1, date_call_add},
    {"subYears", 0, 1, date_call_add},
    {"addYearNoOverflow", 0, 1, date_call_add},
    {"subYearNoOverflow", 0, 1, date_call_add},
    {"addYearsNoOverflow", 0, 1, date_call_add},
    {"subYearsNoOverflow", 0, 1, date_call_add},
    {"startOfMinute", 0, 0, date_call_edge},
    {"endOfMinute", 0, 0, date_call_edge},
    {"startOfHour", 0, 0, date_call_edge},
    {"endOfHour", 0, 0, date_call_edge},
    {"startOfDay", 0, 0, date_call_edge},
    {"endOfDay", 0, 0, date_call_edge},
    {"startOfWeek", 0, 0, date_call_edge},
    {"endOfWeek", 0, 0, date_call_edge},
    {"startOfMonth", 0, 0, date_call_edge},
    {"endOfMonth", 0, 0, date_call_edge},
    {"startOfQuarter", 0, 0, date_call_edge},
    {"endOfQuarter", 0, 0, date_call_edge},
    {"startOfYear", 0, 0, date_call_edge},
    {"endOfYear", 0, 0, date_call_edge},
    {"isPast", 0, 0, date_call_is},
    {"isFuture", 0, 0, date_call_is},
    {"isToday", 0, 0, date_call_is},
    {"isYesterday", 0, 0, date_call_is},
    {"isTomorrow", 0, 0, date_call_is},
    {"isCurrentYear", 0, 0, date_call_is},
    {"isCurrentMonth", 0, 0, date_call_is},
    {"isWeekend", 0, 0, date_call_is},
    {"isWeekday", 0, 0, date_call_is},
    {"isSunday", 0, 0, date_call_is},
    {"isMonday", 0, 0, date_call_is},
    {"isTuesday", 0, 0, date_call_is},
    {"isWednesday", 0, 0, date_call_is},
    {"isThursday", 0, 0, date_call_is},
    {"isFriday", 0, 0, date_call_is},
    {"isSaturday", 0, 0, date_call_is},
    {"isLeapYear", 0, 0, date_call_is},
    {"eq", 1, 1, date_call_compare},
    {"equalTo", 1, 1, date_call_compare},
    {"ne", 1, 1, date_call_compare},
    {"notEqualTo", 1, 1, date_call_compare},
    {"lt", 1, 1, date_call_compare},
    {"lessThan", 1, 1, date_call_compare},
    {"isBefore", 1, 1, date_call_compare},
    {"lte", 1, 1, date_call_compare},
    {"lessThanOrEqualTo", 1, 1, date_call_compare},
    {"gt", 1, 1, date_call_compare},
    {"greaterThan", 1, 1, date_call_compare},
    {"isAfter", 1, 1, date_call_compare},
    {"gte", 1, 1, date_call_compare},
    {"greaterThanOrEqualTo", 1, 1, date_call_compare},
    {"isSameDay", 1, 1, date_call_compare},
    {"isSameMonth", 1, 1, date_call_compare},
    {"isSameYear", 1, 1, date_call_compare},
    {"between", 2, 2, date_call_between},
    {"diffInSeconds", 0, 2, date_call_diff},
    {"diffInMinutes", 0, 2, date_call_diff},
    {"diffInHours", 0, 2, date_call_diff},
    {"diffInDays", 0, 2, date_call_diff},
    {"diffInWeeks", 0, 2, date_call_diff},
    {"diffInMonths", 0, 2, date_call_diff},
    {"diffInYears", 0, 2, date_call_diff},
    {NULL, 0, 0, NULL},
};

const struct php_class php_date_class = {
    .name = "Illuminate\\Support\\Carbon",
    .methods = date_methods,
    .prop = date_prop,
    .text = date_text,
    .compare = date_compare,
    .copy = date_copy,
};
