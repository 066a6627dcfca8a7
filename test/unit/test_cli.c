/* test_cli.c: the command line, by the rules of Laravel's console. */
#include "test.h"

#include "cli/cli_imp.h"
#include "facteur/console.h"

struct line {
    struct invocation in;
    struct error e;
    bool ok;
};

/* parse reads a command line of words that are separated by single blanks. */
static struct line parse(const char *text)
{
    static char *argv[32];
    struct line l = {.in = {.commands = all_commands, .perm = arena_open(1 << 20)}};
    struct cut word = {.tail = str_from(text), .ok = true};
    int argc = 0;
    argv[argc++] = (char *)"facteur";
    while (word.ok && argc < 32) {
        word = str_cut(word.tail, ' ');
        argv[argc++] = str_z(&l.in.perm, word.head);
    }
    l.ok = parse_arguments(&l.in, argc, argv, &l.e);
    return l;
}

static void done(struct line *l)
{
    arena_close(&l->in.perm);
}

static void assert_refused(const char *text, const char *message)
{
    struct line l = parse(text);
    assert_false(l.ok);
    assert_string_equal(l.e.text, message);
    done(&l);
}

void test_options_take_both_forms(void **state)
{
    (void)state;
    struct line l = parse("queue:work redis --tries=3 --sleep 0.5 --queue=a,b -vv");
    assert_true(l.ok);
    assert_string_equal(l.in.name, "queue:work");
    assert_string_equal(argument(&l.in, 0), "redis");
    assert_int_equal(option_int(&l.in, "tries"), 3);
    assert_true(option_float(&l.in, "sleep") == 0.5);
    assert_str(option_text(&l.in, "queue"), "a,b");
    assert_int_equal(l.in.verbosity, 2);
    done(&l);
}

static int verbosity_of(const char *text)
{
    struct line l = parse(text);
    int level = l.in.verbosity;
    assert_true(l.ok);
    done(&l);
    return level;
}

void test_of_a_cluster_the_first_letter_counts(void **state)
{
    (void)state;
    assert_int_equal(verbosity_of("queue:work -v -vv"), 2);
    assert_int_equal(verbosity_of("queue:work -vvvv"), 3);
    assert_int_equal(verbosity_of("queue:work -q -v"), -1);
    assert_int_equal(verbosity_of("queue:work -v -q"), -1);
    assert_int_equal(verbosity_of("queue:work -qv"), -1);
    assert_int_equal(verbosity_of("queue:work -vq"), 1);
    assert_int_equal(verbosity_of("queue:work -nv"), 0);
    assert_int_equal(verbosity_of("queue:work --verbose -q"), -1);
    assert_refused("queue:work -vx", "The \"-x\" option does not exist.");
}

static const char *command_of(const char *name)
{
    const struct command *c = find_command(all_commands, str_from(name));
    return c ? c->name : "none";
}

void test_a_command_can_be_abbreviated(void **state)
{
    (void)state;
    assert_string_equal(command_of("queue:w"), "queue:work");
    assert_string_equal(command_of("q:w"), "queue:work");
    assert_string_equal(command_of("QUEUE:Work"), "queue:work");
    assert_string_equal(command_of("queue:cont"), "queue:resume");
    assert_string_equal(command_of("queue:retry"),
                        "queue:retry"); /* and not retry-batch */
    assert_string_equal(command_of("queue:prune-f"), "queue:prune-failed");
    assert_string_equal(command_of("queue:re"), "none");
    assert_string_equal(command_of("queue"), "none");
    assert_string_equal(command_of("queue:work:now"), "none");
    assert_string_equal(command_of("queue:workers"), "none");
    assert_string_equal(command_of(""), "none");
    struct line l = parse("--env a queue:work"); /* and not about */
    assert_true(l.ok);
    assert_string_equal(l.in.command->name, "queue:work");
    done(&l);
}

void test_defaults_are_laravels(void **state)
{
    (void)state;
    struct line l = parse("queue:work");
    assert_int_equal(option_int(&l.in, "tries"), 1);
    assert_int_equal(option_int(&l.in, "timeout"), 60);
    assert_int_equal(option_int(&l.in, "memory"), 128);
    assert_str(option_text(&l.in, "queue"), "");
    done(&l);
}

