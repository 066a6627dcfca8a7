/* pdf_make: HTML → PDF without an app, for tests and for measuring.
 *
 *   pdf_make IN.html OUT.pdf [TIMES]   renders; with TIMES again and again, and says how
 *                                      long one took
 *   pdf_make --check IN.html           prints what cannot be rendered
 *
 * With FACTEUR_QUESTION_MARKS set, what PDF's own fonts lack is printed as dompdf does.
 *
 * Findings go to stdout, one per line: "line:col: severity: text". Exit 1: refused. */
#include <stdio.h>
#include <stdlib.h>

#include "facteur/pdf.h"

enum { ROOM = 1 << 30, HTML_BYTES = 64 << 20 };

static void print_finding(void *arg, const struct finding *f)
{
    static const char *const names[] = {
        [FINDING_ERROR] = "error",
        [FINDING_DIFFERS] = "differs",
        [FINDING_IGNORED] = "ignored",
    };
    (void)arg;
    printf("%d:%d: %s: %s\n", f->line, f->col, names[f->severity], f->text);
}

static int fail(const struct error *e)
{
    char text[sizeof(e->text) + sizeof(e->file) + 32];
    err_print(e, text, sizeof(text));
    printf("%s: %s\n", err_kind_name(e->kind), text);
    return 1;
}

static bool write_file(const char *path, struct str bytes)
{
    FILE *f = fopen(path, "wb");
    bool ok = f && fwrite(bytes.ptr, 1, bytes.len, f) == bytes.len;
    return f && fclose(f) == 0 && ok;
}

static int render(struct pdf *p, const char *view, struct str html, const char *path,
                  int64_t times)
{
    struct arena perm = arena_open(ROOM), tmp = arena_open(ROOM);
    struct pdf_input in = {
        .html = html, .created = 1795600000, .view = view, .report = print_finding};
    in.question_marks = getenv("FACTEUR_QUESTION_MARKS") != NULL;
    struct str out;
    int64_t begun = clock_mono_us();
    int status = 0;
    for (int64_t i = 0; i < times && status == 0; i++) {
        struct error e = {0};
        char *mark = arena_mark(&tmp);
        if (!pdf_render(p, &in, &perm, tmp, &out, &e))
            status = fail(&e);
        else if (i == 0)
            status = !write_file(path, out);
        else
            arena_reset(&perm);
        arena_release(&tmp, mark);
    }
    if (times > 1)
        printf("%.3f ms each\n",
               (double)(clock_mono_us() - begun) / 1000 / (double)times);
    arena_close(&tmp);
    arena_close(&perm);
    return status;
}

int main(int argc, char **argv)
{
    struct arena files = arena_open(HTML_BYTES * 2);
    struct error e = {0};
    struct str html;
    bool check = argc == 3 && strcmp(argv[1], "--check") == 0;
    int64_t times = 1;
    if (argc < 3 || (argc == 4 && !str_to_i64(str_from(argv[3]), &times))) {
        fprintf(stderr, "usage: pdf_make IN.html OUT.pdf [TIMES] | --check IN.html\n");
        return 2;
    }
    const char *view = check ? argv[2] : argv[1];
    clock_freeze(1795600000000000);
    struct pdf *p = pdf_new(&e);
    if (!p || !file_read(view, HTML_BYTES, &files, &html, &e))
        return fail(&e);
    int status = check ? !pdf_check(p, html, view, print_finding, NULL)
                       : render(p, view, html, argv[2], times);
    pdf_drop(p);
    arena_close(&files);
    return status;
}
