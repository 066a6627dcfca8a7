/* uuid.c: random ids, as Laravel's Str::uuid makes them. */
#include <uuid/uuid.h>

#include "facteur/base.h"

void uuid_new(char out[static UUID_TEXT])
{
    uuid_t id;
    uuid_generate_random(id);
    uuid_unparse_lower(id, out);
}
