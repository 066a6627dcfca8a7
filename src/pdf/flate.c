/* flate.c: bytes as a PDF's FlateDecode has them. */
#include <zlib.h>

#include "pdf/flate.h"

bool flate(struct str bytes, struct arena *perm, struct str *out)
{
    uLongf len = compressBound(bytes.len);
    unsigned char *to = NEW(perm, unsigned char, len);
    int status =
        compress2(to, &len, (const Bytef *)bytes.ptr, bytes.len, Z_DEFAULT_COMPRESSION);
    *out = (struct str){(const char *)to, len};
    return status == Z_OK;
}
