/* file.c: one file of the run folder: made, and opened. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/run_imp.h"

static const char run_magic[8] = "facteur";
static const char run_suffix[] = ".run", parked_suffix[] = ".parked";

/* The mode's sticky bit marks a file that others could write. */
enum { SEALED_ONLY = 01000 };

/* === making a file === */

static bool map_file(struct run_file *f)
{
    int rights = f->read_only ? PROT_READ : PROT_READ | PROT_WRITE;
    void *at = mmap(NULL, f->bytes, rights, MAP_SHARED, f->fd, 0);
    f->map = at == MAP_FAILED ? NULL : at;
    return f->map != NULL;
}

static void point(struct run_file *f, size_t slots)
{
    f->head = (struct run_head *)(void *)f->map;
    f->slots = (struct run_slot *)(f->head + 1);
    f->workers = f->parked ? slots : slots / 2;
    f->text.ptr = (const char *)(f->slots + slots);
    f->text.len = f->bytes - (size_t)(f->text.ptr - f->map);
}

static void fill_head(struct run_file *f, int slots)
{
    const struct journal *j = f->journal;
    struct run_head *h = f->head;
    memcpy(h->magic, run_magic, sizeof(h->magic));
    h->version = RUN_VERSION;
    h->slots = (uint32_t)slots;
    h->head_bytes = sizeof(struct run_head);
    h->slot_bytes = sizeof(struct run_slot);
    memcpy(h->connection, j->connection, RUN_NAME);
    memcpy(h->database, j->database, RUN_NAME);
    memcpy(h->table, j->table, RUN_NAME);
    h->host = run_here();
    h->started_at = clock_unix();
    h->master_pid = getpid();
    h->tries = j->tries;
    snprintf(h->backoff, sizeof(h->backoff), "%.*s", STR_ARG(j->backoff));
}

/* give_room takes the file's blocks now: a disk that is full would else end the process
 * when a record is written. */
static bool give_room(struct run_file *f, int folder, const char *fresh, struct error *e)
{
    struct file_owner to = app_owner(f->journal->app);
    int failed = posix_fallocate(f->fd, 0, (off_t)f->bytes);
    if (failed)
        err_set(e, ERR_FATAL, "%s: no room for %zu bytes: %s", f->path, f->bytes,
                strerror(failed));
    else if (to.other && fchown(f->fd, to.uid, to.gid) != 0)
        err_set(e, ERR_FATAL, "%s: cannot be given to user %u: %s", f->path, to.uid,
                strerror(errno));
    else if (!run_lock_head(f))
        err_set(e, ERR_FATAL, "%s: cannot be locked: %s", f->path, strerror(errno));
    else if (!map_file(f))
        err_set(e, ERR_FATAL, "%s: cannot map: %s", f->path, strerror(errno));
    if (e->kind == ERR_NONE)
        return true;
    unlinkat(folder, fresh, 0);
    return false;
}

/* What a new file is called, and holds. */
struct making {
    char fresh[512], final[512]; /* names in the folder */
    int slots;
    const struct run_record *record; /* of the only slot; NULL: none */
    struct str text;
};

static void fill(struct run_file *f, const struct making *m)
{
    point(f, (size_t)m->slots);
    fill_head(f, m->slots);
    run_digest(f);
    if (m->text.len)
        memcpy(f->map + f->bytes - m->text.len, m->text.ptr, m->text.len);
    struct run_hold h = {.file = f};
    if (m->record) {
        h.now = *m->record;
        run_publish(&h);
    }
}

static bool create_at(struct run_file *f, int folder, const struct making *m,
                      struct error *e)
{
    /* Under its own name it is locked already: nobody can take it for an orphan. */
    f->fd = openat(folder, m->fresh, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                   0600);
    if (f->fd < 0)
        return err_set(e, ERR_FATAL, "%s: cannot create: %s", f->path, strerror(errno));
    f->bytes = sizeof(struct run_head) + (size_t)m->slots * sizeof(struct run_slot) +
               m->text.len;
    if (!give_room(f, folder, m->fresh, e))
        return false;
    fill(f, m);
    bool lasts = m->record != NULL; /* others may be away for long */
    if ((!lasts || fsync(f->fd) == 0) &&
        renameat2(folder, m->fresh, folder, m->final, RENAME_NOREPLACE) == 0 &&
        (!lasts || fsync(folder) == 0))
        return true;
    err_set(e, ERR_FATAL, "%s: cannot be kept: %s", f->path, strerror(errno));
    unlinkat(folder, m->fresh, 0);
    return false;
}

static bool create(struct run_file *f, const struct journal *j, const struct making *m,
                   struct error *e)
{
    char path[4096];
    *f = (struct run_file){
        .fd = -1, .journal = j, .form = &run_form_now, .parked = m->record != NULL};
    int folder = run_folder(j, path, e);
    if (folder < 0)
        return false;
    snprintf(f->path, sizeof(f->path), "%s/%s", path, m->final);
    bool ok = create_at(f, folder, m, e);
    close(folder);
    if (!ok)
        run_drop(f);
    return ok;
}

static void name_fresh(struct making *m, char name[static UUID_TEXT])
{
    uuid_new(name);
    snprintf(m->fresh, sizeof(m->fresh), "%s.new", name);
}

bool run_create(struct run_file *f, const struct journal *j, int workers, struct error *e)
{
    struct making m = {.slots = workers * 2};
    char name[UUID_TEXT];
    name_fresh(&m, name);
    snprintf(m.final, sizeof(m.final), "%s%s", name, run_suffix);
    return create(f, j, &m, e);
}

