/* proof_imp.h: what the files of src/proof share. */
#ifndef FACTEUR_PROOF_IMP_H
#define FACTEUR_PROOF_IMP_H

#include "facteur/proof.h"

/* === facts: what a letter is, one by one === */

struct fact {
    struct str name;  /* "mail 1 subject" */
    struct str value; /* UTF-8, or the bytes of an attachment */
};

struct facts {
    struct arena *perm;
    VEC(struct fact) list;
};

void facts_add(struct facts *f, struct str name, struct str value);

/* === mails (mime.c) === */

/* mime_facts tells what a message says: its fields, unfolded and decoded, and of each
 * part what it is and holds. How it is written (encodings, boundaries, line ends, the
 * order of fields) is left out. false: it is no message. */
bool mime_facts(struct facts *f, struct str name, struct str message) MUST;

/* === the objects of a PDF (pdf_objects.c) === */

enum pdf_type {
    PDF_NULL,
    PDF_NUMBER,
    PDF_NAME,
    PDF_STRING,
    PDF_ARRAY,
    PDF_DICT, /* names and values by turns */
    PDF_REF,
    PDF_WORD, /* an operator, or what no value begins with */
};

struct pdf_value {
    enum pdf_type type;
    double number; /* of a reference: the object's */
    struct str s;  /* a name without "/", a string's bytes, a word */
    const struct pdf_value *at;
    size_t len;
};

struct pdf_lexer {
    struct str in;
    size_t at;
    struct arena *perm;
    int depth;
};

/* pdf_next reads the next value or word; false: there is no more. References are known in
 * files, not in streams of operators. */
bool pdf_next(struct pdf_lexer *l, bool references, struct pdf_value *out);

struct pdf_object {
    struct pdf_value value;
    struct str stream; /* as it stands in the file */
    bool there;
};

struct pdf_file {
    struct arena *perm;
    struct pdf_object *objects; /* by number */
    size_t len;
    size_t inflated; /* bytes that came of streams, of which there may be so many */
};

/* pdf_file_read finds the objects. *why: what of the file is not understood. */
bool pdf_file_read(struct str bytes, struct arena *perm, struct pdf_file *out,
                   const char **why) MUST;

/* pdf_resolve follows a reference; pdf_entry lends a dictionary's, resolved: of type
 * PDF_NULL where there is none. */
struct pdf_value pdf_resolve(const struct pdf_file *f, struct pdf_value v);
struct pdf_value pdf_entry(const struct pdf_file *f, struct pdf_value dict,
                           const char *name);

/* pdf_stream gives what a stream holds, inflated. v: a reference. */
bool pdf_stream(struct pdf_file *f, struct pdf_value v, struct str *out) MUST;

/* === what its pages show (pdf_runs.c) === */

struct pdf_run {
    struct str text; /* UTF-8 */
    struct str font; /* without the tag of a subset */
    double size, x, y;
    double widened; /* what its blanks are wider, in all */
    double colour[4];
    size_t colours;
};

struct pdf_page {
    double width, height;
    VEC(struct pdf_run) runs;
};

struct pdf_pages {
    VEC(struct pdf_page) list;
};

bool pdf_pages_read(struct str bytes, struct arena *perm, struct pdf_pages *out,
                    const char **why) MUST;

/* === records (record.c) === */

/* proof_record_parse reads a record's line, whose seal was looked at; it lends of it. */
bool proof_record_parse(struct str line, struct arena *perm, struct proof_record *out);

#endif
