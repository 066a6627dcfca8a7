/* Carbon as a native class. Its objects change in place, as Carbon's do: whoever wants
 * another date makes a copy() first. */
#include "php/date_imp.h"
#include "php/fn_imp.h"

enum { DATE_MAX = 1 << 20 };

struct date_object {
    int64_t us;
    struct str locale; /* empty: the app's */
};

static struct date_object *date_self(const struct php_call *c)
{
    return c->self->o->data;
}

static struct php_value new_date(struct arena *perm, int64_t us, struct str locale)
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
    return new_date(perm, unix_us, S(""));
}

/* === locales === */

static struct str app_locale(const struct php_call *c)
{
    const struct php_host *host = c->scope->host;
    return host && host->locale.len ? host->locale : S("en");
}

static bool find_locale(struct php_call *c, const struct date_locale **out)
{
    const struct date_object *date = date_self(c);
    struct str name = date->locale.len ? date->locale : app_locale(c);
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
        return find_locale(c, &locale) && fn_return(c, *c->self);
    }
    return find_locale(c, &locale) && fn_return_text(c, str_from(locale->name));
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
    if (!fn_text(c, 0, "format", &format) || !find_locale(c, &locale))
        return false;
    if (format.len > DATE_MAX_FORMAT)
        return err_set(c->e, ERR_UNSUPPORTED, "a date format is too long");
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

static bool call_copy(struct php_call *c)
{
    const struct date_object *date = date_self(c);
    return fn_return(c, new_date(c->perm, date->us, date->locale));
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
    {NULL, 0, 0, NULL},
};

const struct php_class php_date_class = {
    .name = "Illuminate\\Support\\Carbon",
    .methods = date_methods,
    .prop = date_prop,
    .text = date_text,
    .compare = date_compare,
};

/* === functions === */

/* now($tz = null): another zone than the app's is not supported. */
static bool call_now(struct php_call *c)
{
    if (fn_has(c, 0) && c->args[0].type != PHP_NULL)
        return err_set(c->e, ERR_UNSUPPORTED, "%s() in a zone is not supported", c->name);
    return fn_return(c, new_date(c->perm, clock_unix_us(), app_locale(c)));
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
    if (unix_seconds > 253402300799 || unix_seconds < -62167219200)
        return err_set(c->e, ERR_UNSUPPORTED,
                       "a year of more or less than four digits is not supported");
    return fn_return_text(c, php_date_format(c->perm, unix_seconds * 1000000, format));
}

static bool call_time(struct php_call *c)
{
    return fn_return(c, php_int(clock_unix()));
}

const struct php_function fn_date[] = {
    {"now", 0, 1, call_now},
    {"date", 1, 2, call_date},
    {"time", 0, 0, call_time},
    {"Carbon\\Carbon::now", 0, 1, call_now},
    {"Illuminate\\Support\\Carbon::now", 0, 1, call_now},
    {NULL, 0, 0, NULL},
};
