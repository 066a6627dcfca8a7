/* help.c: list, help and --version, printed from the table of commands. */
#include <stdio.h>

#include "cli/cli_imp.h"

static const struct {
    const char *name, *letters;
} shorts[] = {{"help", "-h, "},
              {"quiet", "-q, "},
              {"version", "-V, "},
              {"no-interaction", "-n, "},
              {"verbose", "-v|vv|vvv, "}};

static const char *letters_of(const char *name)
{
    for (size_t i = 0; i < COUNT(shorts); i++)
        if (strcmp(shorts[i].name, name) == 0)
            return shorts[i].letters;
    return "    ";
}

static void print_options(const struct option_row *rows, bool global)
{
    for (; rows && rows->name; rows++) {
        char left[64];
        snprintf(left, sizeof(left), "%s--%s%s", global ? letters_of(rows->name) : "    ",
                 rows->name, rows->kind == OPTION_VALUE ? "=VALUE" : "");
        printf("  %-26s %s", left, rows->help);
        if (rows->otherwise)
            printf(" [default: %s]", rows->otherwise);
        printf("\n");
    }
}

void print_version(void)
{
    printf("facteur %s\n", FACTEUR_VERSION);
}

void print_list(const struct command *const *all)
{
    print_version();
    printf("\nUsage:\n  facteur [--app=DIR] command [options] [arguments]\n\nOptions:\n");
    print_options(global_options, true);
    printf("\nAvailable commands:\n");
    int widest = 0;
    for (size_t i = 0; all[i]; i++) {
        int len = (int)strlen(all[i]->name);
        widest = len > widest ? len : widest;
    }
    printf("  %-*s %s\n", widest, "help", "Display help for a command");
    printf("  %-*s %s\n", widest, "list", "List commands");
    for (; *all; all++)
        printf((*all)->alias ? "  %-*s [%s] %s\n" : "  %-*s %s%s\n", widest, (*all)->name,
               (*all)->alias ? (*all)->alias : "", (*all)->help);
}

void print_help(const struct command *c)
{
    printf("Description:\n  %s\n\nUsage:\n  facteur [--app=DIR] %s", c->help, c->name);
    if (c->options && c->options->name)
        printf(" [options] [--]");
    for (const struct argument_row *a = c->arguments; a && a->name; a++)
        printf(a->required ? " <%s>%s" : " [<%s>%s]", a->name, a->many ? "..." : "");
    printf("\n");
    if (c->arguments && c->arguments->name)
        printf("\nArguments:\n");
    for (const struct argument_row *a = c->arguments; a && a->name; a++)
        printf("  %-26s %s\n", a->name, a->help);
    printf("\nOptions:\n");
    print_options(c->options, false);
    print_options(global_options, true);
}
