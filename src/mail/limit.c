/* limit.c: is a refusal one of this mail, or one of the pace?
 *
 * At the connection, EHLO, MAIL FROM and the message itself a temporary refusal is nearly
 * always a limit: so many connections, so many mails a minute. At RCPT TO it is mostly
 * the recipient's: greylisting, a full mailbox. There it counts only where its words
 * speak of a rate, or where two recipients in a row meet one.
 */
#include <stdio.h>

#include "mail/mail_imp.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool is_letter(char c)
{
    c = lower(c);
    return c >= 'a' && c <= 'z';
}

/* says finds a phrase in any letters, where a word begins: "rate", not "corporate". */
static bool says(struct str text, const char *phrase)
{
    struct str p = str_from(phrase);
    for (size_t i = 0; i + p.len <= text.len; i++)
        if (str_ieq(str_sub(text, i, p.len), p) &&
            (i == 0 || !is_letter(text.ptr[i - 1])))
            return true;
    return false;
}

static bool says_one(struct str text, const char *const phrases[], size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (says(text, phrases[i]))
            return true;
    return false;
}

static bool speaks_of_rate(struct str said)
{
    static const char *const rate[] = {
        "too many",      "too much mail",    "too fast",
        "too quickly",   "too often",        "rate limit",
        "rate-limit",    "ratelimit",        "rate exceed",
        "rate of",       "sending rate",     "message rate",
        "mail rate",     "connection rate",  "maximum rate",
        "throttl",       "slow down",        "per second",
        "per minute",    "per hour",         "per day",
        "sending limit", "sending quota",    "limit exceeded",
        "concurrent",    "connection limit", "limit on the number",
    };
    static const char *const other[] = {"size", "too many hops", "too many recipients",
                                        "mailbox"};
    return says_one(said, rate, COUNT(rate)) && !says_one(said, other, COUNT(other));
}

static bool is_greylisting(struct str said)
{
    static const char *const words[] = {"greylist",  "graylist",  "grey list",
                                        "gray list", "grey-list", "gray-list",
                                        "postgrey"};
    return says_one(said, words, COUNT(words));
}

/* is_policy: RFC 3463's 4.7.x, as in "455 4.7.1 …". */
static bool is_policy(struct str said)
{
    return said.len > 8 && str_starts(str_skip(said, 4), S("4.7."));
}

static bool asks_to_wait(int code, struct str said)
{
    static const int codes[] = {421, 432, 450, 451, 452, 454};
    for (size_t i = 0; i < COUNT(codes); i++)
        if (code == codes[i])
            return true;
    return is_policy(said) || ((code == 550 || code / 100 == 4) && speaks_of_rate(said));
}

/* of_recipient: at RCPT TO. */
static bool of_recipient(struct limits *l, struct str to, int code, struct str said)
{
    uint64_t who = str_hash(to) | 1;
    uint64_t before = l->deferred;
    bool temporary = code / 100 == 4 && !is_greylisting(said);
    l->deferred = temporary ? who : 0;
    if (is_greylisting(said))
        return false;
    if (code / 100 == 4 || code == 550)
        return speaks_of_rate(said) || (temporary && before && before != who);
    return false;
}

static bool is_limit(const struct envelope *v, enum smtp_step at, int code,
                     struct str said)
{
    switch (at) {
    case AT_RCPT:
        return of_recipient(v->limits, v->to, code, said);
    case AT_STARTTLS:
        return false; /* "TLS not available": no pace would change it */
    case AT_AUTH:
        /* "454 Temporary authentication failure" is the login's. */
        return code == 421 || (code / 100 == 4 && speaks_of_rate(said));
    default:
        return asks_to_wait(code, said) && !is_greylisting(said);
    }
}

static void met(const struct envelope *v, enum smtp_step at, struct str said)
{
    struct mail_pace *p = &v->limits->pace;
    *p = (struct mail_pace){.met = MAIL_MET_LIMIT, .connecting = at < AT_MAIL};
    size_t n = 0;
    for (size_t i = 0; i < said.len && n + 1 < sizeof(p->said); i++)
        if (said.ptr[i] != '\r')
            p->said[n++] = said.ptr[i] == '\n' ? ' ' : said.ptr[i];
    while (n && !str_utf8_ok((struct str){p->said, n}))
        p->said[--n] = '\0'; /* a character was cut */
}

void limit_reply(const struct envelope *v, enum smtp_step at, int code, struct str said)
{
    said = str_trim(said);
    if (v->limits && is_limit(v, at, code, said))
        met(v, at, said);
}

void limit_connect(const struct envelope *v, const char *why)
{
    if (v->limits)
        met(v, AT_CONNECT, str_from(why));
}

void limit_passed(struct limits *l)
{
    *l = (struct limits){.pace = {.met = MAIL_MET_PASSED}};
}
