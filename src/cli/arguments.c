/* arguments.c: the command line, by the rules of Laravel's console: "--opt=v" and "--opt
 * v", clusters of short options, "--" before arguments that begin with a dash. */
#include <stdlib.h>

#include "cli/cli_imp.h"
#include "facteur/php.h"

struct parser {
    struct invocation *in;
    int argc, at;
    char **argv;
    struct error *e;
};

/* === global options === */

const struct option_row global_options[] = {
    {"app", OPTION_VALUE, NULL, "The folder of the Laravel app [default: this folder]"},
    {"help", OPTION_FLAG, NULL, "Display help for the command"},
    {"silent", OPTION_FLAG, NULL, "Do not output any message"},
    {"quiet", OPTION_FLAG, NULL, "Do not output any message"},
    {"version", OPTION_FLAG, NULL, "Display facteur's version"},
    {"ansi", OPTION_FLAG, NULL, "Force colours"},
    {"no-ansi", OPTION_FLAG, NULL, "No colours"},
    {"no-interaction", OPTION_FLAG, NULL, "Ask no question: the answer is no"},
    {"env", OPTION_VALUE, NULL, "The environment whose .env file is read"},
    {"verbose", OPTION_FLAG, NULL, "Say more; -vv and -vvv still more"},
    {NULL, OPTION_FLAG, NULL, NULL},
};

/* set_verbose: the most that was asked for counts, but -q more than any of them. */
static void set_verbose(struct invocation *in, int level)
{
    if (in->verbosity >= 0 && in->verbosity < level)
        in->verbosity = level;
}

static bool set_global(struct invocation *in, const char *name, const char *value)
{
    if (strcmp(name, "app") == 0)
        in->app_dir = value;
    else if (strcmp(name, "env") == 0)
        in->env = value;
    else if (strcmp(name, "help") == 0)
        in->help = true;
    else if (strcmp(name, "version") == 0)
        in->version = true;
    else if (strcmp(name, "no-interaction") == 0)
        in->no_interaction = true;
    else if (strcmp(name, "silent") == 0 || strcmp(name, "quiet") == 0)
        in->verbosity = -1;
    else if (strcmp(name, "verbose") == 0)
        set_verbose(in, 1);
    else if (strcmp(name, "ansi") == 0)
        in->colours = COLOUR_ON;
    else if (strcmp(name, "no-ansi") == 0)
        in->colours = COLOUR_OFF;
    return true;
}

/* === options === */

static const struct option_row *find_row(const struct option_row *rows, struct str name)
{
    for (; rows && rows->name; rows++)
        if (str_eq(str_from(rows->name), name))
            return rows;
    return NULL;
}

/* next_value takes the next word as an option's value, unless it is an option itself. */
static const char *next_value(struct parser *p)
{
    if (p->at >= p->argc)
        return NULL;
    const char *next = p->argv[p->at];
    if (next[0] == '-')
        return NULL;
    p->at++;
    return next;
}

static bool long_option(struct parser *p, const char *word)
{
    struct invocation *in = p->in;
    struct cut parts = str_cut(str_from(word + 2), '=');
    const struct option_row *rows = in->command ? in->command->options : NULL;
    const struct option_row *global = find_row(global_options, parts.head);
    const struct option_row *row = global ? global : find_row(rows, parts.head);
    if (!row)
        return err_set(p->e, ERR_FATAL, "The \"--%.*s\" option does not exist.",
                       STR_ARG(parts.head));
    if (row->kind == OPTION_FLAG && parts.ok)
        return err_set(p->e, ERR_FATAL, "The \"--%s\" option does not accept a value.",
                       row->name);
    const char *value = parts.ok ? parts.tail.ptr : NULL;
    if (row->kind == OPTION_VALUE && !parts.ok)
        value = next_value(p);
    if (global)
        return set_global(in, row->name, value);
    VEC_PUSH(&in->perm, &in->options, (struct given_option){row, value});
    return true;
}

/* Of a cluster Symfony's console heeds the first letter, with the v behind a v; the
 * others only have to be letters that it knows. */
static bool short_options(struct parser *p, const char *word)
{
    static const struct {
        char letter;
        const char *name;
    } letters[] = {
        {'h', "help"}, {'q', "quiet"}, {'V', "version"}, {'n', "no-interaction"}};
    int level = (int)strspn(word + 1, "v");
    set_verbose(p->in, level < 3 ? level : 3);
    for (const char *c = word + 1; *c; c++) {
        size_t i = 0;
        while (i < COUNT(letters) && letters[i].letter != *c)
            i++;
        if (i == COUNT(letters) && *c != 'v')
            return err_set(p->e, ERR_FATAL, "The \"-%c\" option does not exist.", *c);
        if (i < COUNT(letters) && c == word + 1)
            set_global(p->in, letters[i].name, NULL);
    }
    return true;
}

/* === words === */

