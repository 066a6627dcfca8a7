/* sql.c: the texts of statements, from sql/queries/, and quoted names. */
#include <assert.h>

#include "facteur/db.h"

static struct str variable(const struct db_var *vars, size_t len, struct str key)
{
    for (size_t i = 0; i < len; i++)
        if (str_eq(str_from(vars[i].key), key))
            return vars[i].value;
    assert(!"a statement names a variable that nobody gave");
    return S("");
}

static void placeholders(struct buf *b, struct str number)
{
    int64_t n = 0;
    bool ok = str_to_i64(number, &n);
    assert(ok && n > 0);
    for (int64_t i = 0; ok && i < n; i++)
        buf_add(b, i ? S(",?") : S("?"));
}

static void expand(struct buf *b, struct str line, const struct db_var *vars, size_t len)
{
    while (line.len) {
        struct cut open = str_cut(line, '{');
        buf_add(b, open.head);
        if (!open.ok)
            return;
        struct cut close = str_cut(open.tail, '}');
        assert(close.ok);
        struct cut key = str_cut(close.head, ':');
        if (key.ok)
            placeholders(b, key.tail);
        else
            buf_add(b, variable(vars, len, key.head));
        line = close.tail;
    }
}

struct str db_sql(struct arena *perm, const char *name, const struct db_var *vars,
                  size_t len)
{
    struct str text = S("");
    bool found = asset_lookup(str_fmt(perm, "sql/queries/%s.sql", name), &text);
    assert(found);
    (void)found;
    struct buf b = buf_new(perm, SIZE_MAX);
    while (text.len) {
        struct cut line = str_cut(text, '\n');
        text = line.tail;
        if (str_starts(line.head, S("--")))
            continue;
        if (b.len)
            buf_byte(&b, ' ');
        expand(&b, str_trim(line.head), vars, len);
    }
    return str_trim(buf_str(&b));
}

struct str db_name(struct arena *perm, struct str name)
{
    struct str inner = str_replace(perm, name, S("`"), S("``"));
    return str_fmt(perm, "`%.*s`", STR_ARG(inner));
}

struct str db_table(struct arena *perm, const struct db_settings *s, struct str table)
{
    /* "database.table" is two names; the prefix belongs to the table. */
    struct cut parts = str_cut(table, '.');
    if (!parts.ok)
        return db_name(perm, str_join(perm, s->prefix, table));
    struct str database = db_name(perm, parts.head);
    struct str name = db_name(perm, str_join(perm, s->prefix, parts.tail));
    return str_fmt(perm, "%.*s.%.*s", STR_ARG(database), STR_ARG(name));
}
