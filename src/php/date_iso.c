/* Carbon's isoFormat and translatedFormat. */
#include <ctype.h>
#include <stdio.h>

#include "php/date_imp.h"
#include "php/fn_imp.h"
#include "php/values_imp.h"

enum { DATE_MAX = 1 << 20 };

struct iso {
    struct buf *out;
    const struct date *d;
    const struct date_locale *locale;
};

/* === the tokens === */

enum field {
    FIELD_DAY,
    FIELD_YEAR_DAY,
    FIELD_MONTH,
    FIELD_QUARTER,
    FIELD_YEAR,
    FIELD_HOUR,
    FIELD_HOUR12,
    FIELD_HOUR24, /* midnight is 24 */
    FIELD_MINUTE,
    FIELD_SECOND,
    FIELD_WEEK,
    FIELD_WEEK_YEAR,
    FIELD_ISO_WEEK,
    FIELD_ISO_YEAR,
};

/* How a token is printed. */
enum style {
    AS_NUMBER,   /* `field`, padded to `width` */
    AS_ORDINAL,  /* `field`, and what the locale adds to it for a `period` */
    AS_FORMAT,   /* PHP's date() of `text` */
    AS_NAME,     /* one of the locale's lists, by `width` */
    AS_FRACTION, /* `width` digits of the second */
    AS_MERIDIEM, /* width 1: lower case */
    AS_YEAR6,
    AS_MILLI,
    AS_WRITTEN, /* a token without meaning stays */
};

enum name { NAME_MONTH, NAME_MONTH_SHORT, NAME_DAY, NAME_DAY_SHORT, NAME_DAY_MIN };

struct token {
    const char *text; /* longer ones first, where one begins another */
    enum style style;
    enum field field;
    int width;
    char period;
    const char *format;
};

#define NUMBER(text, field, width)                                                       \
    {                                                                                    \
        text, AS_NUMBER, field, width, 0, NULL                                           \
    }
#define ORDINAL(text, field, period)                                                     \
    {                                                                                    \
        text, AS_ORDINAL, field, 0, period, NULL                                         \
    }
#define FORMAT(text, format)                                                             \
    {                                                                                    \
        text, AS_FORMAT, 0, 0, 0, format                                                 \
    }
#define NAME(text, name)                                                                 \
    {                                                                                    \
        text, AS_NAME, 0, name, 0, NULL                                                  \
    }
#define FRACTION(text, width)                                                            \
    {                                                                                    \
        text, AS_FRACTION, 0, width, 0, NULL                                             \
    }
#define STYLE(text, style, width)                                                        \
    {                                                                                    \
        text, style, 0, width, 0, NULL                                                   \
    }

