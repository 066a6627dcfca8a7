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

/* === what may have been meant === */

enum { WORD_MAX = 64 };

/* distance counts the letters that are to be changed, added or left out. */
static size_t distance(struct str a, struct str b)
{
    size_t row[WORD_MAX + 1];
    if (a.len > WORD_MAX || b.len > WORD_MAX)
        return WORD_MAX;
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t least = corner + (a.ptr[i - 1] != b.ptr[j - 1]);
            corner = row[j];
            least = row[j] + 1 < least ? row[j] + 1 : least;
            row[j] = row[j - 1] + 1 < least ? row[j - 1] + 1 : least;
        }
    }
    return row[b.len];
}

static bool is_like(struct str name, struct str text)
{
    struct cut space = str_cut(text, ':');
    return distance(text, name) <= text.len / 3 ||
           (text.len > 2 && str_has(name, text)) ||
           (space.ok && str_eq(space.head, str_cut(name, ':').head));
}

size_t commands_like(const struct command *const *all, struct str text,
                     const struct command **out, size_t max)
{
    size_t len = 0;
    for (; *all && len < max; all++)
        if (is_like(str_from((*all)->name), text) ||
            ((*all)->alias && is_like(str_from((*all)->alias), text)))
            out[len++] = *all;
    return len;
}
