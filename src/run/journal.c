/* journal.c: what the run folder says of others: who holds a job, and what was left by
 * those that are gone.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "run/run_imp.h"

enum { STRAY_SECONDS = 60 };

/* === opening === */

bool journal_open(struct journal *j, struct app *app, const struct run_place *place,
                  struct error *e)
{
    struct str database = place->database;
    *j = (struct journal){.app = app,
                          .retry_after = place->retry_after,
                          .tries = place->tries,
                          .backoff = place->backoff};
    if (!database.len &&
        !app_config_string(app, "database.default", S("mysql"), &database, e))
        return false;
    run_name(j->connection, RUN_NAME, place->connection);
    run_name(j->database, RUN_NAME, database);
    run_name(j->table, RUN_NAME, place->table);
    return run_keys_open(j, e);
}

void journal_close(struct journal *j)
{
    run_keys_close(j);
}

/* === going through the folder === */

struct walk {
    struct journal *j;
    char path[4096];
    int fd;
    DIR *dir;
};

static bool walk_begin(struct walk *w, struct journal *j, struct error *e)
{
    *w = (struct walk){.j = j};
    w->fd = run_folder(j, w->path, e);
    if (w->fd < 0)
        return false;
    int again = dup(w->fd);
    w->dir = again < 0 ? NULL : fdopendir(again);
    if (w->dir)
        return true;
    err_set(e, ERR_FATAL, "%s: cannot be read: %s", w->path, strerror(errno));
    if (again >= 0)
        close(again);
    close(w->fd);
    return false;
}

static void walk_end(struct walk *w)
{
    closedir(w->dir);
    close(w->fd);
}

