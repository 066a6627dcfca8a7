/* letter_soak: letters of the built-in view to people with names and addresses drawn at
 * random, one after the other in one process, as a slot makes them.
 *
 *   letter_soak LETTERS
 *
 * Prints a line at each quarter: how many letters, the fonts that were made for them,
 * their bytes on average, and what the process holds in memory. */
#include <stdio.h>
#include <stdlib.h>

#include "facteur/pdf.h"
#include "facteur/view.h"

enum { ROOM = 256 << 20, QUARTERS = 4 };

static const char *const first_names[] = {
    "Jean",   "Élise",   "Marie", "Zoé",  "Noémie", "Kevin", "Wim",      "Xavier",
    "Łukasz", "Anaïs",   "Ömer",  "Inès", "Jürgen", "Siân",  "Dorothée", "Ulysse",
    "Ayşe",   "Thérèse", "Bart",  "Joke", "Víctor", "Yara",  "Quentin",  "François"};
static const char *const last_names[] = {
    "Peeters", "Van den Broeck", "Lefèbvre", "D'Hondt",  "Özdemir",       "El Khattabi",
    "Nguyễn",  "Kowalski",       "O'Connor", "Xhonneux", "Saint-Exupéry", "Zeegers"};
static const char *const streets[] = {
    "Rue de l'Étrier",          "Kerkstraat",
    "Place du Marché",          "Quai à la Houille",
    "Avenue Winston Churchill", "Boulevard Jules Graindor"};
static const char *const cities[] = {"Wavre",     "Liège",     "Gent",  "Ypres",
                                     "Bruxelles", "Quiévrain", "Jette", "Zaventem"};

#define ANY(names) names[(size_t)rand() % COUNT(names)]

static void put(struct arena *a, struct php_array *to, const char *key,
                struct php_value value)
{
    php_array_put(a, to, (struct php_key){.s = str_from(key)}, value);
}

static void put_text(struct arena *a, struct php_array *to, const char *key,
                     struct str text)
{
    put(a, to, key, php_string(text));
}

static struct php_value row(struct arena *a, struct php_array *props)
{
    struct php_object *o = php_object_new(a, PHP_ROW, S("App\\Models\\Row"));
    o->props = props;
    return php_from_object(o);
}

static struct php_array *somebody(struct arena *a)
{
    struct php_array *who = php_array_new(a);
    put_text(a, who, "name", str_fmt(a, "%s %s", ANY(first_names), ANY(last_names)));
    put_text(a, who, "address", str_fmt(a, "%s %d", ANY(streets), rand() % 300));
    put_text(a, who, "postal_code", str_fmt(a, "%d", 1000 + rand() % 9000));
    put_text(a, who, "city", str_from(ANY(cities)));
    return who;
}

static struct php_array *variables(struct arena *a)
{
    struct php_array *vars = php_array_new(a), *teacher = php_array_new(a);
    put(a, teacher, "user", row(a, somebody(a)));
    put(a, vars, "teacher", row(a, teacher));
    put(a, vars, "club", row(a, somebody(a)));
    return vars;
}

static int fail(const struct error *e)
{
    char text[sizeof(e->text) + sizeof(e->file) + 32];
    err_print(e, text, sizeof(text));
    fprintf(stderr, "letter_soak: %s\n", text);
    return 1;
}

static long resident_kb(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%*d %ld", &pages) != 1)
        pages = 0;
    if (f)
        fclose(f);
    return pages * 4;
}

static bool make_letter(struct views *views, struct pdf *pdf, struct arena *perm,
                        struct arena tmp, size_t *bytes, struct error *e)
{
    struct view_page page;
    struct str out;
    if (!view_render(views, S("pdf.volunteer-letter"), variables(perm), perm, &page, e))
        return false;
    struct pdf_input in = {
        .html = page.html, .data = page.data, .created = 1795600000, .view = "view"};
    if (!pdf_render(pdf, &in, perm, tmp, &out, e))
        return false;
    *bytes += out.len;
    return true;
}

int main(int argc, char **argv)
{
    static const struct php_host host = {.locale = {"fr", 2}};
    struct arena perm = arena_open(ROOM), tmp = arena_open(ROOM);
    struct error e = {0};
    struct pdf *pdf = pdf_new(&e);
    struct views *views = views_new(NULL, 0, true, &host);
    int64_t letters;
    size_t bytes = 0;
    if (argc != 2 || !str_to_i64(str_from(argv[1]), &letters) || letters < QUARTERS)
        return fprintf(stderr, "usage: letter_soak LETTERS\n"), 2;
    if (!pdf || !clock_zone("Europe/Brussels", &e))
        return fail(&e);
    for (int64_t i = 1; i <= letters; i++) {
        char *mark = arena_mark(&tmp);
        if (!make_letter(views, pdf, &perm, tmp, &bytes, &e))
            return fail(&e);
        arena_release(&tmp, mark);
        arena_reset(&perm);
        if (i % (letters / QUARTERS) == 0)
            printf("%lld letters, %zu fonts, %zu bytes, %ld KB\n", (long long)i,
                   pdf_fonts_made(pdf), bytes / (size_t)i, resident_kb());
    }
    views_drop(views);
    pdf_drop(pdf);
    arena_close(&tmp);
    arena_close(&perm);
    return 0;
}
