/* How long ago a moment was, as Carbon's diffForHumans tells it. */
#include "php/date_imp.h"

enum unit { YEAR, MONTH, WEEK, DAY, HOUR, MINUTE, SECOND, UNITS };

static const struct {
    struct str locale;
    const char *before, *after;
    const char *names[UNITS][2]; /* of one, of many */
    bool zero_is_one;            /* "0 seconde" */
} words[] = {
    {S("en"),
     "",
     " ago",
     {{"year", "years"},
      {"month", "months"},
      {"week", "weeks"},
      {"day", "days"},
      {"hour", "hours"},
      {"minute", "minutes"},
      {"second", "seconds"}},
     false},
    {S("fr"),
     "il y a ",
     "",
     {{"an", "ans"},
      {"mois", "mois"},
      {"semaine", "semaines"},
      {"jour", "jours"},
      {"heure", "heures"},
      {"minute", "minutes"},
      {"seconde", "secondes"}},
     true},
    {S("nl"),
     "",
     " geleden",
     {{"jaar", "jaar"},
      {"maand", "maanden"},
      {"week", "weken"},
      {"dag", "dagen"},
      {"uur", "uur"},
      {"minuut", "minuten"},
      {"seconde", "seconden"}},
     false},
    {S("de"),
     "vor ",
     "",
     {{"Jahr", "Jahren"},
      {"Monat", "Monaten"},
      {"Woche", "Wochen"},
      {"Tag", "Tagen"},
      {"Stunde", "Stunden"},
      {"Minute", "Minuten"},
      {"Sekunde", "Sekunden"}},
     false},
};

/* whole_months counts by the calendar, in UTC: how many can be added before `now` is
 * passed. A day that a month does not have falls into the next one. */
static int64_t whole_months(int64_t then, int64_t now)
{
    struct tm from, to, moved;
    time_t begun = (time_t)then, ended = (time_t)now;
    gmtime_r(&begun, &from);
    gmtime_r(&ended, &to);
    int months = (to.tm_year - from.tm_year) * 12 + to.tm_mon - from.tm_mon;
    for (; months > 0; months--) {
        moved = from;
        moved.tm_mon += months;
        if (timegm(&moved) <= ended)
            break;
    }
    return months;
}

static int64_t largest(int64_t then, int64_t now, enum unit *unit)
{
    static const int64_t seconds[UNITS] = {
        [WEEK] = 604800, [DAY] = 86400, [HOUR] = 3600, [MINUTE] = 60, [SECOND] = 1};
    int64_t months = whole_months(then, now), past = now - then;
    *unit = months >= 12 ? YEAR : MONTH;
    if (months >= 12)
        return months / 12;
    if (months >= 1)
        return months;
    *unit = WEEK;
    while (*unit < SECOND && past < seconds[*unit])
        ++*unit;
    return past / seconds[*unit];
}

struct str php_date_ago(struct arena *perm, int64_t then, int64_t now, struct str locale)
{
    enum unit unit;
    size_t w = 0;
    int64_t n = largest(then, now < then ? then : now, &unit);
    for (size_t i = 0; i < COUNT(words); i++)
        if (str_starts(locale, words[i].locale))
            w = i;
    bool one = n == 1 || (n == 0 && words[w].zero_is_one);
    return str_fmt(perm, "%s%lld %s%s", words[w].before, (long long)n,
                   words[w].names[unit][one ? 0 : 1], words[w].after);
}
