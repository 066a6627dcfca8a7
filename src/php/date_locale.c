/* The words and habits of languages, as Carbon 3 has them. */
#include "php/date_imp.h"

static const char *const fr_months[] = {"janvier",   "février", "mars",     "avril",
                                        "mai",       "juin",    "juillet",  "août",
                                        "septembre", "octobre", "novembre", "décembre"};
static const char *const fr_months_short[] = {"janv.", "févr.", "mars",  "avr.",
                                              "mai",   "juin",  "juil.", "août",
                                              "sept.", "oct.",  "nov.",  "déc."};
static const char *const fr_weekdays[] = {"dimanche", "lundi",    "mardi", "mercredi",
                                          "jeudi",    "vendredi", "samedi"};
static const char *const fr_weekdays_short[] = {"dim.", "lun.", "mar.", "mer.",
                                                "jeu.", "ven.", "sam."};
static const char *const fr_weekdays_min[] = {"di", "lu", "ma", "me", "je", "ve", "sa"};

static const char *const nl_months[] = {"januari",   "februari", "maart",    "april",
                                        "mei",       "juni",     "juli",     "augustus",
                                        "september", "oktober",  "november", "december"};
static const char *const nl_months_short[] = {"jan.", "feb.", "mrt.", "apr.",
                                              "mei",  "jun.", "jul.", "aug.",
                                              "sep.", "okt.", "nov.", "dec."};
static const char *const nl_months_bare[] = {"jan", "feb", "mrt", "apr", "mei", "jun",
                                             "jul", "aug", "sep", "okt", "nov", "dec"};
static const char *const nl_weekdays[] = {"zondag",    "maandag", "dinsdag", "woensdag",
                                          "donderdag", "vrijdag", "zaterdag"};
static const char *const nl_weekdays_short[] = {"zo.", "ma.", "di.", "wo.",
                                                "do.", "vr.", "za."};
static const char *const nl_weekdays_min[] = {"zo", "ma", "di", "wo", "do", "vr", "za"};

