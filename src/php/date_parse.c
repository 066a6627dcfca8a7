/* The dates in words and digits that are plain: what else PHP's strtotime would guess at
 * is refused. */
#include "php/date_imp.h"

/* digits reads a number of at least `min` and at most `max` digits. */
static bool digits(struct str *s, size_t min, size_t max, int64_t *out)
{
    size_t n = 0;
    *out = 0;
    while (n < s->len && n < max && s->ptr[n] >= '0' && s->ptr[n] <= '9')
        *out = *out * 10 + (s->ptr[n++] - '0');
    *s = str_skip(*s, n);
    return n >= min;
}

static bool take(struct str *s, char c)
{
    bool is = s->len > 0 && s->ptr[0] == c;
    *s = str_skip(*s, is);
    return is;
}

/* date = YYYY-M-D | YYYY/M/D | M/D/YYYY | D-M-YYYY | D.M.YYYY */
static bool read_day(struct str *s, struct date_fields *f)
{
    struct str start = *s;
    int64_t a, b, c;
    bool year_first = digits(s, 4, 4, &a) && (take(s, '-') || take(s, '/'));
    if (year_first) {
        char separator = s->ptr[-1];
        if (!digits(s, 1, 2, &b) || !take(s, separator) || !digits(s, 1, 2, &c))
            return false;
        f->year = a, f->month = b, f->day = c;
    } else {
        *s = start;
        if (!digits(s, 1, 2, &a) || s->len == 0 || !strchr("/-.", s->ptr[0]))
            return false;
        char separator = s->ptr[0];
        *s = str_skip(*s, 1);
        if (!digits(s, 1, 2, &b) || !take(s, separator) || !digits(s, 4, 4, &c))
            return false;
        bool american = separator == '/';
        f->year = c, f->month = american ? a : b, f->day = american ? b : a;
    }
    return f->month >= 1 && f->month <= 12 && f->day >= 1 && f->day <= 31;
}

/* time = ("T" | " " {" "}) HH:MM [":SS" ["." digits]] */
static bool read_time(struct str *s, struct date_fields *f, int64_t *micro)
{
    if (!take(s, 'T')) {
        if (!take(s, ' '))
            return false;
        while (take(s, ' '))
            continue;
    }
    if (!digits(s, 2, 2, &f->hour) || !take(s, ':') || !digits(s, 2, 2, &f->minute))
        return false;
    if (take(s, ':') && !digits(s, 2, 2, &f->second))
        return false;
    if (s->len && s->ptr[0] == '.') {
        size_t before = str_skip(*s, 1).len;
        *s = str_skip(*s, 1);
        if (!digits(s, 1, 6, micro))
            return false;
        for (size_t n = before - s->len; n < 6; n++)
            *micro *= 10;
    }
    return f->hour < 24 && f->minute < 60 && f->second < 60;
}

static bool read_word(struct str s, int64_t now_us, int64_t *us)
{
    static const struct {
        const char *word;
        int days, hour;
    } words[] = {{"today", 0, 0},
                 {"midnight", 0, 0},
                 {"noon", 0, 12},
                 {"tomorrow", 1, 0},
                 {"yesterday", -1, 0}};
    struct date now = date_of(now_us);
    *us = now_us;
    if (str_ieq(s, S("now")))
        return true;
    for (size_t i = 0; i < COUNT(words); i++) {
        struct date_fields f = {
            now.year, now.month, now.day + words[i].days, words[i].hour, 0, 0, -1};
        *us = date_unix(&f) * 1000000;
        if (str_ieq(s, str_from(words[i].word)))
            return true;
    }
    return false;
}

bool date_parse(struct str s, int64_t now_us, int64_t *us)
{
    struct date_fields f = {.summer = -1};
    int64_t micro = 0;
    if (read_word(s, now_us, us))
        return true;
    if (!read_day(&s, &f) || (s.len > 0 && !read_time(&s, &f, &micro)) || s.len > 0)
        return false;
    *us = date_unix(&f) * 1000000 + micro;
    return true;
}
