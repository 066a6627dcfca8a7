/* look_imp.h: what look.c, pass.c and look_rows.c share. */
#ifndef FACTEUR_LOOK_IMP_H
#define FACTEUR_LOOK_IMP_H

#include "queue/queue_imp.h"

enum { LOOK_CHUNK = 1000 }; /* ids per page, where they are remembered */

/* A look under way; look_lock is held. */
struct looking {
    struct database *q;
    struct watch_queue *w;
    size_t which;
    struct str name;
    VEC(struct str) foreign; /* classes, told when the lock is given back */
    struct error *e;
};

/* === rows (look_rows.c) === */

/* look_note_class keeps a foreign class's name, as JSON has it, if it is new;
 * look_note_row puts a row on the watch list, or finds it full; look_note_rows does
 * either for each row. */
void look_note_class(struct looking *l, struct str text, struct arena tmp);
void look_note_row(struct looking *l, const struct db_result *r, size_t row,
                   enum watch_whose whose);
void look_note_rows(struct looking *l, const struct db_result *r, struct arena tmp);

/* look_page_ids reads the next `limit` ids behind `from`. */
bool look_page_ids(struct looking *l, int64_t from, int64_t limit, struct arena *tmp,
                   int64_t **ids, size_t *len) MUST;

/* look_highest asks for a queue's highest id; 0: it is empty. */
bool look_highest(struct looking *l, int64_t *id, struct arena tmp) MUST;

/* look_read_range runs `sql` (pass or sweep) over a page, from < id <= to. */
bool look_read_range(struct looking *l, struct str sql, int64_t from, int64_t to,
                     struct arena *tmp, struct db_result *r) MUST;

/* look_read_ids reads and notes rows by name. */
bool look_read_ids(struct looking *l, const int64_t *ids, size_t len,
                   struct arena tmp) MUST;

void look_set_paged(struct looking *l, bool paged);

/* === the first pass (pass.c) === */

/* look_page_on goes on with it. */
bool look_page_on(struct looking *l, struct arena tmp) MUST;

/* look_name_foreign asks once for the classes of what the pass left out, when
 * look_may_name: not before the first job. */
bool look_may_name(struct looking *l);
bool look_name_foreign(struct looking *l, struct arena tmp) MUST;

#endif
