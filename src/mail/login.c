/* login.c: which way to log in: Symfony's ways in its order. */
#include "mail/smtp_imp.h"

/* ORDER WAY: the name, and how many challenges (334) come before the last answer. */
static const struct {
    const char *name;
    int challenges;
} ways[LOGIN_WAYS] = {
    [LOGIN_CRAM_MD5] = {"CRAM-MD5", 1},
    [LOGIN_LOGIN] = {"LOGIN", 2},
    [LOGIN_PLAIN] = {"PLAIN", 0}, /* Symfony sends it in one line */
    [LOGIN_XOAUTH2] = {"XOAUTH2", 0},
};

int login_way(struct str name, bool any_letters)
{
    for (int i = 0; i < LOGIN_WAYS; i++) {
        struct str known = str_from(ways[i].name);
        if (any_letters ? str_ieq(name, known) : str_eq(name, known))
            return i;
    }
    return -1;
}

const char *login_name(enum login_way way)
{
    return ways[way].name;
}

void login_refused(struct login *l, const struct reply *r, int step)
{
    if (l->way < 0 || l->answers_len == LOGIN_WAYS)
        return;
    struct login_answer *a = &l->answers[l->answers_len++];
    *a = (struct login_answer){.way = (enum login_way)l->way,
                               .expected = step < ways[l->way].challenges ? 334 : 235,
                               .reply = *r};
    l->tried |= 1U << l->way;
}

bool login_next(struct login *l, unsigned offered)
{
    for (int i = 0; i < LOGIN_WAYS; i++)
        if (offered & ~l->tried & 1U << i) {
            l->way = i;
            return true;
        }
    l->way = -1;
    return false;
}
