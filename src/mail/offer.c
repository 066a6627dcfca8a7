/* offer.c: what a server can do, as its reply to EHLO says (RFC 5321, 4.1.1.1). */
#include <stdio.h>

#include "mail/smtp_imp.h"

/* name_end: where the capability's name ends; old servers write "AUTH=LOGIN". */
static size_t name_end(struct str s)
{
    size_t n = 0;
    while (n < s.len && s.ptr[n] != ' ' && s.ptr[n] != '=')
        n++;
    return n;
}

static void add_word(struct offer *o, struct str word)
{
    size_t n = strlen(o->words);
    snprintf(o->words + n, sizeof(o->words) - n, "%s%.*s", n ? " " : "", STR_ARG(word));
}

/* add_ways takes "PLAIN LOGIN"; `read`: libcurl sees the line. */
static void add_ways(struct offer *o, struct str ways, bool read)
{
    for (struct cut c = {.tail = ways, .ok = true}; c.ok;) {
        c = str_cut(c.tail, ' ');
        struct str word = str_trim(c.head);
        int way = login_way(word, true);
        if (word.len)
            add_word(o, word);
        if (way < 0)
            continue;
        o->ways |= 1U << way;
        if (read && login_way(word, false) >= 0)
            o->ways_read |= 1U << way;
    }
}

void offer_line(struct offer *o, struct str line)
{
    struct str behind = str_skip(line, 4); /* "250-" */
    struct str s = str_trim(behind);
    struct str name = str_sub(s, 0, name_end(s));
    if (str_ieq(name, S("STARTTLS"))) {
        o->starttls = true;
        o->starttls_read = o->starttls_read || str_starts(behind, S("STARTTLS"));
    } else if (str_ieq(name, S("AUTH"))) {
        o->auth = true;
        add_ways(o, str_skip(s, name.len + 1), str_starts(behind, S("AUTH ")));
    } else if (str_ieq(name, S("SMTPUTF8"))) {
        o->utf8 = o->utf8 || str_starts(behind, S("SMTPUTF8"));
    }
}
