/* What stands in the place of libharu's copying and filling does the same. */
#include "test.h"

#include <dlfcn.h>
#include <hpdf.h>
#include <hpdf_utils.h>

typedef HPDF_BYTE *copy_fn(HPDF_BYTE *out, const HPDF_BYTE *in, HPDF_UINT n);
typedef void *fill_fn(void *s, HPDF_BYTE c, HPDF_UINT n);

enum { ROOM = 64 };

/* of_libharu finds the library's own, behind the program's. */
static void of_libharu(const char *name, void *out)
{
    *(void **)out = dlsym(RTLD_NEXT, name);
    assert_non_null(*(void **)out);
}

void test_copying_is_as_libharus(void **state)
{
    (void)state;
    copy_fn *theirs;
    of_libharu("HPDF_MemCpy", &theirs);
    assert_true(theirs != HPDF_MemCpy);
    HPDF_BYTE from[ROOM];
    for (int i = 0; i < ROOM; i++)
        from[i] = (HPDF_BYTE)(i * 7 + 1);
    for (HPDF_UINT n = 0; n <= ROOM; n++) {
        HPDF_BYTE a[ROOM] = {0}, b[ROOM] = {0};
        assert_int_equal(HPDF_MemCpy(a, from, n) - a, theirs(b, from, n) - b);
        assert_memory_equal(a, b, ROOM);
    }
}

void test_copying_down_over_itself_is_as_libharus(void **state)
{
    (void)state;
    copy_fn *theirs;
    of_libharu("HPDF_MemCpy", &theirs);
    for (HPDF_UINT by = 1; by < ROOM; by++) {
        HPDF_BYTE a[ROOM], b[ROOM];
        for (int i = 0; i < ROOM; i++)
            a[i] = b[i] = (HPDF_BYTE)(i * 3 + 5);
        HPDF_MemCpy(a, a + by, ROOM - by);
        theirs(b, b + by, ROOM - by);
        assert_memory_equal(a, b, ROOM);
    }
}

void test_filling_is_as_libharus(void **state)
{
    (void)state;
    fill_fn *theirs;
    of_libharu("HPDF_MemSet", &theirs);
    assert_true(theirs != HPDF_MemSet);
    for (HPDF_UINT n = 0; n <= ROOM; n++) {
        HPDF_BYTE a[ROOM] = {0}, b[ROOM] = {0};
        assert_int_equal((HPDF_BYTE *)HPDF_MemSet(a, 'x', n) - a,
                         (HPDF_BYTE *)theirs(b, 'x', n) - b);
        assert_memory_equal(a, b, ROOM);
    }
}