static bool too_many(struct parser *p)
{
    struct buf b = buf_new(&p->in->perm, 4096);
    const struct command *c = p->in->command;
    size_t n = 0;
    for (const struct argument_row *a = c->arguments; a && a->name; a++)
        buf_fmt(&b, "%s\"%s\"", n++ ? " " : "", a->name);
    if (n == 0)
        return err_set(p->e, ERR_FATAL,
                       "No arguments expected for \"%s\" command, got \"%s\".", c->name,
                       p->argv[p->at - 1]);
    return err_set(p->e, ERR_FATAL,
                   "Too many arguments to \"%s\" command, expected arguments %.*s.",
                   c->name, STR_ARG(buf_str(&b)));
}

static bool word(struct parser *p, const char *text)
{
    struct invocation *in = p->in;
    if (!in->name) {
        in->name = text;
        in->command = find_command(in->commands, str_from(text));
        return true;
    }
    VEC_PUSH(&in->perm, &in->arguments, text);
    const struct argument_row *a = in->command ? in->command->arguments : NULL;
    for (size_t n = 1; a && a->name; a++, n++)
        if (a->many || n == in->arguments.len)
            return true;
    return !in->command || too_many(p);
}

static bool enough(struct parser *p)
{
    struct invocation *in = p->in;
    struct buf b = buf_new(&in->perm, 4096);
    size_t n = 0;
    if (!in->command || in->help)
        return true;
    for (const struct argument_row *a = in->command->arguments; a && a->name; a++)
        if (++n > in->arguments.len && a->required)
            buf_fmt(&b, "%s%s", b.len ? ", " : "", a->name);
    return b.len == 0 ||
           err_set(p->e, ERR_FATAL, "Not enough arguments (missing: \"%.*s\").",
                   STR_ARG(buf_str(&b)));
}

/* find_name looks for the command's name first: its options may stand before it. What is
 * abbreviated must be the first word, since an option's value may look like that. */
static void find_name(struct invocation *in, int argc, char **argv)
{
    int first = 1;
    for (int i = 1; i < argc && !in->command; i++)
        if (argv[i][0] != '-')
            in->command = command_named(in->commands, str_from(argv[i]));
    while (first < argc && argv[first][0] == '-')
        first++;
    if (!in->command && first < argc)
        in->command = find_command(in->commands, str_from(argv[first]));
}

/* colours_behind: a mistake is told in the colours that are asked for behind it. */
static void colours_behind(struct parser *p)
{
    for (; p->at < p->argc && strcmp(p->argv[p->at], "--") != 0; p->at++)
        if (strcmp(p->argv[p->at], "--ansi") == 0 ||
            strcmp(p->argv[p->at], "--no-ansi") == 0)
            set_global(p->in, p->argv[p->at] + 2, NULL);
}

bool parse_arguments(struct invocation *in, int argc, char **argv, struct error *e)
{
    struct parser p = {.in = in, .argc = argc, .at = 1, .argv = argv, .e = e};
    bool only_words = false;
    in->argv = (const char *const *)argv;
    in->argc = (size_t)argc;
    find_name(in, argc, argv);
    while (p.at < argc) {
        const char *text = argv[p.at++];
        bool ok;
        if (!only_words && strcmp(text, "--") == 0) {
            only_words = true;
            continue;
        }
        if (only_words || text[0] != '-' || text[1] == '\0')
            ok = word(&p, text);
        else if (text[1] == '-')
            ok = long_option(&p, text);
        else
            ok = short_options(&p, text);
        if (!ok) {
            colours_behind(&p);
            return false;
        }
    }
    return enough(&p);
}

/* === what a command asks === */

bool option_given(const struct invocation *in, const char *name, const char **value)
{
    for (size_t i = in->options.len; i-- > 0;) { /* the last one counts */
        if (strcmp(in->options.at[i].row->name, name) != 0)
            continue;
        *value = in->options.at[i].value;
        return true;
    }
    return false;
}

const char *option_value(const struct invocation *in, const char *name, size_t i)
{
    for (size_t k = 0; k < in->options.len; k++)
        if (strcmp(in->options.at[k].row->name, name) == 0 && i-- == 0)
            return in->options.at[k].value ? in->options.at[k].value : "";
    return NULL;
}

struct str option_text(const struct invocation *in, const char *name)
{
    const char *value;
    if (option_given(in, name, &value))
        return str_from(value);
    const struct option_row *row = find_row(in->command->options, str_from(name));
    return str_from(row ? row->otherwise : NULL);
}

int64_t option_int(const struct invocation *in, const char *name)
{
    return php_to_int(php_string(option_text(in, name)));
}

double option_float(const struct invocation *in, const char *name)
{
    return php_to_float(php_string(option_text(in, name)));
}

const char *argument(const struct invocation *in, size_t i)
{
    return i < in->arguments.len ? in->arguments.at[i] : NULL;
}

bool argument_id(const struct invocation *in, size_t i, const char *name, int64_t *out,
                 struct error *e)
{
    const char *text = argument(in, i);
    if (text && str_to_i64(str_from(text), out) && *out > 0)
        return true;
    return err_set(e, ERR_FATAL, "%s is \"%s\", expected an id: a number from 1 on.",
                   name, text ? text : "");
}
