/* find.c: which command is meant. */
#include "cli/cli_imp.h"

/* abbreviates says whether each part between colons begins as that of the name. */
static bool abbreviates(struct str text, struct str name)
{
    struct cut t = {.tail = text, .ok = text.len > 0}, n = {.tail = name, .ok = true};
    while (t.ok && n.ok) {
        t = str_cut(t.tail, ':');
        n = str_cut(n.tail, ':');
        if (!str_ieq(str_sub(n.head, 0, t.head.len), t.head))
            return false;
    }
    return t.ok == n.ok;
}

static bool is_called(const struct command *c, struct str text,
                      bool (*same)(struct str, struct str))
{
    return same(text, str_from(c->name)) || (c->alias && same(text, str_from(c->alias)));
}

bool command_begins(const struct command *c, struct str text)
{
    return is_called(c, text, abbreviates);
}

const struct command *command_named(const struct command *const *all, struct str name)
{
    for (; *all; all++)
        if (is_called(*all, name, str_eq))
            return *all;
    return NULL;
}

const struct command *find_command(const struct command *const *all, struct str name)
{
    const struct command *found = command_named(all, name);
    if (found)
        return found;
    for (; *all; all++) {
        if (!command_begins(*all, name))
            continue;
        if (found)
            return NULL;
        found = *all;
    }
    return found;
}
