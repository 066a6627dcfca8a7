/* manual.c: the manual page, facteur(1), and completions of shells, made of the tables
 * that `help` is printed from. */
#include <stdio.h>

#include "cli/cli_imp.h"
#include <commit.h> /* COMMIT_DATE: made by make */

enum { PAGE_MAX = 256 << 10 };

static const struct argument_row no_arguments[] = {{NULL, false, false, NULL}};
static const struct option_row no_options[] = {{NULL, OPTION_FLAG, NULL, NULL}};

/* print writes the bytes as they are, also with --quiet: they were asked for. */
static int print(const struct buf *b, struct error *e)
{
    struct str text = buf_str(b);
    if (fwrite(text.ptr, 1, text.len, stdout) == text.len && fflush(stdout) == 0)
        return 0;
    err_set(e, ERR_FATAL, "It cannot be written.");
    return 1;
}

/* === the manual page === */

/* escape writes a text as roff reads it back. */
static void escape(struct buf *b, const char *text)
{
    bool start = true;
    for (; *text; start = *text == '\n', text++) {
        if (*text == '\\')
            buf_fmt(b, "\\e");
        else if (*text == '-')
            buf_fmt(b, "\\-");
        else if (start && (*text == '.' || *text == '\''))
            buf_fmt(b, "\\&%c", *text);
        else
            buf_byte(b, *text);
    }
}

static void page_options(struct buf *b, const struct option_row *rows)
{
    for (; rows && rows->name; rows++) {
        buf_fmt(b, ".TP\n.B ");
        escape(b, option_letters(rows->name));
        buf_fmt(b, "\\-\\-");
        escape(b, rows->name);
        if (rows->kind == OPTION_VALUE)
            buf_fmt(b, "\\fR=\\fIVALUE\\fR");
        buf_fmt(b, "\n");
        escape(b, rows->help);
        if (rows->otherwise) {
            buf_fmt(b, " [default: ");
            escape(b, rows->otherwise);
            buf_byte(b, ']');
        }
        buf_fmt(b, ".\n");
    }
}

static void page_command(struct buf *b, const struct command *c)
{
    buf_fmt(b, ".SS \"");
    escape(b, c->name);
    for (const struct argument_row *a = c->arguments; a && a->name; a++)
        buf_fmt(b, a->required ? " <%s>%s" : " [<%s>%s]", a->name, a->many ? "..." : "");
    buf_fmt(b, "\"\n");
    escape(b, c->help);
    buf_fmt(b, ".\n");
    if (c->alias) {
        buf_fmt(b, "It is called\n.B ");
        escape(b, c->alias);
        buf_fmt(b, "\ntoo.\n");
    }
    for (const struct argument_row *a = c->arguments; a && a->name; a++) {
        buf_fmt(b, ".TP\n.I %s\n", a->name);
        escape(b, a->help);
        buf_fmt(b, ".\n");
    }
    page_options(b, c->options);
}

static int manual(struct invocation *in, struct error *e)
{
    static const struct str mark = {".\\\" COMMANDS\n", 13};
    struct str text;
    struct buf b = buf_new(&in->perm, PAGE_MAX);
    if (!asset_lookup(S("src/cli/manual.roff"), &text)) {
        err_set(e, ERR_FATAL, "This program was built without its manual.");
        return 1;
    }
    ptrdiff_t at = str_find(text, mark);
    buf_fmt(&b, ".TH FACTEUR 1 \"%s\" \"facteur %s\" \"Laravel's queue\"\n", COMMIT_DATE,
            FACTEUR_VERSION);
    buf_fmt(&b, ".SH NAME\nfacteur \\- a worker for Laravel's queue\n");
    buf_fmt(&b, ".SH SYNOPSIS\n.B facteur\n[\\fB\\-\\-app=\\fIDIR\\fR]\n.I command\n"
                "[\\fIoption\\fR ...] [\\fIargument\\fR ...]\n");
    buf_add(&b, str_sub(text, 0, (size_t)at));
    buf_fmt(&b, ".SH COMMANDS\n");
    for (const struct command *const *c = in->commands; *c; c++)
        page_command(&b, *c);
    buf_fmt(&b, ".SH OPTIONS OF ALL COMMANDS\n");
    page_options(&b, global_options);
    buf_add(&b, str_skip(text, (size_t)at + mark.len));
    return print(&b, e);
}

const struct command command_manual = {
    .name = "manual",
    .help = "Print the manual page, as man reads it (facteur manual | man -l -)",
    .arguments = no_arguments,
    .options = no_options,
    .run = manual,
};

/* === completions === */

/* words of a command: its options, each behind `before`. */
static void option_words(struct buf *b, const struct option_row *rows)
{
    for (; rows && rows->name; rows++)
        buf_fmt(b, " --%s%s", rows->name, rows->kind == OPTION_VALUE ? "=" : "");
}

