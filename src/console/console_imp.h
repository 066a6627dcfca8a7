/* console_imp.h: what the files of src/console share. */
#ifndef FACTEUR_CONSOLE_IMP_H
#define FACTEUR_CONSOLE_IMP_H

#include "facteur/console.h"

/* console_columns_of counts columns as PHP's mb_strwidth does: wide letters take two. */
size_t console_columns_of(struct str s);

#endif