static const char *const en_months[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
static const char *const en_months_short[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const en_weekdays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                          "Thursday", "Friday", "Saturday"};
static const char *const en_weekdays_short[] = {"Sun", "Mon", "Tue", "Wed",
                                                "Thu", "Fri", "Sat"};
static const char *const en_weekdays_min[] = {"Su", "Mo", "Tu", "We", "Th", "Fr", "Sa"};

static const char *const de_months[] = {"Januar",    "Februar", "März",     "April",
                                        "Mai",       "Juni",    "Juli",     "August",
                                        "September", "Oktober", "November", "Dezember"};
static const char *const de_months_short[] = {"Jan", "Feb", "Mär", "Apr", "Mai", "Jun",
                                              "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"};
static const char *const at_months[] = {"Jänner",    "Februar", "März",     "April",
                                        "Mai",       "Juni",    "Juli",     "August",
                                        "September", "Oktober", "November", "Dezember"};
static const char *const at_months_short[] = {"Jän", "Feb", "Mär", "Apr", "Mai", "Jun",
                                              "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"};
static const char *const de_weekdays[] = {"Sonntag",    "Montag",  "Dienstag", "Mittwoch",
                                          "Donnerstag", "Freitag", "Samstag"};
static const char *const de_weekdays_short[] = {"So.", "Mo.", "Di.", "Mi.",
                                                "Do.", "Fr.", "Sa."};
static const char *const de_weekdays_min[] = {"So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"};

/* === ordinals === */

/* In French only the first of a month is ordinal; a week is feminine. */
static const char *fr_ordinal(int64_t number, char period)
{
    if (period == 'D')
        return number == 1 ? "er" : "";
    if (number != 1)
        return "e";
    return period == 'W' ? "re" : "er";
}

static const char *nl_ordinal(int64_t number, char period)
{
    (void)period;
    return number == 1 || number == 8 || number >= 20 ? "ste" : "de";
}

static const char *en_ordinal(int64_t number, char period)
{
    (void)period;
    static const char *const suffixes[] = {"th", "st", "nd", "rd"};
    bool teen = number % 100 / 10 == 1;
    return !teen && number % 10 < 4 ? suffixes[number % 10] : "th";
}

static const char *de_ordinal(int64_t number, char period)
{
    (void)number;
    (void)period;
    return ".";
}

/* === the locales === */

#define FR(name_, l_, first_, january_)                                                  \
    {                                                                                    \
        .name = name_, .language = "fr", .months = fr_months,                            \
        .months_short = fr_months_short, .weekdays = fr_weekdays,                        \
        .weekdays_short = fr_weekdays_short, .weekdays_min = fr_weekdays_min,            \
        .lt = "HH:mm", .lts = "HH:mm:ss", .l = l_, .ll = "D MMMM YYYY",                  \
        .lll = "D MMMM YYYY HH:mm", .llll = "dddd D MMMM YYYY HH:mm",                    \
        .week = {first_, january_}, .ordinal = fr_ordinal                                \
    }

#define NL(name_, l_, months_short_, weekdays_short_)                                    \
    {                                                                                    \
        .name = name_, .language = "nl", .months = nl_months,                            \
        .months_short = months_short_, .weekdays = nl_weekdays,                          \
        .weekdays_short = weekdays_short_, .weekdays_min = nl_weekdays_min,              \
        .lt = "HH:mm", .lts = "HH:mm:ss", .l = l_, .ll = "D MMMM YYYY",                  \
        .lll = "D MMMM YYYY HH:mm", .llll = "dddd D MMMM YYYY HH:mm",                    \
        .morning = "'s ochtends", .afternoon = "'s middags", .week = {1, 4},             \
        .ordinal = nl_ordinal                                                            \
    }

#define EN(name_, first_)                                                                \
    {                                                                                    \
        .name = name_, .language = "en", .months = en_months,                            \
        .months_short = en_months_short, .weekdays = en_weekdays,                        \
        .weekdays_short = en_weekdays_short, .weekdays_min = en_weekdays_min,            \
        .lt = "h:mm A", .lts = "h:mm:ss A", .l = "MM/DD/YYYY", .ll = "MMMM D, YYYY",     \
        .lll = "MMMM D, YYYY h:mm A", .llll = "dddd, MMMM D, YYYY h:mm A",               \
        .week = {first_, 1}, .ordinal = en_ordinal                                       \
    }

#define DE(name_, l_, months_, months_short_, weekdays_short_)                           \
    {                                                                                    \
        .name = name_, .language = "de", .months = months_,                              \
        .months_short = months_short_, .weekdays = de_weekdays,                          \
        .weekdays_short = weekdays_short_, .weekdays_min = de_weekdays_min,              \
        .lt = "HH:mm", .lts = "HH:mm:ss", .l = l_, .ll = "D. MMMM YYYY",                 \
        .lll = "D. MMMM YYYY HH:mm", .llll = "dddd, D. MMMM YYYY HH:mm", .week = {1, 4}, \
        .ordinal = de_ordinal                                                            \
    }

static const struct date_locale locales[] = {
    FR("fr", "DD/MM/YYYY", 1, 4),
    FR("fr_FR", "DD/MM/YYYY", 1, 4),
    FR("fr_BE", "DD/MM/YYYY", 1, 4),
    FR("fr_CA", "YYYY-MM-DD", 0, 1),
    FR("fr_CH", "DD.MM.YYYY", 1, 4),
    FR("fr_LU", "DD.MM.YYYY", 1, 4),
    NL("nl", "DD-MM-YYYY", nl_months_short, nl_weekdays_short),
    NL("nl_NL", "DD-MM-YYYY", nl_months_bare, nl_weekdays_min),
    NL("nl_BE", "DD/MM/YYYY", nl_months_short, nl_weekdays_short),
    EN("en", 1),
    EN("en_US", 0),
    {.name = "en_GB",
     .language = "en",
     .months = en_months,
     .months_short = en_months_short,
     .weekdays = en_weekdays,
     .weekdays_short = en_weekdays_short,
     .weekdays_min = en_weekdays_min,
     .lt = "HH:mm",
     .lts = "HH:mm:ss",
     .l = "DD/MM/YYYY",
     .ll = "D MMMM YYYY",
     .lll = "D MMMM YYYY HH:mm",
     .llll = "dddd, D MMMM YYYY HH:mm",
     .week = {1, 4},
     .ordinal = en_ordinal},
    DE("de", "DD.MM.YYYY", de_months, de_months_short, de_weekdays_short),
    DE("de_DE", "DD.MM.YYYY", de_months, de_months_short, de_weekdays_short),
    DE("de_AT", "DD.MM.YYYY", at_months, at_months_short, de_weekdays_short),
    DE("de_BE", "YYYY-MM-DD", de_months, de_months_short, de_weekdays_short),
    DE("de_CH", "DD.MM.YYYY", de_months, de_months_short, de_weekdays_min),
    DE("de_LU", "YYYY-MM-DD", de_months, de_months_short, de_weekdays_short),
};

static bool same_name(struct str a, struct str b)
{
    for (size_t i = 0; i < a.len && i < b.len; i++)
        if (a.ptr[i] == '-' && b.ptr[i] == '_')
            return str_ieq(str_sub(a, 0, i), str_sub(b, 0, i)) &&
                   str_ieq(str_skip(a, i + 1), str_skip(b, i + 1));
    return str_ieq(a, b);
}

const struct date_locale *date_locale_of(struct str name)
{
    for (size_t i = 0; i < COUNT(locales); i++)
        if (same_name(name, str_from(locales[i].name)))
            return &locales[i];
    return NULL;
}