/* remove_stray removes what a master left that died while it made its file. */
static void remove_stray(const struct walk *w, const char *name)
{
    struct stat st;
    if (str_ends(str_from(name), S(".new")) &&
        fstatat(w->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
        clock_unix() - st.st_mtime > STRAY_SECONDS)
        unlinkat(w->fd, name, 0);
}

/* walk_next opens the next run file; false: that was all. run_drop ends each. */
static bool walk_next(struct walk *w, struct run_file *f)
{
    for (struct dirent *d; (d = readdir(w->dir)); remove_stray(w, d->d_name))
        if (run_is_name(d->d_name) && run_open(f, w->j, w->fd, w->path, d->d_name))
            return true;
    return false;
}

/* === versions that are not known === */

/* What stands first is the same in all later versions. */
struct later {
    const struct run_head *head; /* only as far as `table` */
    size_t slots;
};

static bool read_later(const struct run_file *f, struct later *out)
{
    size_t least = offsetof(struct run_head, host);
    const struct run_head *h = (const struct run_head *)(const void *)f->map;
    if (h->version <= RUN_VERSION || f->bytes < least || h->head_bytes < least ||
        h->head_bytes > f->bytes || h->head_bytes % 8 || h->slot_bytes % 8 ||
        h->slot_bytes < offsetof(struct run_record, attempts) ||
        h->slots > (f->bytes - h->head_bytes) / h->slot_bytes)
        return false;
    *out = (struct later){.head = h, .slots = h->slots};
    return true;
}

static const struct run_record *later_record(const struct run_file *f,
                                             const struct later *l, size_t at)
{
    const char *start = f->map + l->head->head_bytes + at * l->head->slot_bytes;
    return (const struct run_record *)(const void *)start; /* only as far as `mark` */
}

static bool later_ours(const struct later *l, const struct journal *j)
{
    return strncmp(l->head->database, j->database, RUN_NAME) == 0 &&
           strncmp(l->head->table, j->table, RUN_NAME) == 0;
}

/* ask_unknown: what a version holds that is not known is left to it. Of one that is older
 * than what can be read not even that is known: then nothing that ran out is taken. */
static enum journal_answer ask_unknown(struct journal *j, const struct run_file *f,
                                       int64_t id, uint64_t mark)
{
    struct later l;
    if (f->damaged)
        return run_names(f, j, id) ? JOURNAL_HELD : JOURNAL_FREE;
    if (!read_later(f, &l))
        return JOURNAL_HELD;
    for (size_t i = 0; later_ours(&l, j) && i < l.slots; i++) {
        const struct run_record *r = later_record(f, &l, i);
        if (r->phase != PHASE_IDLE && r->id == id && r->mark == mark)
            return JOURNAL_HELD;
    }
    return JOURNAL_FREE;
}

/* tell_unknown says what is not known here. */
static void tell_unknown(struct journal *j, const struct run_file *f)
{
    if (f->damaged) {
        run_tell(j, f->path,
                 "is damaged: the job that its name bears is over, but how it ended is "
                 "not known; facteur does not run it again until the file is removed, "
                 "nor renews its reservation: a worker of PHP's may");
        return;
    }
    struct later l;
    struct arena tmp = arena_open(64 << 10);
    struct buf ids = buf_new(&tmp, 4096);
    bool known = read_later(f, &l);
    for (size_t i = 0; known && i < l.slots; i++)
        if (later_record(f, &l, i)->phase != PHASE_IDLE)
            buf_fmt(&ids, "%s%lld", ids.len ? ", " : "",
                    (long long)later_record(f, &l, i)->id);
    if (!known)
        run_tell(
            j, f->path,
            "was left by a version of facteur that this one cannot read: until it is "
            "gone, no job whose reservation ran out is taken");
    else if (ids.len)
        run_tell(j, f->path,
                 str_z(&tmp, str_fmt(&tmp,
                                     "was left by another version of facteur, which must "
                                     "settle it: its jobs (%.*s) are not taken when "
                                     "their reservations run out",
                                     STR_ARG(buf_str(&ids)))));
    arena_close(&tmp);
}

/* === asking === */

static enum journal_answer ask_record(struct journal *j, const struct run_file *f,
                                      size_t at, int64_t id, uint64_t mark)
{
    struct run_hold h = {.at = at};
    if (!f->form->read(f, at, &h) || h.now.id != id ||
        (f->form->has_mark && h.now.mark != mark) || !f->form->ours(f, j))
        return JOURNAL_FREE;
    return run_slot_lives(f, at) || !run_believed(f, at) ? JOURNAL_HELD : JOURNAL_DEAD;
}

static enum journal_answer ask_file(struct journal *j, const struct run_file *f,
                                    int64_t id, uint64_t mark)
{
    enum journal_answer answer = JOURNAL_FREE;
    if (!f->form)
        return ask_unknown(j, f, id, mark);
    for (size_t i = 0; i < run_slots(f) && answer == JOURNAL_FREE; i++)
        answer = ask_record(j, f, i, id, mark);
    return answer;
}

enum journal_answer journal_ask(struct journal *j, int64_t id, uint64_t mark)
{
    struct walk w;
    struct run_file f;
    struct error e = {0};
    enum journal_answer answer = JOURNAL_FREE;
    if (!walk_begin(&w, j, &e)) {
        if (j->say)
            j->say(j->arg, str_from(e.text));
        return JOURNAL_HELD;
    }
    while (answer == JOURNAL_FREE && walk_next(&w, &f)) {
        answer = ask_file(j, &f, id, mark);
        run_drop(&f);
    }
    walk_end(&w);
    return answer;
}

/* === what was left === */

/* end_stuck ends a slot that does not renew any more and has no master that would end it:
 * through a descriptor of the process, and only if it is the very one that wrote this. */
static void end_stuck(struct journal *j, const struct run_file *f, size_t at)
{
    const struct run_slot *slot = run_own(f, at);
    pid_t pid = (pid_t)atomic_load(&slot->pid);
    if (f->sealed_only || pid <= 0 || !run_is_here(&f->head->host) ||
        !run_stuck(f, at, 0))
        return;
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (fd < 0)
        return;
    if (slot->born > 0 && run_born(pid) == slot->born &&
        syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0) == 0)
        run_tell(j, f->path,
                 "names a slot that had no master and did not renew its reservation any "
                 "more: it was ended");
    close(fd);
}

/* ran_out: nobody need wait for the replacement of a slot whose reservation is over. */
static bool ran_out(const struct journal *j, const struct run_record *r)
{
    int64_t at = r->renewing > r->reserved_at ? r->renewing : r->reserved_at;
    return at <= clock_unix() - j->retry_after;
}