static const struct token tokens[] = {
    NUMBER("OD", FIELD_DAY, 0),
    NUMBER("OM", FIELD_MONTH, 0),
    NUMBER("OY", FIELD_YEAR, 0),
    NUMBER("OH", FIELD_HOUR, 0),
    NUMBER("Oh", FIELD_HOUR12, 0),
    NUMBER("Om", FIELD_MINUTE, 0),
    NUMBER("Os", FIELD_SECOND, 0),
    ORDINAL("DDDo", FIELD_YEAR_DAY, 'd'),
    NUMBER("DDDD", FIELD_YEAR_DAY, 3),
    NUMBER("DDD", FIELD_YEAR_DAY, 0),
    NUMBER("DD", FIELD_DAY, 2),
    ORDINAL("Do", FIELD_DAY, 'D'),
    NUMBER("D", FIELD_DAY, 0),
    NAME("dddd", NAME_DAY),
    NAME("ddd", NAME_DAY_SHORT),
    NAME("dd", NAME_DAY_MIN),
    STYLE("do", AS_WRITTEN, 0),
    FORMAT("d", "w"),
    FORMAT("e", "w"),
    FORMAT("E", "N"),
    FORMAT("Hmmss", "Gis"),
    FORMAT("Hmm", "Gi"),
    FORMAT("hmmss", "gis"),
    FORMAT("hmm", "gi"),
    FORMAT("HH", "H"),
    FORMAT("H", "G"),
    FORMAT("hh", "h"),
    FORMAT("h", "g"),
    NUMBER("kk", FIELD_HOUR24, 2),
    NUMBER("k", FIELD_HOUR24, 0),
    NUMBER("mm", FIELD_MINUTE, 2),
    NUMBER("m", FIELD_MINUTE, 0),
    STYLE("a", AS_MERIDIEM, 1),
    STYLE("A", AS_MERIDIEM, 0),
    NUMBER("ss", FIELD_SECOND, 2),
    NUMBER("s", FIELD_SECOND, 0),
    FRACTION("SSSSSSSSS", 9),
    FRACTION("SSSSSSSS", 8),
    FRACTION("SSSSSSS", 7),
    FRACTION("SSSSSS", 6),
    FRACTION("SSSSS", 5),
    FRACTION("SSSS", 4),
    FRACTION("SSS", 3),
    FRACTION("SS", 2),
    FRACTION("S", 1),
    NAME("MMMM", NAME_MONTH),
    NAME("MMM", NAME_MONTH_SHORT),
    NUMBER("MM", FIELD_MONTH, 2),
    ORDINAL("Mo", FIELD_MONTH, 'M'),
    NUMBER("M", FIELD_MONTH, 0),
    ORDINAL("Qo", FIELD_QUARTER, 'M'),
    NUMBER("Q", FIELD_QUARTER, 0),
    NUMBER("GGGGG", FIELD_ISO_YEAR, 5),
    NUMBER("GGGG", FIELD_ISO_YEAR, 4),
    NUMBER("GGG", FIELD_ISO_YEAR, 3),
    NUMBER("GG", FIELD_ISO_YEAR, 2),
    NUMBER("G", FIELD_ISO_YEAR, 0),
    NUMBER("ggggg", FIELD_WEEK_YEAR, 5),
    NUMBER("gggg", FIELD_WEEK_YEAR, 4),
    NUMBER("ggg", FIELD_WEEK_YEAR, 3),
    NUMBER("gg", FIELD_WEEK_YEAR, 2),
    NUMBER("g", FIELD_WEEK_YEAR, 0),
    NUMBER("WW", FIELD_ISO_WEEK, 2),
    ORDINAL("Wo", FIELD_ISO_WEEK, 'W'),
    STYLE("W|", AS_WRITTEN, 0),
    NUMBER("W", FIELD_ISO_WEEK, 0),
    NUMBER("ww", FIELD_WEEK, 2),
    ORDINAL("wo", FIELD_WEEK, 'W'),
    STYLE("w|", AS_WRITTEN, 0),
    NUMBER("w", FIELD_WEEK, 0),
    STYLE("x", AS_MILLI, 0),
    FORMAT("X", "U"),
    STYLE("YYYYYY", AS_YEAR6, 6),
    NUMBER("YYYYY", FIELD_YEAR, 5),
    NUMBER("YYYY", FIELD_YEAR, 4),
    FORMAT("YY", "y"),
    NUMBER("Y", FIELD_YEAR, 0),
    FORMAT("zz", "e"),
    FORMAT("z", "T"),
    FORMAT("ZZ", "O"),
    FORMAT("Z", "P"),
};

/* === printing them === */

static int64_t field_of(const struct iso *s, enum field field)
{
    const struct week_rule iso_rule = {1, 4};
    const struct date *d = s->d;
    switch (field) {
    case FIELD_DAY:
        return d->day;
    case FIELD_YEAR_DAY:
        return d->year_day + 1;
    case FIELD_MONTH:
        return d->month;
    case FIELD_QUARTER:
        return (d->month + 2) / 3;
    case FIELD_YEAR:
        return d->year;
    case FIELD_HOUR:
        return d->hour;
    case FIELD_HOUR12:
        return d->hour % 12 ? d->hour % 12 : 12;
    case FIELD_HOUR24:
        return d->hour ? d->hour : 24;
    case FIELD_MINUTE:
        return d->minute;
    case FIELD_SECOND:
        return d->second;
    case FIELD_WEEK:
        return date_carbon_week(d, s->locale->week).number;
    case FIELD_WEEK_YEAR:
        return date_carbon_week(d, s->locale->week).year;
    case FIELD_ISO_WEEK:
        return date_carbon_week(d, iso_rule).number;
    case FIELD_ISO_YEAR:
        break;
    }
    return date_carbon_week(d, iso_rule).year;
}

