#include "facteur/base.h"

/* The table is written by src/base/assets.sh from the files named in the Makefile. */
struct asset {
    const char *path;
    const unsigned char *start, *end;
};
extern const struct asset assets[];
extern const size_t assets_len;

/* asset_at lends the i-th asset, in order of paths; false behind the last. */
static bool asset_at(size_t i, struct str *path, struct str *bytes)
{
    if (i >= assets_len)
        return false;
    *path = str_from(assets[i].path);
    *bytes = (struct str){(const char *)assets[i].start,
                          (size_t)(assets[i].end - assets[i].start)};
    return true;
}

bool asset_lookup(struct str path, struct str *out)
{
    struct str name;
    for (size_t i = 0; asset_at(i, &name, out); i++)
        if (str_eq(name, path))
            return true;
    return false;
}