void test_numbers_are_cut_as_php_does(void **state)
{
    (void)state;
    struct line l = parse("queue:work --tries=abc --timeout=90s --memory");
    assert_int_equal(option_int(&l.in, "tries"), 0);
    assert_int_equal(option_int(&l.in, "timeout"), 90);
    assert_int_equal(option_int(&l.in, "memory"), 0);
    done(&l);
}

void test_the_last_of_an_option_counts(void **state)
{
    (void)state;
    struct line l = parse("queue:work --tries=3 --tries=5");
    assert_int_equal(option_int(&l.in, "tries"), 5);
    done(&l);
}

void test_app_stands_before_or_after_the_command(void **state)
{
    (void)state;
    struct line before = parse("--app=/srv/a queue:work"),
                after = parse("queue:work --app /srv/a");
    assert_string_equal(before.in.app_dir, "/srv/a");
    assert_string_equal(after.in.app_dir, "/srv/a");
    done(&before);
    done(&after);
}

void test_an_option_before_the_command_may_take_the_next_word(void **state)
{
    (void)state;
    struct line l = parse("--app /srv/a queue:work --once");
    assert_true(l.ok);
    assert_string_equal(l.in.name, "queue:work");
    assert_string_equal(l.in.app_dir, "/srv/a");
    done(&l);
}

void test_mistakes_have_laravels_words(void **state)
{
    (void)state;
    assert_refused("queue:work --foo", "The \"--foo\" option does not exist.");
    assert_refused("queue:work -x", "The \"-x\" option does not exist.");
    assert_refused("queue:work --once=1",
                   "The \"--once\" option does not accept a value.");
    assert_refused("queue:work a b", "Too many arguments to \"queue:work\" command, "
                                     "expected arguments \"connection\".");
    struct line l = parse("queue:work --foo --ansi");
    assert_false(l.ok);
    assert_int_equal(l.in.colours, COLOUR_ON);
    done(&l);
    assert_refused("letter:preview 1", "Not enough arguments (missing: \"teacher\").");
}

void test_arguments_behind_two_dashes(void **state)
{
    (void)state;
    struct line l = parse("queue:work -- --once");
    assert_true(l.ok);
    assert_string_equal(argument(&l.in, 0), "--once");
    done(&l);
}

void test_ids_are_numbers_from_one_on(void **state)
{
    (void)state;
    static const char *const bad[] = {"0", "-1", "1x", "99999999999999999999"};
    int64_t id;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct line l = {.in = {.commands = all_commands, .perm = arena_open(1 << 20)}};
        VEC_PUSH(&l.in.perm, &l.in.arguments, bad[i]);
        assert_false(argument_id(&l.in, 0, "club", &id, &l.e));
        done(&l);
    }
}

void test_every_command_has_help(void **state)
{
    (void)state;
    size_t n = 0;
    for (const struct command *c; (c = all_commands[n]); n++) {
        assert_non_null(c->help);
        assert_ptr_equal(find_command(all_commands, str_from(c->name)), c);
        for (const struct option_row *o = c->options; o && o->name; o++)
            assert_non_null(o->help);
    }
    assert_true(n >= 3);
}

/* What CarbonInterval::milliseconds($ms)->cascade()->forHumans(short: true) gives. */
void test_runtimes_are_told_in_the_app_s_language(void **state)
{
    (void)state;
    static const struct {
        const char *locale, *second, *all;
    } cases[] = {
        {"en", "1s", "1d 2h 3m 4s"},    {"fr_BE", "1 s", "1 j 2 h 3 min 4 s"},
        {"nl", "1s", "1d 2u 3min 4s"},  {"de", "1 Sek.", "1 Tg. 2 Std. 3 Min. 4 Sek."},
        {"pt_BR", "1s", "1d 2h 3m 4s"},
    };
    struct arena a = arena_open(1 << 20);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct console c = {0};
        console_laravel(&c, 12, str_from(cases[i].locale));
        assert_str(console_runtime(&c, &a, 1999000), cases[i].second);
        assert_str(console_runtime(&c, &a, INT64_C(93784) * 1000000), cases[i].all);
        assert_str(console_runtime(&c, &a, 12345), "12.35ms");
    }
    arena_close(&a);
}
