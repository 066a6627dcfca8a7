/* failed.c: the stores of failed jobs: which one, and the one that stores nothing. */
#include <assert.h>
#include <stdlib.h>

#include "queue/queue_imp.h"

enum { STORE_ARENA = 1 << 20 };

/* === driver null === */

static bool none_log(struct failed_store *s, struct failed_job *job, struct arena tmp,
                     struct error *e)
{
    (void)s, (void)job, (void)tmp, (void)e;
    return true;
}

static bool none_twin(struct failed_store *s, const struct failed_job *job,
                      struct arena tmp, bool *twin, struct error *e)
{
    (void)s, (void)job, (void)tmp, (void)e;
    *twin = true;
    return true;
}

static bool none_next(struct failed_store *s, struct failed_walk *w, struct arena *perm,
                      struct failed_job **jobs, size_t *len, struct error *e)
{
    (void)s, (void)w, (void)perm, (void)jobs, (void)e;
    *len = 0;
    return true;
}

static bool none_count(struct failed_store *s, const struct failed_walk *w,
                       struct arena tmp, int64_t *count, struct error *e)
{
    (void)s, (void)w, (void)tmp, (void)e;
    *count = 0;
    return true;
}

static bool none_find(struct failed_store *s, struct str id, bool lock,
                      struct arena *perm, struct failed_job **out, struct error *e)
{
    (void)s, (void)id, (void)lock, (void)perm, (void)e;
    *out = NULL;
    return true;
}

static bool none_remove(struct failed_store *s, const struct failed_job *jobs, size_t len,
                        struct arena tmp, struct error *e)
{
    (void)s, (void)jobs, (void)len, (void)tmp, (void)e;
    return true;
}

/* Laravel's says that it has forgotten whatever it is asked to. */
static bool none_forget(struct failed_store *s, struct str id, struct arena tmp,
                        bool *gone, struct error *e)
{
    (void)s, (void)id, (void)tmp, (void)e;
    *gone = true;
    return true;
}

static bool none_flush(struct failed_store *s, const struct failed_flush *what,
                       struct arena tmp, struct error *e)
{
    (void)s, (void)what, (void)tmp, (void)e;
    return true;
}

static const struct failed_ops failed_none = {
    .class_name = "NullFailedJobProvider",
    .log = none_log,
    .twin = none_twin,
    .next = none_next,
    .count = none_count,
    .find = none_find,
    .remove = none_remove,
    .forget = none_forget,
    .flush = none_flush,
};

/* === any driver === */

static const struct failed_ops *const drivers[] = {
    [FAILED_NONE] = &failed_none,
    [FAILED_UUIDS] = &failed_uuids,
    [FAILED_IDS] = &failed_ids,
    [FAILED_FILE] = &failed_file,
};

struct failed_store *failed_new(const struct failed_settings *set, struct db *db,
                                struct error *e)
{
    struct failed_store *s = calloc(1, sizeof(*s));
    if (!s) {
        err_set(e, ERR_FATAL, "no memory for the store of failed jobs");
        return NULL;
    }
    s->set = set;
    s->db = db;
    s->arena = arena_open(STORE_ARENA);
    s->ops = drivers[set->driver];
    if (s->ops->open)
        s->ops->open(s);
    return s;
}

struct failed_store *failed_open(const struct failed_settings *set, struct db_pool *pool,
                                 struct error *e)
{
    struct db *db = NULL;
    if (set->driver == FAILED_UUIDS || set->driver == FAILED_IDS) {
        db = db_pool_session(pool, "queue.failed.database", set->database, e);
        if (!db)
            return NULL;
    }
    return failed_new(set, db, e);
}

void failed_drop(struct failed_store *s)
{
    if (!s)
        return;
    arena_close(&s->arena);
    free(s);
}

struct db *failed_db(const struct failed_store *s)
{
    bool table = s->ops == &failed_uuids || s->ops == &failed_ids;
    return table ? s->db : NULL;
}

const char *failed_class(const struct failed_store *s)
{
    return s->ops->class_name;
}

bool failed_log(struct failed_store *s, struct failed_job *job, struct arena tmp,
                struct error *e)
{
    return s->ops->log(s, job, tmp, e);
}

bool failed_twin(struct failed_store *s, const struct failed_job *job, struct arena tmp,
                 bool *twin, struct error *e)
{
    return s->ops->twin(s, job, tmp, twin, e);
}

bool failed_next(struct failed_store *s, struct failed_walk *w, struct arena *perm,
                 struct failed_job **jobs, size_t *len, struct error *e)
{
    return s->ops->next(s, w, perm, jobs, len, e);
}

bool failed_count(struct failed_store *s, const struct failed_walk *w, struct arena tmp,
                  int64_t *count, struct error *e)
{
    return s->ops->count(s, w, tmp, count, e);
}

bool failed_find(struct failed_store *s, struct str id, bool lock, struct arena *perm,
                 struct failed_job **out, struct error *e)
{
    return s->ops->find(s, id, lock, perm, out, e);
}

bool failed_remove(struct failed_store *s, const struct failed_job *jobs, size_t len,
                   struct arena tmp, struct error *e)
{
    assert(len <= FAILED_PAGE);
    return len == 0 || s->ops->remove(s, jobs, len, tmp, e);
}

bool failed_forget(struct failed_store *s, struct str id, struct arena tmp, bool *gone,
                   struct error *e)
{
    return s->ops->forget(s, id, tmp, gone, e);
}

bool failed_flush(struct failed_store *s, const struct failed_flush *what,
                  struct arena tmp, struct error *e)
{
    return s->ops->flush(s, what, tmp, e);
}

bool failed_prunes(const struct failed_store *s)
{
    return s->ops->prune != NULL;
}

bool failed_prune(struct failed_store *s, int64_t before, struct arena tmp,
                  int64_t *pruned, struct error *e)
{
    *pruned = 0;
    return s->ops->prune(s, before, tmp, pruned, e);
}
