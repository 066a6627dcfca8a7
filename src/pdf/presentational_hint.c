/* presentational_hint.c: attributes that are style ("width", "bgcolor", "align"), as
 * declarations: weak rules of the author. Those of tables and rows reach their cells, and
 * come first. */
#include <ctype.h>

#include "pdf/style.h"

enum { HINTS_MAX = 1 << 16 };

struct hints {
    struct buf out;
    struct str value; /* of the attribute at hand */
};

/* A hint is a row: its elements, its attribute, and a text for printf or a function. */
struct hint {
    const char *tags, *name;
    const char *text; /* nothing is said for an empty value, or "0" */
    void (*add)(struct hints *h);
};

static void say(struct hints *h, const char *fmt)
{
    while (*fmt) {
        if (*fmt == '%')
            buf_add(&h->out, h->value);
        else
            buf_byte(&h->out, *fmt);
        fmt++;
    }
}

/* colour_value: six digits may stand without "#". */
static void colour_value(struct hints *h)
{
    size_t n = 0;
    while (n < h->value.len && isxdigit((unsigned char)h->value.ptr[n]))
        n++;
    if (n == 6 && n == h->value.len)
        buf_byte(&h->out, '#');
    say(h, "%;");
}

static void background(struct hints *h)
{
    buf_add(&h->out, S("background-color:"));
    colour_value(h);
}

static void text_colour(struct hints *h)
{
    buf_add(&h->out, S("color:"));
    colour_value(h);
}

static void table_align(struct hints *h)
{
    if (str_eq(h->value, S("left")))
        say(h, "margin-left:0;margin-right:auto;");
    else if (str_eq(h->value, S("center")))
        say(h, "margin-left:auto;margin-right:auto;");
    else if (str_eq(h->value, S("right")))
        say(h, "margin-left:auto;margin-right:0;");
}

static void table_border(struct hints *h)
{
    say(h, "border-width:%px;");
}

static void cell_padding(struct hints *h)
{
    say(h, "padding:%px;");
}

static bool is_zero(struct str s)
{
    int64_t n;
    return str_to_i64(s, &n) && n == 0;
}

static void cell_spacing(struct hints *h)
{
    say(h, is_zero(h->value) ? "border-collapse:collapse;"
                             : "border-spacing:%px;border-collapse:separate;");
}

static void rule_size(struct hints *h)
{
    int64_t n;
    if (str_to_i64(h->value, &n))
        buf_fmt(&h->out, "border-width:%d;", n > 2 && n < 10000 ? (int)n - 2 : 0);
}

static void align_centre(struct hints *h)
{
    if (str_eq(h->value, S("center")))
        say(h, "margin-left:auto;margin-right:auto;");
}

static void marker(struct hints *h)
{
    bool decimal = str_eq(str_trim(h->value), S("1"));
    say(h, decimal ? "list-style-type:decimal;" : "list-style-type:%;");
}

/* font_size: 1 to 7, or so many steps from 3. */
static void font_size(struct hints *h)
{
    static const int points[] = {4, 5, 6, 7, 8, 10, 12, 14, 18, 24, 34, 48, 44, 52, 60};
    enum { FIRST = -3, BASE = 3 };
    struct str digits = h->value;
    bool sign = digits.len && strchr("+-", digits.ptr[0]);
    if (str_starts(digits, S("+")))
        digits = str_skip(digits, 1);
    int64_t n;
    if (!str_to_i64(digits, &n) || n < -100 || n > 100) {
        say(h, "font-size:%;");
        return;
    }
    n += sign ? BASE : 0;
    if (n >= FIRST && n < FIRST + (int64_t)COUNT(points))
        buf_fmt(&h->out, "font-size:%dpt;", points[n - FIRST]);
    else
        buf_fmt(&h->out, "font-size:%d;", (int)n);
}

static const struct hint own[] = {
    {" table ", "align", NULL, table_align},
    {" table ", "bgcolor", "background-color:%;", NULL},
    {" table ", "border", NULL, table_border},
    {" table ", "cellspacing", NULL, cell_spacing},
    {" table td th hr pre ", "width", "width:%;", NULL},
    {" td th ", "height", "height:%;", NULL},
    {" td th div p h1 h2 h3 h4 h5 h6 ", "align", "text-align:%;", NULL},
    {" td th ", "bgcolor", NULL, background},
    {" td th ", "nowrap", "white-space:nowrap;", NULL},
    {" td th ", "valign", "vertical-align:%;", NULL},
    {" hr ", "align", NULL, align_centre},
    {" hr ", "noshade", "border-style:solid;", NULL},
    {" hr ", "size", NULL, rule_size},
    {" body ", "bgcolor", NULL, background},
    {" body ", "text", NULL, text_colour},
    {" br ", "clear", "clear:%;", NULL},
    {" font ", "color", NULL, text_colour},
    {" font ", "face", "font-family:%;", NULL},
    {" font ", "size", NULL, font_size},
    {" dl ol ul menu dir ", "compact", "margin:0.5em 0;", NULL},
    {" ol ul li ", "type", NULL, marker},
};

static const struct hint of_cells[] = {
    {" table ", "cellpadding", NULL, cell_padding},
    {" thead tbody tfoot tr ", "align", "text-align:%;", NULL},
    {" thead tbody tfoot tr ", "valign", "vertical-align:%;", NULL},
    {" tr ", "bgcolor", NULL, background},
};

/* listed: does a list of words between blanks hold the word? */
static bool listed(const char *list, struct str word)
{
    char between[40];
    snprintf(between, sizeof(between), " %.*s ", (int)(word.len < 30 ? word.len : 30),
             word.ptr);
    return word.len < 30 && strstr(list, between) != NULL;
}

static const struct hint *find(const struct hint *table, size_t len, struct str tag,
                               struct str name)
{
    for (size_t i = 0; i < len; i++)
        if (str_eq(name, str_from(table[i].name)) && listed(table[i].tags, tag))
            return &table[i];
    return NULL;
}

/* take adds what an element's attributes say, in their order. */
static void take(struct hints *h, const struct hint *table, size_t len,
                 const struct node *n)
{
    for (size_t i = 0; i < n->attributes_len; i++) {
        const struct hint *hint = find(table, len, n->tag, n->attributes[i].name);
        if (!hint)
            continue;
        h->value = n->attributes[i].value;
        if (hint->add)
            hint->add(h);
        else if (h->value.len && !str_eq(h->value, S("0")))
            say(h, hint->text);
    }
}

static bool is_cell(const struct node *n)
{
    return str_eq(n->tag, S("td")) || str_eq(n->tag, S("th"));
}

struct str hints_of(const struct node *n, struct arena *perm)
{
    enum { ABOVE = 3 }; /* table, its part, its row */
    struct hints h = {.out = buf_new(perm, HINTS_MAX)};
    const struct node *above[ABOVE] = {0};
    size_t len = 0;
    if (is_cell(n))
        for (const struct node *p = n->parent; p && len < ABOVE; p = p->parent) {
            above[len++] = p;
            if (str_eq(p->tag, S("table")))
                break;
        }
    while (len > 0)
        take(&h, of_cells, COUNT(of_cells), above[--len]);
    take(&h, own, COUNT(own), n);
    return h.out.len ? buf_str(&h.out) : S("");
}
