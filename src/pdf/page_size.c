/* page_size.c: the size of the paper, as @page tells it. */
#include "pdf/property.h"

/* The pages that libharu takes: from a millimetre to five metres. */
enum { PAGE_MIN = 3, PAGE_MAX = 14400 };

static const struct {
    const char *name;
    double width, height;
} papers[] = {{"a3", 841.89, 1190.55}, {"a4", 595.28, 841.89}, {"a5", 419.53, 595.28},
              {"a6", 297.64, 419.53},  {"letter", 612, 792},   {"legal", 612, 1008}};

static bool paper(struct str name, double *width, double *height)
{
    for (size_t i = 0; i < COUNT(papers); i++)
        if (str_ieq(name, str_from(papers[i].name))) {
            *width = papers[i].width;
            *height = papers[i].height;
            return true;
        }
    return false;
}

static void swap(double *a, double *b)
{
    double c = *a;
    *a = *b;
    *b = c;
}

/* page_size_parse: "A4 landscape", "landscape", "10cm 20cm", "auto". */
bool page_size_parse(struct str value, double *width, double *height)
{
    const struct ems em = {ROOT_EM, ROOT_EM};
    struct words w = words_of(value);
    struct length side[2];
    size_t sides = 0;
    bool named = false, portrait = false, landscape = false;
    if (str_ieq(value, S("auto")))
        return true;
    if (w.len == 0 || w.len > 3)
        return false;
    for (size_t i = 0; i < w.len; i++) {
        if (!named && paper(w.at[i], width, height))
            named = true;
        else if (!portrait && !landscape && str_ieq(w.at[i], S("portrait")))
            portrait = true;
        else if (!portrait && !landscape && str_ieq(w.at[i], S("landscape")))
            landscape = true;
        else if (named || sides == 2 ||
                 length_positive(w.at[i], em, &side[sides++]) != VALUE_SET)
            return false;
    }
    if (named && sides)
        return false;
    for (size_t i = 0; i < sides; i++)
        if (side[i].unit != LENGTH_PT || side[i].value < PAGE_MIN ||
            side[i].value > PAGE_MAX)
            return false;
    if (sides) {
        *width = side[0].value;
        *height = side[sides - 1].value;
    }
    if ((portrait && *width > *height) || (landscape && *height > *width))
        swap(width, height);
    return true;
}

void page_size(const struct sheet *sheet, double *width, double *height)
{
    for (size_t i = 0; i < sheet->page.len; i++) {
        double w = *width, h = *height;
        if (!str_eq(sheet->page.at[i].name, S("size")) ||
            !page_size_parse(sheet->page.at[i].value, &w, &h))
            continue;
        *width = w;
        *height = h;
    }
}
