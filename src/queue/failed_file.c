/* failed_file.c: failed jobs in a file (driver file): a JSON list, newest first, of at
 * most `limit` jobs, which artisan reads and writes as well.
 *
 * A change is one pass under the lock: read, change, write to a file beside it, rename.
 * A file that is no list is an error: nothing of it is written over.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "facteur/cache.h"
#include "queue/queue_imp.h"

enum { FILE_MAX = 64 << 20, LOCK_WAIT_SECONDS = 10, LOCK_SECONDS = 5 };

/* === reading and writing === */

static bool read_list(struct failed_store *s, struct arena *perm, struct php_array **out,
                      struct error *e)
{
    struct str text;
    struct php_value v;
    struct error why = {0};
    *out = php_array_new(perm);
    if (access(s->set->path, F_OK) != 0 && errno == ENOENT)
        return true;
    if (!file_read(s->set->path, FILE_MAX, perm, &text, e))
        return false;
    text = str_trim(text);
    if (text.len == 0)
        return true;
    if (!php_json_read(text, false, perm, &v, &why) || v.type != PHP_ARRAY)
        return err_set(e, ERR_JOB, "%s is no JSON list of failed jobs%s%s", s->set->path,
                       why.text[0] ? ": " : "", why.text);
    *out = v.a;
    return true;
}

