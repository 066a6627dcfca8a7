/* help.c: list and help, printed from the table of commands as artisan prints its own. */
#include <ctype.h>

#include "cli/cli_imp.h"

enum { HELP_MAX = 64 << 10, GAP = 2 };

static const struct {
    const char *name, *letters;
} shorts[] = {{"help", "-h, "},
              {"quiet", "-q, "},
              {"version", "-V, "},
              {"no-interaction", "-n, "},
              {"verbose", "-v|vv|vvv, "}};

const char *option_letters(const char *name)
{
    for (size_t i = 0; i < COUNT(shorts); i++)
        if (strcmp(shorts[i].name, name) == 0)
            return shorts[i].letters;
    return "";
}

/* === two columns === */

struct help {
    struct invocation *in;
    struct buf b;
    size_t widest; /* of what stands on the left */
};

static struct help begin(struct invocation *in)
{
    return (struct help){.in = in, .b = buf_new(&in->perm, HELP_MAX)};
}

static void end(struct help *h)
{
    console_put(&h->in->console, buf_str(&h->b));
}

static void styled(struct help *h, enum console_style style, struct str text)
{
    console_styled(&h->in->console, &h->b, style, text);
}

static void heading(struct help *h, const char *text)
{
    buf_byte(&h->b, '\n');
    styled(h, STYLE_YELLOW, str_from(text));
    buf_byte(&h->b, '\n');
}

static struct str option_left(struct help *h, const struct option_row *row)
{
    struct arena *perm = &h->in->perm;
    const char *letters = option_letters(row->name);
    char *value = str_z(perm, str_from(row->name));
    for (char *c = value; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    struct str left = str_fmt(perm, "%s--%s", *letters ? letters : "    ", row->name);
    return row->kind == OPTION_VALUE ? str_fmt(perm, "%.*s[=%s]", STR_ARG(left), value)
                                     : left;
}

static void widen(struct help *h, struct str left)
{
    h->widest = left.len > h->widest ? left.len : h->widest;
}

static void widen_options(struct help *h, const struct option_row *rows)
{
    for (; rows && rows->name; rows++)
        widen(h, option_left(h, rows));
}

static void row(struct help *h, struct str left, struct str text)
{
    buf_add(&h->b, S("  "));
    styled(h, STYLE_GREEN, left);
    buf_fmt(&h->b, "%*s%.*s", (int)(h->widest - left.len + GAP), "", STR_ARG(text));
}

static void options(struct help *h, const struct option_row *rows)
{
    for (; rows && rows->name; rows++) {
        row(h, option_left(h, rows), str_from(rows->help));
        if (rows->otherwise)
            styled(h, STYLE_YELLOW,
                   str_fmt(&h->in->perm, " [default: \"%s\"]", rows->otherwise));
        buf_byte(&h->b, '\n');
    }
}

/* === list === */

static struct str space_of(const char *name)
{
    struct cut c = str_cut(str_from(name), ':');
    return c.ok ? c.head : S("");
}

static void command_row(struct help *h, const struct command *c)
{
    struct str alias = c->alias ? str_fmt(&h->in->perm, "[%s] ", c->alias) : S("");
    row(h, str_from(c->name), str_fmt(&h->in->perm, "%.*s%s", STR_ARG(alias), c->help));
    buf_byte(&h->b, '\n');
}

/* commands lists those without a space first, then space by space; `only`: of one. */
static void commands(struct help *h, const struct command *const *all, struct str only)
{
    struct str space = only;
    for (size_t i = 0; all[i]; i++)
        if (str_eq(space_of(all[i]->name), only) && (only.len || !space.len))
            command_row(h, all[i]);
    for (size_t i = 0; all[i] && !only.len; i++) {
        if (!space_of(all[i]->name).len)
            continue;
        if (!str_eq(space, space_of(all[i]->name))) {
            space = space_of(all[i]->name);
            styled(h, STYLE_YELLOW, str_fmt(&h->in->perm, " %.*s", STR_ARG(space)));
            buf_byte(&h->b, '\n');
        }
        command_row(h, all[i]);
    }
}

bool has_space(const struct command *const *all, struct str space)
{
    for (; *all; all++)
        if (space.len && str_eq(space_of((*all)->name), space))
            return true;
    return false;
}

void print_list(struct invocation *in, const struct command *const *all, struct str space)
{
    struct help h = begin(in);
    styled(&h, STYLE_PLAIN, S("facteur "));
    styled(&h, STYLE_GREEN, S(FACTEUR_VERSION));
    buf_byte(&h.b, '\n');
    heading(&h, "Usage:");
    buf_add(&h.b, S("  facteur [--app=DIR] command [options] [arguments]\n"));
    heading(&h, "Options:");
    widen_options(&h, global_options);
    for (size_t i = 0; all[i]; i++)
        if (!space.len || str_eq(space_of(all[i]->name), space))
            widen(&h, str_from(all[i]->name));
    options(&h, global_options);
    heading(&h, space.len
                    ? str_z(&in->perm,
                            str_fmt(&in->perm,
                                    "Available commands for the \"%.*s\" namespace:",
                                    STR_ARG(space)))
                    : "Available commands:");
    if (!space.len) {
        row(&h, S("help"), S("Display help for a command\n"));
        row(&h, S("list"), S("List commands\n"));
    }
    commands(&h, all, space);
    end(&h);
}

/* === help === */

void print_help(struct invocation *in, const struct command *c)
{
    struct help h = begin(in);
    bool takes = c->options && c->options->name;
    styled(&h, STYLE_YELLOW, S("Description:"));
    buf_fmt(&h.b, "\n  %s\n", c->help);
    heading(&h, "Usage:");
    buf_fmt(&h.b, "  facteur [--app=DIR] %s%s", c->name, takes ? " [options] [--]" : "");
    for (const struct argument_row *a = c->arguments; a && a->name; a++) {
        buf_fmt(&h.b, a->required ? " <%s>%s" : " [<%s>%s]", a->name,
                a->many ? "..." : "");
        widen(&h, str_from(a->name));
    }
    buf_byte(&h.b, '\n');
    widen_options(&h, c->options);
    widen_options(&h, global_options);
    if (c->arguments && c->arguments->name)
        heading(&h, "Arguments:");
    for (const struct argument_row *a = c->arguments; a && a->name; a++) {
        row(&h, str_from(a->name), str_from(a->help));
        buf_byte(&h.b, '\n');
    }
    heading(&h, "Options:");
    options(&h, c->options);
    options(&h, global_options);
    end(&h);
}