static void add_number(struct iso *s, int64_t n, int width)
{
    buf_fmt(s->out, "%s%0*lld", n < 0 ? "-" : "", width, (long long)(n < 0 ? -n : n));
}

static void add_name(struct iso *s, int name)
{
    const struct date_locale *l = s->locale;
    const struct date *d = s->d;
    const char *const names[] = {
        [NAME_MONTH] = l->months[d->month - 1],
        [NAME_MONTH_SHORT] = l->months_short[d->month - 1],
        [NAME_DAY] = l->weekdays[d->weekday],
        [NAME_DAY_SHORT] = l->weekdays_short[d->weekday],
        [NAME_DAY_MIN] = l->weekdays_min[d->weekday],
    };
    buf_add(s->out, str_from(names[name]));
}

static void add_fraction(struct iso *s, int width)
{
    char digits[16];
    snprintf(digits, sizeof(digits), "%06d000", s->d->micro);
    buf_add(s->out, (struct str){digits, (size_t)width});
}

static void add_meridiem(struct iso *s, bool lower)
{
    const struct date_locale *l = s->locale;
    bool morning = s->d->hour < 12;
    if (l->morning)
        buf_add(s->out, str_from(morning ? l->morning : l->afternoon));
    else
        date_add_format(s->out, s->d, lower ? S("a") : S("A"));
}

/* Carbon writes the seconds and the microseconds side by side and divides, which counts
 * the latter in the wrong direction before 1970. A float is what it prints. */
static void add_milliseconds(struct iso *s)
{
    const struct date *d = s->d;
    char text[PHP_FLOAT_TEXT];
    int64_t side = d->unix_seconds < 0 ? -(int64_t)d->micro : d->micro;
    int64_t us = d->unix_seconds * 1000000 + side;
    double ms = php_round((double)us / 1000, 0);
    buf_add(s->out, php_float_text(ms, PHP_ECHO, 'E', text));
}

static void add_token(struct iso *s, const struct token *t)
{
    int64_t n =
        t->style == AS_NUMBER || t->style == AS_ORDINAL ? field_of(s, t->field) : 0;
    switch (t->style) {
    case AS_NUMBER:
        add_number(s, n, t->width);
        break;
    case AS_ORDINAL:
        add_number(s, n, 0);
        buf_add(s->out, str_from(s->locale->ordinal(n, t->period)));
        break;
    case AS_FORMAT:
        date_add_format(s->out, s->d, str_from(t->format));
        break;
    case AS_NAME:
        add_name(s, t->width);
        break;
    case AS_FRACTION:
        add_fraction(s, t->width);
        break;
    case AS_MERIDIEM:
        add_meridiem(s, t->width);
        break;
    case AS_YEAR6:
        buf_add(s->out, s->d->year < 0 ? S("") : S("+"));
        add_number(s, s->d->year, t->width);
        break;
    case AS_MILLI:
        add_milliseconds(s);
        break;
    case AS_WRITTEN:
        buf_add(s->out, str_from(t->text));
        break;
    }
}

static const struct token *token_at(struct str s)
{
    for (size_t i = 0; i < COUNT(tokens); i++)
        if (str_starts(s, str_from(tokens[i].text)))
            return &tokens[i];
    return NULL;
}

/* === macros === */

/* A small "l" is the large one's format with the short forms. */
static struct str shortened(struct str format, char out[64])
{
    static const char *const long_forms[] = {"MMMM", "MM", "DD", "dddd"};
    size_t len = 0;
    for (size_t i = 0; i < format.len && len + 4 < 64;) {
        size_t n = 0, k = 0;
        for (; k < COUNT(long_forms) && n == 0; k++)
            if (str_starts(str_skip(format, i), str_from(long_forms[k])))
                n = strlen(long_forms[k]);
        size_t skip = n ? 1 : 0, take = n ? n : 1;
        memcpy(out + len, format.ptr + i + skip, take - skip);
        len += take - skip;
        i += take;
    }
    return (struct str){out, len};
}