static bool write_all(int fd, struct str text)
{
    while (text.len) {
        ssize_t n = write(fd, text.ptr, text.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        text = str_skip(text, (size_t)n);
    }
    return fsync(fd) == 0;
}

/* replace puts the text in the file's place, with the rights that the file had. */
static bool replace(const char *path, struct str text, struct file_owner owner,
                    struct error *e)
{
    char beside[4096];
    struct stat old;
    bool known = stat(path, &old) == 0;
    snprintf(beside, sizeof(beside), "%s.%d", path, (int)getpid());
    unlink(beside); /* of a process of that number that was killed */
    int fd = file_given(beside, O_WRONLY, owner);
    bool ok = fd >= 0;
    if (ok && known && fchmod(fd, old.st_mode & 07777) == 0 &&
        fchown(fd, old.st_uid, old.st_gid) != 0)
        errno = 0; /* not root: it becomes ours, as a new file would be */
    ok = ok && write_all(fd, text);
    if (fd >= 0 && close(fd) != 0)
        ok = false;
    if (ok && rename(beside, path) == 0)
        return true;
    err_set(e, ERR_JOB, "cannot write %s: %s", path, strerror(errno));
    unlink(beside);
    return false;
}

static bool write_list(struct failed_store *s, struct php_array *list, struct arena *tmp,
                       struct error *e)
{
    struct buf b = buf_new(tmp, 2 * (size_t)FILE_MAX);
    return php_json(&b, php_from_array(list), JSON_PRETTY, e) &&
           replace(s->set->path, buf_str(&b), s->set->owner, e);
}

/* === items === */

static struct str member(struct php_value item, const char *name)
{
    const struct php_value *v =
        item.type == PHP_OBJECT ? php_array_named(item.o->props, name) : NULL;
    return v && v->type == PHP_STRING ? v->s : S("");
}

static int64_t stamp(struct php_value item)
{
    const struct php_value *v =
        item.type == PHP_OBJECT ? php_array_named(item.o->props, "failed_at_timestamp")
                                : NULL;
    return v ? php_to_int(*v) : 0;
}

static void put(struct arena *perm, struct php_object *o, const char *name,
                struct php_value v)
{
    php_array_put(perm, o->props, (struct php_key){.s = str_from(name)}, v);
}

static struct php_value item_of(const struct failed_job *job, struct arena *perm)
{
    struct php_object *o = php_object_new(perm, PHP_PLAIN, S("stdClass"));
    int64_t now = clock_unix();
    put(perm, o, "id", php_string(job->id));
    put(perm, o, "connection", php_string(job->connection));
    put(perm, o, "queue", php_string(job->queue));
    put(perm, o, "payload", php_string(job->payload));
    put(perm, o, "exception", php_string(job->exception));
    put(perm, o, "failed_at", php_string(clock_datetime(perm, now)));
    put(perm, o, "failed_at_timestamp", php_int(now));
    return php_from_object(o);
}

/* job_of counts rows from the oldest job on: what is put before a job, or taken away
 * there, does not change its number. */
static struct failed_job job_of(const struct php_array *list, size_t i)
{
    struct php_value item = list->at[i].value;
    return (struct failed_job){
        .id = member(item, "id"),
        .row = (int64_t)(list->len - i),
        .connection = member(item, "connection"),
        .queue = member(item, "queue"),
        .payload = member(item, "payload"),
        .exception = member(item, "exception"),
        .failed_at = member(item, "failed_at"),
    };
}

/* === changes, each under the lock === */

struct change {
    struct failed_store *s;
    /* What goes: the items for which it says so. NULL: none. */
    bool (*goes)(const struct change *c, struct php_value item);
    const struct failed_job *jobs; /* for `goes` */
    size_t jobs_len;
    struct str id;
    const struct failed_flush *flush;
    int64_t until;
    struct failed_job *added; /* at the head; NULL: none */
    int64_t gone;
};

static bool change_list(struct change *c, struct arena *tmp, struct error *e)
{
    struct php_array *list, *kept = php_array_new(tmp);
    int64_t limit = c->s->set->limit;
    if (!read_list(c->s, tmp, &list, e))
        return false;
    if (c->added)
        php_array_push(tmp, kept, item_of(c->added, tmp));
    for (size_t i = 0; i < list->len; i++)
        if (c->goes && c->goes(c, list->at[i].value))
            c->gone++;
        else if (!c->added || (int64_t)kept->len < limit)
            php_array_push(tmp, kept, list->at[i].value);
    return write_list(c->s, kept, tmp, e);
}

static bool change(struct change *c, struct arena tmp, struct error *e)
{
    struct file_lock lock = {.dir = c->s->set->lock_dir,
                             .name = c->s->set->lock_name,
                             .given_to = c->s->set->owner,
                             .seconds = LOCK_SECONDS};
    if (!file_lock(&lock, LOCK_WAIT_SECONDS, e))
        return false;
    bool ok = change_list(c, &tmp, e);
    file_unlock(&lock);
    return ok;
}

static bool file_log(struct failed_store *s, struct failed_job *job, struct arena tmp,
                     struct error *e)
{
    struct change c = {.s = s, .added = job};
    if (job->id.len == 0) {
        uuid_new(job->made);
        job->id = str_from(job->made);
    }
    return change(&c, tmp, e);
}

static bool is_one_of(const struct change *c, struct php_value item)
{
    for (size_t i = 0; i < c->jobs_len; i++)
        if (str_eq(member(item, "id"), c->jobs[i].id))
            return true;
    return false;
}

static bool file_remove(struct failed_store *s, const struct failed_job *jobs, size_t len,
                        struct arena tmp, struct error *e)
{
    struct change c = {.s = s, .goes = is_one_of, .jobs = jobs, .jobs_len = len};
    return change(&c, tmp, e);
}

static bool has_id(const struct change *c, struct php_value item)
{
    return str_eq(member(item, "id"), c->id);
}

static bool file_forget(struct failed_store *s, struct str id, struct arena tmp,
                        bool *gone, struct error *e)
{
    struct change c = {.s = s, .goes = has_id, .id = id};
    bool ok = change(&c, tmp, e);
    *gone = c.gone > 0;
    return ok;
}

static bool is_older(const struct change *c, struct php_value item)
{
    return stamp(item) <= c->until;
}

static bool file_prune(struct failed_store *s, int64_t before, struct arena tmp,
                       int64_t *pruned, struct error *e)
{
    struct change c = {.s = s, .goes = is_older, .until = before};
    bool ok = change(&c, tmp, e);
    *pruned = c.gone;
    return ok;
}

static bool is_flushed(const struct change *c, struct php_value item)
{
    return stamp(item) <= c->until &&
           (!c->flush->of_queue || str_eq(member(item, "queue"), c->flush->queue));
}

static bool file_flush(struct failed_store *s, const struct failed_flush *what,
                       struct arena tmp, struct error *e)
{
    struct change c = {.s = s,
                       .goes = is_flushed,
                       .flush = what,
                       .until = what->timed ? what->until : clock_unix()};
    return change(&c, tmp, e);
}

/* === looking === */

static bool file_twin(struct failed_store *s, const struct failed_job *job,
                      struct arena tmp, bool *twin, struct error *e)
{
    struct php_array *list;
    *twin = false;
    if (!read_list(s, &tmp, &list, e))
        return false;
    for (size_t i = 0; i < list->len && !*twin; i++) {
        struct failed_job other = job_of(list, i);
        *twin = str_eq(other.id, job->id) && str_eq(other.payload, job->payload) &&
                str_eq(other.exception, job->exception);
    }
    return true;
}

static bool met(const struct failed_walk *w, const struct failed_job *job)
{
    return (w->begun && job->row >= w->below) ||
           (w->of_queue && !str_eq(job->queue, w->queue));
}

static bool file_next(struct failed_store *s, struct failed_walk *w, struct arena *perm,
                      struct failed_job **jobs, size_t *len, struct error *e)
{
    struct php_array *list;
    struct failed_walk before = *w;
    *len = 0;
    if (!read_list(s, perm, &list, e))
        return false;
    *jobs = NEW(perm, struct failed_job, FAILED_PAGE);
    for (size_t i = 0; i < list->len && *len < FAILED_PAGE; i++) {
        struct failed_job job = job_of(list, i);
        if (met(&before, &job))
            continue;
        w->below = job.row;
        (*jobs)[(*len)++] = job;
    }
    w->begun = true;
    return true;
}

static bool file_count(struct failed_store *s, const struct failed_walk *w,
                       struct arena tmp, int64_t *count, struct error *e)
{
    struct php_array *list;
    *count = 0;
    if (!read_list(s, &tmp, &list, e))
        return false;
    for (size_t i = 0; i < list->len; i++) {
        struct failed_job job = job_of(list, i);
        *count += met(w, &job) ? 0 : 1;
    }
    return true;
}

static bool file_find(struct failed_store *s, struct str id, bool lock,
                      struct arena *perm, struct failed_job **out, struct error *e)
{
    struct php_array *list;
    (void)lock;
    *out = NULL;
    if (!read_list(s, perm, &list, e))
        return false;
    struct failed_job *job = NEW(perm, struct failed_job, 1);
    for (size_t i = 0; i < list->len && !*out; i++) {
        *job = job_of(list, i);
        if (str_eq(job->id, id))
            *out = job;
    }
    return true;
}

const struct failed_ops failed_file = {
    .class_name = "FileFailedJobProvider",
    .log = file_log,
    .twin = file_twin,
    .next = file_next,
    .count = file_count,
    .find = file_find,
    .remove = file_remove,
    .forget = file_forget,
    .flush = file_flush,
    .prune = file_prune,
};
