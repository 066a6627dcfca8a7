/* What the tables of built-in functions share: a table per family, and how a function
 * reads its arguments.
 *
 * A new function is one row in the table of its family ({"ucwords", 1, 2, call_ucwords}:
 * name, least and most arguments, code), one function that reads its arguments with the
 * fn_… below and ends with fn_return…, and one row in FUNCTIONS of
 * test/php/oracle/expressions.php, which says of what kind its arguments are: the test
 * then calls it at random beside PHP. A method of a date is the same, in date_class.c.
 * Checks (view:check, wrong numbers of arguments) read the same rows. */
#ifndef FACTEUR_PHP_FN_IMP_H
#define FACTEUR_PHP_FN_IMP_H

#include "facteur/php.h"

/* Each table ends with a row whose name is NULL; call.c lists them. */
extern const struct php_function fn_string[], fn_bytes[], fn_search[], fn_replace[],
    fn_html[], fn_format[], fn_mb[], fn_ctype[], fn_array[], fn_list[], fn_math[],
    fn_type[], fn_url[], fn_laravel[], fn_str[], fn_case[], fn_date[];

/* The longest string that a function makes. */
enum { FN_MAX_TEXT = 64 << 20 };

/* fn_has says whether the argument was given. */
bool fn_has(const struct php_call *c, size_t i);

/* fn_text, fn_int, fn_float, fn_bool and fn_array_arg read an argument as PHP does for a
 * parameter of that type, in its weak mode; the error is PHP's TypeError, which names the
 * parameter. An argument that was not given leaves *out alone. */
bool fn_text(struct php_call *c, size_t i, const char *param, struct str *out) MUST;
bool fn_int(struct php_call *c, size_t i, const char *param, int64_t *out) MUST;

/* fn_text_as and fn_int_as read an argument that was given; the error names another
 * type. */
bool fn_text_as(struct php_call *c, size_t i, const char *param, const char *type,
                struct str *out) MUST;
bool fn_int_as(struct php_call *c, size_t i, const char *param, const char *type,
               int64_t *out) MUST;

/* fn_text_or_null and fn_int_or_null leave *out alone for null. */
bool fn_text_or_null(struct php_call *c, size_t i, const char *param,
                     struct str *out) MUST;
bool fn_int_or_null(struct php_call *c, size_t i, const char *param, int64_t *out) MUST;
bool fn_float(struct php_call *c, size_t i, const char *param, double *out) MUST;
bool fn_bool(struct php_call *c, size_t i, const char *param, bool *out) MUST;
bool fn_array_arg(struct php_call *c, size_t i, const char *param,
                  const struct php_array **out) MUST;

/* fn_type_error is the TypeError of an argument: "f(): Argument #1 ($p) must be of type
 * string, array given". */
bool fn_type_error(struct php_call *c, size_t i, const char *param, const char *type);

/* fn_element_text makes the text of an element of an array. */
bool fn_element_text(struct php_call *c, struct php_value v, struct str *out) MUST;

/* fn_return sets the result; true always. */
bool fn_return(struct php_call *c, struct php_value v);
bool fn_return_text(struct php_call *c, struct str s);

/* fn_return_buf is fn_return_text that refuses a full buffer. */
bool fn_return_buf(struct php_call *c, const struct buf *b) MUST;

/* fn_range reads ($string, $offset, $length = null); fn_clip turns offset and length,
 * which count from the end when negative, into a part of `total` things. */
bool fn_range(struct php_call *c, const char *offset_name, struct str *s, int64_t *offset,
              int64_t *length) MUST;
void fn_clip(size_t total, int64_t offset, int64_t length, size_t *from, size_t *len);

/* fn_find_last is str_find from the end. */
ptrdiff_t fn_find_last(struct str s, struct str part);

/* fn_callable finds what a callable means: a function by its name, or a closure; anything
 * else is ERR_UNSUPPORTED. fn_apply calls it. */
struct fn_callable {
    const struct php_function *f;
    struct php_value self; /* the closure */
};
bool fn_callable(struct php_call *c, struct php_value value,
                 struct fn_callable *out) MUST;
bool fn_apply(struct php_call *c, const struct fn_callable *callable,
              const struct php_value *args, size_t len, struct php_value *out) MUST;

/* php_collection makes Laravel's Collection of an array's elements. */
struct php_value php_collection(struct arena *perm, struct php_array *items);

/* fn_is_blank: what \s matches in a pattern with the modifier u. */
bool fn_is_blank(uint32_t code_point);

/* php_slug is Laravel's Str::slug of an ASCII title; the separator is no letter, digit
 * or blank. */
struct str php_slug(struct arena *perm, struct str title, char separator);

/* php_entity_name and php_entity_char look HTML's named characters up; NULL, 0: none. */
const char *php_entity_name(uint32_t code_point);
uint32_t php_entity_char(struct str name);

/* php_ascii is Laravel's Str::ascii. false: there is a letter that it does not know. */
bool php_ascii(struct arena *perm, struct str s, struct str *out) MUST;

#endif