/* macro_at finds LT, LTS, L…LLLL or l…llll; its length, 0: there is none. */
static size_t macro_at(const struct iso *s, struct str rest, char room[64],
                       struct str *format)
{
    const struct date_locale *l = s->locale;
    const struct {
        const char *name, *format;
    } macros[] = {{"LTS", l->lts}, {"LT", l->lt}, {"LLLL", l->llll}, {"LLL", l->lll},
                  {"LL", l->ll},   {"L", l->l},   {"llll", l->llll}, {"lll", l->lll},
                  {"ll", l->ll},   {"l", l->l}};
    for (size_t i = 0; i < COUNT(macros); i++) {
        struct str name = str_from(macros[i].name);
        if (!str_starts(rest, name))
            continue;
        *format = str_from(macros[i].format);
        if (name.ptr[0] == 'l')
            *format = shortened(*format, room);
        return name.len;
    }
    return 0;
}

/* === formats === */

static size_t char_len(struct str s)
{
    size_t at = 0;
    if (s.len > 0)
        str_utf8(s, &at);
    return at;
}

static void add_iso(struct iso *s, struct str format)
{
    bool literal = false;
    while (format.len > 0 && !s->out->full) {
        char room[64];
        struct str macro = S("");
        char c = format.ptr[0];
        size_t len = c == '\\' ? 1 + char_len(str_skip(format, 1)) : 1;
        const struct token *t = NULL;
        if (c == '\\') {
            buf_add(s->out, str_sub(format, 1, len - 1));
        } else if (literal ? c == ']' : c == '[') {
            literal = !literal;
        } else if (literal) {
            buf_byte(s->out, c);
        } else if ((len = macro_at(s, format, room, &macro))) {
            /* Its last token may go on in what follows: "LYYYYYY". */
            format = str_join(s->out->arena, macro, str_skip(format, len));
            len = 0;
        } else if ((t = token_at(format))) {
            len = strlen(t->text);
            add_token(s, t);
        } else {
            len = 1;
            buf_byte(s->out, c);
        }
        format = str_skip(format, len);
    }
}

void date_add_iso(struct buf *b, const struct date *d, const struct date_locale *locale,
                  struct str format)
{
    struct iso s = {b, d, locale};
    add_iso(&s, format);
}

/* What follows the day's number in the locale's ordinal. */
static void add_suffix(struct buf *iso, const struct date *d,
                       const struct date_locale *locale)
{
    buf_fmt(iso, "[%s]", locale->ordinal(d->day, 'D'));
}

void date_add_translated(struct buf *b, const struct date *d,
                         const struct date_locale *locale, struct str format)
{
    static const char raw[] = "djNwzWmntLoXxYyBgGhHisuvEeIOPpZcrUT";
    struct buf iso = buf_new(b->arena, DATE_MAX);
    for (size_t i = 0; i < format.len && !iso.full; i++) {
        char c = format.ptr[i];
        if (c == '\\') {
            size_t len = char_len(str_skip(format, i + 1));
            buf_add(&iso, str_sub(format, i, 1 + len));
            i += len;
        } else if (c == 'D' || c == 'l') {
            buf_add(&iso, c == 'D' ? S("ddd") : S("dddd"));
        } else if (c == 'M' || c == 'F') {
            buf_add(&iso, c == 'M' ? S("MMM") : S("MMMM"));
        } else if (c == 'S') {
            add_suffix(&iso, d, locale);
        } else if (c == 'a' || c == 'A') {
            buf_byte(&iso, c);
        } else if (c && strchr(raw, c)) {
            buf_byte(&iso, '[');
            date_add_format(&iso, d, (struct str){&c, 1});
            buf_byte(&iso, ']');
        } else {
            if (isalpha((unsigned char)c))
                buf_byte(&iso, '\\');
            buf_byte(&iso, c);
        }
    }
    date_add_iso(b, d, locale, buf_str(&iso));
}

bool php_date_iso(struct arena *perm, int64_t unix_us, struct str locale,
                  struct str format, struct str *out, struct error *e)
{
    const struct date_locale *l = date_locale_of(locale);
    if (format.len > DATE_MAX_FORMAT)
        return err_set(e, ERR_JOB, "a date format is too long");
    if (!l)
        return err_set(e, ERR_UNSUPPORTED,
                       "dates in the locale \"%.*s\" are not "
                       "supported",
                       STR_ARG(locale));
    struct buf b = buf_new(perm, DATE_MAX);
    struct date d = date_of(unix_us);
    date_add_iso(&b, &d, l, format);
    *out = buf_str(&b);
    return true;
}
