/* fuzz_html: any bytes are a document: rendered or refused, never a crash, and always in
 * bounded memory. What is rendered is a PDF. */
#include <stdlib.h>

#include "facteur/pdf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ignore(void *arg, const struct finding *f)
{
    (void)arg;
    if (!f->text || f->line < 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pdf *pdf;
    static struct arena perm, tmp;
    static jmp_buf full;
    struct error e = {0};
    struct str html = {(const char *)data, size}, out;
    if (!pdf) {
        pdf = pdf_new(&e);
        perm = arena_open(64 << 20);
        tmp = arena_open(256 << 20);
        if (!pdf)
            abort();
    }
    struct pdf_input in = {
        .html = html, .created = 1795600000, .view = "view", .report = ignore};
    arena_guard(&tmp, &full);
    arena_guard(&perm, &full);
    if (setjmp(full) == 0 && pdf_render(pdf, &in, &perm, tmp, &out, &e) &&
        !str_starts(out, S("%PDF-")))
        abort();
    arena_reset(&tmp);
    arena_reset(&perm);
    bool accepted = pdf_check(pdf, html, "view", ignore, NULL);
    (void)accepted; /* both are right */
    return 0;
}