struct orphans {
    struct journal *j;
    journal_orphan_fn *fn;
    void *arg;
    struct error *e;
    size_t parked;
};

/* settle_one: false: the database is away. */
static bool settle_one(struct orphans *o, struct run_file *f, size_t at)
{
    struct run_hold h = {.file = f, .at = at};
    struct error *e = o->e;
    if (!f->form->read(f, at, &h)) /* settled while its lock was waited for */
        return true;
    if (!run_believed(f, at)) {
        run_tell(o->j, f->path,
                 "holds a record that was not sealed with this app's APP_KEY, or was "
                 "changed by others: its job is not taken when its reservation runs out, "
                 "until the file is removed");
        return true;
    }
    if (o->fn(o->arg, &h, e))
        return true;
    if (e->kind == ERR_LOST || e->kind == ERR_FATAL)
        return false;
    struct arena tmp = arena_open(64 << 10);
    if (o->j->say)
        o->j->say(o->j->arg, str_fmt(&tmp,
                                     "job %lld, left by a slot that is gone, waits "
                                     "to be settled: %s",
                                     (long long)h.now.id, e->text));
    arena_close(&tmp);
    err_clear(e);
    return true;
}

static bool one_record(struct orphans *o, struct run_file *f, size_t at, bool master)
{
    struct run_hold h = {0};
    if (!f->form->read(f, at, &h))
        return true;
    if (!run_take(f, at)) {
        if (!master && f->slots)
            end_stuck(o->j, f, at);
        return true;
    }
    bool ok = (master && !ran_out(o->j, &h.now)) || settle_one(o, f, at);
    run_give(f, at);
    return ok;
}

/* remove_empty removes a file that nobody holds and that holds nothing. */
static void remove_empty(const struct walk *w, struct run_file *f)
{
    struct run_hold h;
    for (size_t i = 0; i < run_slots(f); i++) {
        memset(&h, 0, sizeof(h));
        f->form->read(f, i, &h);
        if (h.now.phase != PHASE_IDLE || run_slot_lives(f, i))
            return;
    }
    unlinkat(w->fd, strrchr(f->path, '/') + 1, 0);
}

static bool one_file(struct orphans *o, const struct walk *w, struct run_file *f)
{
    bool ok = true;
    if (!f->form) {
        tell_unknown(o->j, f);
        return true;
    }
    bool master = run_master_lives(f);
    if (master && !f->slots) /* of the version before: it settles its own */
        return true;
    bool ours = f->form->ours(f, o->j);
    o->parked += f->parked && ours;
    for (size_t i = 0; ok && ours && i < run_slots(f); i++)
        ok = one_record(o, f, i, master);
    if (!master)
        remove_empty(w, f);
    return ok;
}

/* one_parked lends the record of a parked job that nobody is settling. */
static void one_parked(struct journal *j, struct run_file *f, journal_parked_fn *fn,
                       void *arg)
{
    struct run_hold h = {.file = f};
    if (!f->parked || f->form != &run_form_now || !f->form->ours(f, j) || !run_take(f, 0))
        return;
    if (f->form->read(f, 0, &h) && run_believed(f, 0))
        fn(arg, &h);
    run_give(f, 0);
}

void journal_parked(struct journal *j, journal_parked_fn *fn, void *arg)
{
    struct walk w;
    struct run_file f;
    struct error e = {0};
    if (!walk_begin(&w, j, &e)) /* the next pass says it */
        return;
    while (walk_next(&w, &f)) {
        one_parked(j, &f, fn, arg);
        run_drop(&f);
    }
    walk_end(&w);
}

bool journal_orphans(struct journal *j, journal_orphan_fn *fn, void *arg, struct error *e)
{
    struct walk w;
    struct run_file f;
    struct orphans o = {.j = j, .fn = fn, .arg = arg, .e = e};
    bool ok = walk_begin(&w, j, e);
    if (!ok)
        return false;
    while (ok && walk_next(&w, &f)) {
        ok = one_file(&o, &w, &f);
        run_drop(&f);
    }
    walk_end(&w);
    if (ok)
        j->parked = o.parked;
    return ok;
}