static void bash(struct buf *b, const struct command *const *all)
{
    buf_fmt(b, "# bash completion for facteur: facteur completion bash\n"
               "_facteur() {\n"
               "    local current=${COMP_WORDS[COMP_CWORD]} command='' word words\n"
               "    COMPREPLY=()\n"
               "    if declare -F _get_comp_words_by_ref >/dev/null; then\n"
               "        _get_comp_words_by_ref -n := -w words -c current\n"
               "    else\n"
               "        words=(\"${COMP_WORDS[@]}\")\n"
               "    fi\n"
               "    for word in \"${words[@]:1}\"; do\n"
               "        [[ $word == -* || $word == \"$current\" ]] || { command=$word; "
               "break; }\n"
               "    done\n"
               "    local options='");
    option_words(b, global_options);
    buf_fmt(b, "' names='help list");
    for (size_t i = 0; all[i]; i++)
        buf_fmt(b, " %s", all[i]->name);
    buf_fmt(b, "'\n    case $command in\n");
    for (size_t i = 0; all[i]; i++) {
        if (!all[i]->options || !all[i]->options->name)
            continue;
        buf_fmt(b, "    %s) options+='", all[i]->name);
        option_words(b, all[i]->options);
        buf_fmt(b, "' ;;\n");
    }
    buf_fmt(b,
            "    esac\n"
            "    if [[ $current == -* ]]; then\n"
            "        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\")\n"
            "        [[ ${COMPREPLY[0]} != *= ]] || compopt -o nospace\n"
            "    elif [[ -z $command || $command == help ]]; then\n"
            "        mapfile -t COMPREPLY < <(compgen -W \"$names\" -- \"$current\")\n"
            "        declare -F __ltrim_colon_completions >/dev/null &&\n"
            "            __ltrim_colon_completions \"$current\"\n"
            "    else\n"
            "        compopt -o default\n"
            "    fi\n"
            "}\n"
            "complete -F _facteur facteur\n");
}

/* quoted writes a text between single quotes; `outside`: what stands for such a quote. */
static void quoted(struct buf *b, const char *text, const char *outside)
{
    for (; *text; text++)
        if (*text == '\'')
            buf_fmt(b, "%s", outside);
        else
            buf_byte(b, *text);
}

/* zsh_text: brackets and colons would end a description. */
static void zsh_text(struct buf *b, const char *text)
{
    for (; *text; text++)
        if (strchr("[]:\\", *text))
            buf_fmt(b, "\\%c", *text);
        else if (*text == '\'')
            buf_fmt(b, "'\\''");
        else
            buf_byte(b, *text);
}

static void zsh_options(struct buf *b, const struct option_row *rows)
{
    for (; rows && rows->name; rows++) {
        buf_fmt(b, " \\\n        '--%s%s[", rows->name,
                rows->kind == OPTION_VALUE ? "=" : "");
        zsh_text(b, rows->help);
        buf_fmt(b, "]%s'",
                rows->kind != OPTION_VALUE       ? ""
                : strcmp(rows->name, "app") == 0 ? ":folder:_files -/"
                                                 : ":value: ");
    }
}

static void zsh(struct buf *b, const struct command *const *all)
{
    buf_fmt(b, "#compdef facteur\n"
               "# zsh completion for facteur: facteur completion zsh\n"
               "local -a names\nnames=(\n    'help:Display help for a command'\n"
               "    'list:List commands'\n");
    for (size_t i = 0; all[i]; i++) {
        buf_fmt(b, "    '");
        zsh_text(b, all[i]->name);
        buf_byte(b, ':');
        quoted(b, all[i]->help, "'\\''");
        buf_fmt(b, "'\n");
    }
    buf_fmt(b, ")\nlocal context state state_descr line\ntypeset -A opt_args\n"
               "_arguments -C");
    zsh_options(b, global_options);
    buf_fmt(b, " \\\n        '1:command:->command' '*::argument:->argument'\n"
               "case $state in\ncommand) _describe command names ;;\n"
               "argument)\n    case $line[1] in\n");
    for (size_t i = 0; all[i]; i++) {
        if (!all[i]->options || !all[i]->options->name)
            continue;
        buf_fmt(b, "    %s)\n    _arguments", all[i]->name);
        zsh_options(b, all[i]->options);
        buf_fmt(b, " \\\n        '*:argument:_files' ;;\n");
    }
    buf_fmt(
        b, "    help) _describe command names ;;\n    *) _files ;;\n    esac ;;\nesac\n");
}

static void fish_options(struct buf *b, const struct option_row *rows, const char *of)
{
    for (; rows && rows->name; rows++) {
        buf_fmt(b, "complete -c facteur");
        if (of)
            buf_fmt(b, " -n '__fish_seen_subcommand_from %s'", of);
        buf_fmt(b, " -l %s%s -d '", rows->name, rows->kind == OPTION_VALUE ? " -x" : "");
        quoted(b, rows->help, "\\'");
        buf_fmt(b, "'\n");
    }
}

static void fish(struct buf *b, const struct command *const *all)
{
    buf_fmt(b, "# fish completion for facteur: facteur completion fish\n"
               "complete -c facteur -n __fish_use_subcommand -f -a help -d 'Display help "
               "for a command'\n"
               "complete -c facteur -n __fish_use_subcommand -f -a list -d 'List "
               "commands'\n");
    for (size_t i = 0; all[i]; i++) {
        buf_fmt(b, "complete -c facteur -n __fish_use_subcommand -f -a %s -d '",
                all[i]->name);
        quoted(b, all[i]->help, "\\'");
        buf_fmt(b, "'\n");
        fish_options(b, all[i]->options, all[i]->name);
    }
    fish_options(b, global_options, NULL);
}

static const struct {
    const char *name;
    void (*print)(struct buf *b, const struct command *const *all);
} shells[] = {{"bash", bash}, {"fish", fish}, {"zsh", zsh}};

static int completion(struct invocation *in, struct error *e)
{
    const char *name = argument(in, 0);
    struct buf b = buf_new(&in->perm, PAGE_MAX);
    for (size_t i = 0; i < COUNT(shells) && name; i++)
        if (strcmp(shells[i].name, name) == 0) {
            shells[i].print(&b, in->commands);
            return print(&b, e);
        }
    err_set(e, ERR_FATAL, "There is a completion for bash, fish and zsh: name one.");
    return 1;
}

static const struct argument_row shell[] = {
    {"shell", true, false, "The shell: bash, fish, zsh"},
    {NULL, false, false, NULL},
};

const struct command command_completion = {
    .name = "completion",
    .help = "Print the completion script of a shell",
    .arguments = shell,
    .options = no_options,
    .run = completion,
};
