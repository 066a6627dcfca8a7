/* test.h: what every unit test includes: cmocka in its order, and our short forms. */
#ifndef FACTEUR_TEST_H
#define FACTEUR_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h> /* needs the above before it */

#include "facteur/base.h"

/* assert_str compares a struct str with a C string, and prints both when they differ. */
#define assert_str(got, want)                                                            \
    do {                                                                                 \
        struct str got_ = (got), want_ = str_from(want);                                 \
        if (!str_eq(got_, want_))                                                        \
            fail_msg("got \"%.*s\", want \"%.*s\"", STR_ARG(got_), STR_ARG(want_));      \
    } while (0)

/* assert_ok fails with the error's text. */
#define assert_ok(call, e)                                                               \
    do {                                                                                 \
        if (!(call))                                                                     \
            fail_msg("%s: %s", #call, (e).text);                                         \
    } while (0)

#endif