/* name_parked begins the name of a parked job's file. */
static void name_parked(const struct journal *j, int64_t id, char out[static 256])
{
    int n = snprintf(out, 256, "%s-%lld-", j->connection, (long long)id);
    for (int i = 0; i < n; i++)
        if (out[i] == '/' || out[i] == '.')
            out[i] = '_';
}

bool run_names(const struct run_file *f, const struct journal *j, int64_t id)
{
    char begins[256];
    name_parked(j, id, begins);
    return f->parked && str_starts(str_from(strrchr(f->path, '/') + 1), str_from(begins));
}

bool run_park(const struct journal *j, const struct run_record *r, struct str text,
              struct error *e)
{
    struct making m = {.slots = 1, .record = r, .text = text};
    struct run_file f;
    char name[UUID_TEXT], begins[256];
    name_fresh(&m, name);
    name_parked(j, r->id, begins);
    snprintf(m.final, sizeof(m.final), "%s%.8s%s", begins, name, parked_suffix);
    if (!create(&f, j, &m, e))
        return false;
    run_drop(&f);
    return true;
}

static bool holds_nothing(const struct run_file *f)
{
    for (size_t i = 0; i < f->head->slots; i++)
        if (run_phase_of(&f->slots[i]) != PHASE_IDLE)
            return false;
    return true;
}

void run_drop(struct run_file *f)
{
    if (f->map)
        munmap(f->map, f->bytes);
    if (f->fd >= 0)
        close(f->fd);
    f->map = NULL;
    f->fd = -1;
}

void run_close(struct run_file *f)
{
    if (f->map && holds_nothing(f))
        unlink(f->path);
    run_drop(f);
}

/* === opening one that is there === */

/* check_file says whether a file is to be read; a wider mode is mended, and leaves its
 * mark. One of the version before has no seals: its mode stays, and it is not believed.
 */
static bool check_file(struct run_file *f)
{
    struct stat st;
    const struct journal *j = f->journal;
    if (fstat(f->fd, &st) != 0 || st.st_nlink == 0) /* removed meanwhile */
        return false;
    if (!S_ISREG(st.st_mode) || st.st_nlink > 1) {
        run_tell(j, f->path, "is no plain file of one name: it is not read");
        return false;
    }
    f->bytes = (size_t)st.st_size;
    if (!run_is_ours(j, st.st_uid)) {
        char owner[64], text[128];
        snprintf(text, sizeof(text), "belongs to %s: it is not read",
                 user_print(st.st_uid, owner, sizeof(owner)));
        run_tell(j, f->path, text);
        return false;
    }
    f->sealed_only = st.st_mode & (SEALED_ONLY | 0022);
    return true;
}

static void mend_mode(struct run_file *f)
{
    struct stat st;
    if (fstat(f->fd, &st) != 0 || !(st.st_mode & 0077) || run_is_before(f))
        return;
    mode_t mode = f->sealed_only ? SEALED_ONLY | 0600 : 0600;
    if (fchmod(f->fd, mode) == 0 && st.st_mode & 0022)
        run_tell(
            f->journal, f->path,
            "could be written to by others: its mode is 0600 again, and its records are "
            "believed by their seals only");
}

static bool fits(const struct run_file *f, const struct run_form *form)
{
    const struct run_head *h = (const struct run_head *)(const void *)f->map;
    return f->bytes >= form->head && h->slots <= (f->bytes - form->head) / form->slot;
}

/* find_form: the version says how a file is read. form stays NULL for one that is not
 * known. false: it is no run file. */
static bool find_form(struct run_file *f)
{
    const struct run_head *h = (const struct run_head *)(const void *)f->map;
    if (f->bytes < offsetof(struct run_head, head_bytes) ||
        memcmp(h->magic, run_magic, sizeof(h->magic)) != 0)
        return false;
    if (h->version == RUN_BEFORE && fits(f, &run_form_before))
        f->form = &run_form_before;
    if (h->version != RUN_VERSION)
        return true;
    if (!fits(f, &run_form_now) || h->head_bytes != sizeof(struct run_head) ||
        h->slot_bytes != sizeof(struct run_slot))
        return false;
    f->form = &run_form_now;
    point(f, h->slots);
    run_digest(f);
    return true;
}

/* is_sound: a parked job's file has one record. */
static bool is_sound(const struct run_file *f)
{
    if (!f->parked || f->form != &run_form_now)
        return true;
    return run_slots(f) == 1 && run_phase_of(&f->slots[0]) >= PHASE_IDLE &&
           run_phase_of(&f->slots[0]) < PHASES;
}

bool run_read(struct run_file *f)
{
    if (f->bytes > 0 && map_file(f) && find_form(f) && is_sound(f))
        return true;
    f->damaged = f->parked;
    f->form = NULL;
    if (!f->parked)
        run_tell(f->journal, f->path, "is no run file, or damaged: it is not read");
    return f->damaged;
}

bool run_is_parked(const char *name)
{
    return str_ends(str_from(name), str_from(parked_suffix));
}

bool run_is_name(const char *name)
{
    return str_ends(str_from(name), str_from(run_suffix)) || run_is_parked(name);
}

bool run_open(struct run_file *f, const struct journal *j, int folder, const char *path,
              const char *name)
{
    *f = (struct run_file){.journal = j, .parked = run_is_parked(name)};
    snprintf(f->path, sizeof(f->path), "%s/%s", path, name);
    f->fd = openat(folder, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (f->fd < 0 && errno != ENOENT)
        run_tell(j, f->path, "cannot be opened: it is not read");
    bool ok = f->fd >= 0 && check_file(f) && run_read(f);
    if (ok && !f->damaged)
        mend_mode(f);
    else
        run_drop(f);
    return ok;
}

size_t run_slots(const struct run_file *f)
{
    return ((const struct run_head *)(const void *)f->map)->slots;
}
