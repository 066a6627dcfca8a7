/* cli.c: the table of commands, and running the one that was named. */
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "cli/cli_imp.h"

const struct command *const all_commands[] = {
    &command_about,
    &command_completion,
    &command_doctor,
    &command_letter_dispatch,
    &command_letter_preview,
    &command_letter_prove,
    &command_manual,
    &command_queue_clear,
    &command_queue_failed,
    &command_queue_flush,
    &command_queue_forget,
    &command_queue_monitor,
    &command_queue_pause,
    &command_queue_prune_batches,
    &command_queue_prune_failed,
    &command_queue_restart,
    &command_queue_resume,
    &command_queue_retry,
    &command_queue_retry_batch,
    &command_queue_work,
    &command_status,
    &command_view_check,
    NULL,
};

/* no_dumps: passwords of the app are in this memory; a core file must not hold them. */
static void no_dumps(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
}

/* class_of tells what Laravel throws where it says the same. */
static struct str class_of(const struct invocation *in, const struct error *e)
{
    static const struct {
        struct str text, class_name;
    } known[] = {
        {S("Not enough arguments"),
         S("Symfony\\Component\\Console\\Exception\\RuntimeException")},
        {S("Too many arguments"),
         S("Symfony\\Component\\Console\\Exception\\RuntimeException")},
        {S("The \"--"), S("Symfony\\Component\\Console\\Exception\\RuntimeException")},
        {S("Attempt to read property"), S("ErrorException")},
        {S("SQLSTATE"), S("Illuminate\\Database\\QueryException")},
    };
    for (size_t i = 0; i < COUNT(known); i++)
        if (str_starts(str_from(e->text), known[i].text))
            return known[i].class_name;
    return in->parsed ? S("InvalidArgumentException") : known[0].class_name;
}

/* log_error reports what ended a command that Laravel has too, as its console does. Where
 * the app itself cannot be opened, there is no log. */
static void log_error(const struct invocation *in, const struct error *e)
{
    struct app_options where = {.dir = in->app_dir, .env = in->env};
    struct error ignored = {0};
    struct app *app = NULL;
    if (in->command && str_starts(str_from(in->command->name), S("queue:")))
        app = app_open(&where, &ignored);
    if (!app)
        return;
    struct app_exception x = {.class_name = class_of(in, e),
                              .message = str_from(e->text),
                              .file = S("facteur")};
    app_log_exception(app, &x, php_null());
    app_close(app);
}

static int fail(struct invocation *in, const struct error *e)
{
    log_error(in, e);
    print_box(in, e);
    return in->command && in->command->broken ? in->command->broken : 1;
}

/* tell_like lists what may have been meant. */
static int tell_like(struct invocation *in, struct str said, const char *name)
{
    const struct command *like[64];
    size_t len = commands_like(all_commands, str_from(name), like, COUNT(like));
    const char *ask = " Did you mean one of these?"; /* artisan's, of a single one too */
    print_info(in, "ERROR", str_fmt(&in->perm, "%.*s%s", STR_ARG(said), len ? ask : ""));
    for (size_t i = 0; i < len; i++)
        console_line(&in->console, STYLE_PLAIN,
                     str_fmt(&in->perm, "  ⇂ %s", like[i]->name));
    if (len)
        console_newline(&in->console);
    return 1;
}

/* unknown names a word that is no command, or the beginning of several. */
static int unknown(struct invocation *in, const char *name)
{
    struct buf b = buf_new(&in->perm, 4096);
    for (const struct command *const *c = all_commands; *c; c++)
        if (command_begins(*c, str_from(name)))
            buf_fmt(&b, "%s%s", b.len ? ", " : "", (*c)->name);
    const char *what = b.len ? "is ambiguous" : "is not defined";
    struct str said = str_fmt(&in->perm, "Command \"%s\" %s%s%.*s.", name, what,
                              b.len ? ": " : "", STR_ARG(buf_str(&b)));
    if (!b.len)
        return tell_like(in, said, name);
    print_info(in, "ERROR", said);
    return 1;
}

/* list: all commands, or those of a namespace. */
static int list(struct invocation *in, const char *space)
{
    struct str name = str_from(space ? space : "");
    if (space && !has_space(all_commands, name)) {
        print_info(in, "ERROR",
                   str_fmt(&in->perm,
                           "There are no commands defined in the \"%s\" namespace.",
                           space));
        return 1;
    }
    print_list(in, all_commands, name);
    return 0;
}

/* help: `help COMMAND`, `COMMAND --help`, or the list. */
static int help(struct invocation *in, const char *name)
{
    const struct command *c = name ? find_command(all_commands, str_from(name)) : NULL;
    if (!name)
        return list(in, NULL);
    if (!c)
        return unknown(in, name);
    print_help(in, c);
    return 0;
}

/* is_own: words that stand before the table of commands. */
static bool is_own(const char *name)
{
    return strcmp(name, "list") == 0 || strcmp(name, "help") == 0;
}

static int run(struct invocation *in, int argc, char **argv)
{
    struct error e = {0};
    bool ok = parse_arguments(in, argc, argv, &e);
    in->console = console_open(in->colours, in->verbosity);
    if (in->name && !in->command && !in->version && !is_own(in->name))
        return unknown(in, in->name); /* before its options, which nobody knows then */
    if (!ok)
        return fail(in, &e);
    in->parsed = true;
    if (in->version) {
        print_version(in);
        return 0;
    }
    if (!in->name || strcmp(in->name, "list") == 0)
        return list(in, argument(in, 0));
    if (strcmp(in->name, "help") == 0)
        return help(in, argument(in, 0));
    if (in->help)
        return help(in, in->name);
    int code = in->command->run(in, &e);
    return e.kind == ERR_NONE ? code : fail(in, &e);
}

int cli_main(int argc, char **argv)
{
    struct invocation in = {.commands = all_commands, .perm = arena_open(16 << 20)};
    no_dumps();
    int code = run(&in, argc, argv);
    arena_close(&in.perm);
    return code;
}
