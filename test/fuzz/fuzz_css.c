/* fuzz_css: any bytes are a style sheet and a style attribute of a small document. */
#include <stdlib.h>

#include "facteur/pdf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ignore(void *arg, const struct finding *f)
{
    (void)arg, (void)f;
}

static struct str document(struct arena *a, struct str css)
{
    struct buf b = buf_new(a, 1 << 20);
    buf_add(&b, S("<style>"));
    buf_add(&b, css);
    buf_add(&b, S("</style><h1>A</h1><div class=\"a\" id=\"b\"><p style='"));
    buf_add(&b, css);
    buf_add(&b, S("'>un <b>deux</b></p></div><table class=t><tr><td>x</td><td>y</td></tr>"
                  "</table><ul><li>z</li></ul>"));
    return buf_str(&b);
}

/* plain: what stands there is known; other bytes may be, or become, holes and seams. */
static bool plain(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (data[i] >= 0x7F || (data[i] < 0x20 && !strchr("\t\r\n", data[i])) || !data[i])
            return false;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pdf *pdf;
    static struct arena perm, tmp;
    static jmp_buf full;
    struct error e = {0};
    struct str out;
    if (!pdf) {
        pdf = pdf_new(&e);
        perm = arena_open(64 << 20);
        tmp = arena_open(256 << 20);
        if (!pdf)
            abort();
    }
    struct str html = document(&perm, (struct str){(const char *)data, size});
    bool accepted = pdf_check(pdf, html, "view", ignore, NULL);
    arena_guard(&tmp, &full);
    arena_guard(&perm, &full);
    struct pdf_input in = {
        .html = html, .created = 1795600000, .view = "view", .report = ignore};
    /* What the check lets through is rendered. */
    if (setjmp(full) == 0 && !pdf_render(pdf, &in, &perm, tmp, &out, &e) && accepted &&
        e.kind == ERR_UNSUPPORTED && plain(data, size))
        abort();
    arena_reset(&tmp);
    arena_reset(&perm);
    return 0;
}
