/* What the files of PHP's values share. */
#ifndef FACTEUR_PHP_VALUES_IMP_H
#define FACTEUR_PHP_VALUES_IMP_H

#include "facteur/php.h"

/* Nesting beyond this is an error of whoever walks a value, so that the stack is enough.
 * PHP's json_encode has the same ceiling. */
enum { PHP_MAX_DEPTH = 512 };

/* php_array_place returns where the value of a key is kept, not seen through a reference;
 * a key that is new gets null. The place moves when the array grows. */
struct php_value *php_array_place(struct arena *perm, struct php_array *a,
                                  struct php_key k);

/* php_array_reserve makes room for n entries, so that places do not move until then. */
void php_array_reserve(struct arena *perm, struct php_array *a, size_t n);

/* php_scan_number reads the number that s begins with, blanks before it allowed. It
 * returns the bytes taken, 0: there is none. An int that overflows is a float, as in PHP;
 * *overflow is then 1 or -1, by its sign, else 0. */
size_t php_scan_number(struct str s, struct php_value *out, int *overflow);

/* php_scan_float does the same for a number that is to be a float ("-0" has its sign). */
size_t php_scan_float(struct str s, double *out);

/* How php_float_text prints. */
enum php_precision {
    PHP_ECHO,     /* 14 significant digits, as echo */
    PHP_SHORTEST, /* as few digits as read back to the same float, as serialize */
};

enum { PHP_FLOAT_TEXT = 40 }; /* bytes that any float needs, with its NUL */

/* php_float_text prints d as PHP does; `exponent` is 'E', or 'e' for JSON. */
struct str php_float_text(double d, enum php_precision precision, char exponent,
                          char out[PHP_FLOAT_TEXT]);

/* A property's name as serialised, taken apart. */
enum php_access { PHP_PUBLIC, PHP_PROTECTED, PHP_PRIVATE };
struct php_prop_name {
    enum php_access access;
    struct str class_name; /* PHP_PRIVATE: where it was declared */
    struct str name;
};
struct php_prop_name php_prop_name(struct str mangled);

#endif
