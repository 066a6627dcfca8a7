/* run_file.c: one file of the run folder: made, opened, locked, sealed. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uuid/uuid.h>

#include "worker/worker_imp.h"

static const char run_magic[8] = "facteur";
static const char run_suffix[] = ".run", parked_suffix[] = ".parked";

enum {
    STUCK_MIN_MS = 15000, /* a server may let one wait longer than a short lease */
    SEALED_ONLY = 01000,  /* the mode's sticky bit marks a file that others could write */
};

/* === the journal === */

static void derive_key(struct journal *j, struct str app_key)
{
    static const char use[] = "facteur: run folder";
    unsigned len = RUN_SEAL;
    if (app_key.len == 0 || j->keys_len == RUN_KEYS)
        return;
    HMAC(EVP_sha256(), app_key.ptr, (int)app_key.len, (const uint8_t *)use,
         sizeof(use) - 1, j->keys[j->keys_len++], &len);
}

/* derive_keys: an app without a key has no seals; one whose key cannot be evaluated
 * likewise. */
static void derive_keys(struct journal *j)
{
    struct error ignored = {0};
    struct str key;
    if (app_config_string(j->app, "app.key", S(""), &key, &ignored))
        derive_key(j, key);
    const struct php_value *before = app_config(j->app, "app.previous_keys");
    if (j->keys_len == 0 || !before || before->type != PHP_ARRAY)
        return;
    for (size_t i = 0; i < before->a->len; i++)
        if (before->a->at[i].value.type == PHP_STRING)
            derive_key(j, before->a->at[i].value.s);
}

static void put_name(char out[static RUN_NAME], struct str name)
{
    memset(out, 0, RUN_NAME);
    memcpy(out, name.ptr, name.len < RUN_NAME ? name.len : RUN_NAME - 1);
}

bool journal_open(struct journal *j, struct app *app, const struct queue_settings *q,
                  const struct retry_rules *rules, struct error *e)
{
    struct str database = q->db_connection;
    *j = (struct journal){.app = app, .retry_after = q->retry_after, .rules = *rules};
    if (!database.len &&
        !app_config_string(app, "database.default", S("mysql"), &database, e))
        return false;
    put_name(j->connection, q->connection);
    put_name(j->database, database);
    put_name(j->table, q->table);
    derive_keys(j);
    return true;
}

void journal_close(struct journal *j)
{
    OPENSSL_cleanse(j->keys, sizeof(j->keys));
    j->keys_len = 0;
}

/* === the folder === */

static void say(const struct journal *j, struct arena *tmp, const char *path,
                const char *text)
{
    if (j->say)
        j->say(j->arg, str_fmt(tmp, "%s %s", path, text));
}

/* storage_owner: whom files belong to that root writes here. */
static uid_t storage_owner(const struct journal *j, struct arena *tmp, gid_t *group)
{
    struct stat st;
    *group = getegid();
    if (geteuid() != 0 || stat(app_storage(j->app, tmp, ""), &st) != 0)
        return geteuid();
    *group = st.st_gid;
    return st.st_uid;
}

/* is_ours: a file counts when it is ours, or for root the one's whom storage/ belongs to.
 */
static bool is_ours(const struct journal *j, uid_t owner, struct arena *tmp)
{
    gid_t group;
    return owner == geteuid() ||
           (geteuid() == 0 && owner == storage_owner(j, tmp, &group));
}

/* cannot_make says why a folder could not be made, by errno. */
static bool cannot_make(const char *path, struct error *e)
{
    char parent[4096];
    snprintf(parent, sizeof(parent), "%s", path);
    char *slash = strrchr(parent, '/');
    if (errno != EACCES || !slash)
        return err_set(e, ERR_FATAL, "%s: cannot make the folder: %s", path,
                       strerror(errno));
    *slash = '\0';
    return file_denied(parent, "make a folder in", "w", e);
}

static bool make_folder(const struct journal *j, const char *path, mode_t mode,
                        struct arena *tmp, struct error *e)
{
    gid_t group;
    if (mkdir(path, mode) != 0)
        return errno == EEXIST || cannot_make(path, e);
    uid_t owner = storage_owner(j, tmp, &group);
    if (owner != geteuid() && lchown(path, owner, group) != 0)
        return err_set(e, ERR_FATAL, "%s: cannot give the folder to user %u: %s", path,
                       owner, strerror(errno));
    return true;
}

static bool not_ours(const char *path, uid_t uid, struct error *e)
{
    char owner[64], me[64];
    return err_set(e, ERR_FATAL,
                   "%s: belongs to %s, but facteur runs as %s; remove the folder or "
                   "run as its owner",
                   path, user_print(uid, owner, sizeof(owner)),
                   user_print(geteuid(), me, sizeof(me)));
}

/* check_folder: whoever writes here decides about jobs: it must be ours alone. */
static bool check_folder(const struct journal *j, int fd, const char *path,
                         struct arena *tmp, struct error *e)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return err_set(e, ERR_FATAL, "%s: %s", path, strerror(errno));
    if (!is_ours(j, st.st_uid, tmp))
        return not_ours(path, st.st_uid, e);
    if ((st.st_mode & 0077) == 0)
        return true;
    if (fchmod(fd, 0700) != 0)
        return err_set(e, ERR_FATAL, "%s: cannot set mode 0700: %s", path,
                       strerror(errno));
    if (st.st_mode & 0022)
        say(j, tmp, path, "could be written to by others; its mode is 0700 again");
    return true;
}

static int open_folder(const struct journal *j, const char *path, struct arena *tmp,
                       struct error *e)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        int why = errno;
        struct stat st;
        if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && !is_ours(j, st.st_uid, tmp))
            not_ours(path, st.st_uid, e);
        else
            err_set(e, ERR_FATAL, "%s: not a folder that can be opened: %s", path,
                    strerror(why));
        return -1;
    }
    if (check_folder(j, fd, path, tmp, e))
        return fd;
    close(fd);
    return -1;
}

int run_folder(const struct journal *j, char path[static 4096], struct error *e)
{
    struct arena tmp = arena_open(1 << 20);
    int fd = -1;
    snprintf(path, 4096, "%s", app_storage(j->app, &tmp, "framework/facteur"));
    if (make_folder(j, app_storage(j->app, &tmp, "framework"), 0755, &tmp, e) &&
        make_folder(j, path, 0700, &tmp, e))
        fd = open_folder(j, path, &tmp, e);
    arena_close(&tmp);
    return fd;
}

/* === locks: fcntl's, of an open file description === */

static bool lock_range(int fd, short type, off_t from, off_t len)
{
    struct flock l = {
        .l_type = type, .l_whence = SEEK_SET, .l_start = from, .l_len = len};
    return fcntl(fd, F_OFD_SETLK, &l) == 0;
}

static bool is_locked(int fd, off_t from, off_t len)
{
    struct flock l = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = from, .l_len = len};
    return fcntl(fd, F_OFD_GETLK, &l) != 0 || l.l_type != F_UNLCK;
}

/* The version before locks its files as a whole, with flock. */
static bool is_before(const struct run_file *f)
{
    return f->form == &run_form_before;
}

static off_t record_at(const struct run_file *f, size_t at)
{
    return (off_t)(f->form->head + at * f->form->slot);
}

bool run_master_lives(const struct run_file *f)
{
    if (is_before(f))
        return flock(f->fd, LOCK_EX | LOCK_NB) != 0;
    return is_locked(f->fd, 0, (off_t)f->form->head);
}

bool run_slot_lives(const struct run_file *f, size_t at)
{
    if (is_before(f))
        return run_master_lives(f);
    return is_locked(f->fd, record_at(f, at), (off_t)f->form->slot);
}

bool run_take(const struct run_file *f, size_t at)
{
    if (is_before(f))
        return !run_master_lives(f);
    return lock_range(f->fd, F_WRLCK, record_at(f, at), (off_t)f->form->slot);
}

void run_give(const struct run_file *f, size_t at)
{
    if (!is_before(f))
        lock_range(f->fd, F_UNLCK, record_at(f, at), (off_t)f->form->slot);
}

bool run_leave(struct run_file *f, struct error *e)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", f->fd);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return err_set(e, ERR_FATAL, "%s: cannot be opened again: %s", f->path,
                       strerror(errno));
    /* A mapping keeps what it was made from open, and so its locks. */
    if (mmap(f->map, f->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) ==
        MAP_FAILED) {
        close(fd);
        return err_set(e, ERR_FATAL, "%s: cannot map: %s", f->path, strerror(errno));
    }
    close(f->fd);
    f->fd = fd;
    return true;
}

/* === seals === */

/* digest is what all seals of a file begin with: its name and the sealed part of its
 * head. */
static void take_digest(struct run_file *f)
{
    struct {
        char name[64];
        char head[offsetof(struct run_head, tickets)];
    } sealed = {0};
    const char *name = strrchr(f->path, '/');
    snprintf(sealed.name, sizeof(sealed.name), "%s", name ? name + 1 : f->path);
    memcpy(sealed.head, f->head, sizeof(sealed.head));
    SHA256((const uint8_t *)&sealed, sizeof(sealed), f->digest);
}

static void make_seal(const struct run_file *f, const struct run_record *r, size_t at,
                      size_t key, uint8_t out[static RUN_SEAL])
{
    struct {
        uint8_t digest[RUN_SEAL];
        uint64_t at;
        struct run_record record;
    } sealed = {.at = at, .record = *r};
    unsigned len = RUN_SEAL;
    memcpy(sealed.digest, f->digest, RUN_SEAL);
    HMAC(EVP_sha256(), f->journal->keys[key], RUN_SEAL, (const uint8_t *)&sealed,
         sizeof(sealed), out, &len);
}

bool run_believed(const struct run_file *f, size_t at)
{
    uint8_t seal[RUN_SEAL];
    if (!f->sealed_only)
        return true;
    for (size_t key = 0; f->slots && key < f->journal->keys_len; key++) {
        make_seal(f, &f->slots[at].record, at, key, seal);
        if (CRYPTO_memcmp(seal, f->slots[at].seal, RUN_SEAL) == 0)
            return true;
    }
    return false;
}

/* === making a file === */

static bool map_file(struct run_file *f)
{
    void *at = mmap(NULL, f->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, f->fd, 0);
    f->map = at == MAP_FAILED ? NULL : at;
    return f->map != NULL;
}

static void point(struct run_file *f, size_t slots)
{
    f->head = (struct run_head *)(void *)f->map;
    f->slots = (struct run_slot *)(f->head + 1);
    f->text.ptr = (const char *)(f->slots + slots);
    f->text.len = f->bytes - (size_t)(f->text.ptr - f->map);
}

/* read_small reads a file of /proc, whose first line is all that counts. */
static bool read_small(const char *path, char *out, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, out, size - 1);
    if (fd >= 0)
        close(fd);
    out[n > 0 ? n : 0] = '\0';
    out[strcspn(out, "\n")] = '\0';
    return n > 0;
}

int64_t run_born(pid_t pid)
{
    char path[64], text[1024];
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    if (!read_small(path, text, sizeof(text)))
        return -1;
    /* The name stands in brackets, and may hold any character. */
    char *at = strrchr(text, ')');
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    int64_t born;
    return at && str_to_i64(str_cut(str_from(at + 1), ' ').head, &born) ? born : -1;
}

static void fill_head(struct run_file *f, int slots)
{
    const struct journal *j = f->journal;
    struct run_head *h = f->head;
    struct stat ns;
    memcpy(h->magic, run_magic, sizeof(h->magic));
    h->version = RUN_VERSION;
    h->slots = (uint32_t)slots;
    h->head_bytes = sizeof(struct run_head);
    h->slot_bytes = sizeof(struct run_slot);
    memcpy(h->connection, j->connection, RUN_NAME);
    memcpy(h->database, j->database, RUN_NAME);
    memcpy(h->table, j->table, RUN_NAME);
    if (!read_small("/proc/sys/kernel/random/boot_id", h->boot, sizeof(h->boot)))
        h->boot[0] = '\0';
    if (stat("/proc/self/ns/pid", &ns) == 0) {
        h->ns_dev = ns.st_dev;
        h->ns_ino = ns.st_ino;
    }
    h->started_at = clock_unix();
    h->master_pid = getpid();
    h->tries = j->rules.tries;
    snprintf(h->backoff, sizeof(h->backoff), "%.*s", STR_ARG(j->rules.backoff));
}

/* give_room takes the file's blocks now: a disk that is full would else end the process
 * when a record is written. */
static bool give_room(struct run_file *f, int folder, const char *fresh, struct error *e)
{
    struct arena tmp = arena_open(64 << 10);
    gid_t group;
    uid_t owner = storage_owner(f->journal, &tmp, &group);
    int failed = posix_fallocate(f->fd, 0, (off_t)f->bytes);
    arena_close(&tmp);
    if (failed)
        err_set(e, ERR_FATAL, "%s: no room for %zu bytes: %s", f->path, f->bytes,
                strerror(failed));
    else if (owner != geteuid() && fchown(f->fd, owner, group) != 0)
        err_set(e, ERR_FATAL, "%s: cannot be given to user %u: %s", f->path, owner,
                strerror(errno));
    else if (!lock_range(f->fd, F_WRLCK, 0, (off_t)f->form->head))
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
    take_digest(f);
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
    *f = (struct run_file){.fd = -1, .journal = j, .form = &run_form_now};
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

static void name_fresh(struct making *m, char name[static 37])
{
    uuid_t id;
    uuid_generate_random(id);
    uuid_unparse_lower(id, name);
    snprintf(m->fresh, sizeof(m->fresh), "%s.new", name);
}

bool run_create(struct run_file *f, const struct journal *j, int slots, struct error *e)
{
    struct making m = {.slots = slots};
    char name[37];
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
    char name[37], begins[256];
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
static bool check_file(struct run_file *f, struct arena *tmp)
{
    struct stat st;
    const struct journal *j = f->journal;
    if (fstat(f->fd, &st) != 0 || st.st_nlink == 0) /* removed meanwhile */
        return false;
    if (!S_ISREG(st.st_mode) || st.st_nlink > 1) {
        say(j, tmp, f->path, "is no plain file of one name: it is not read");
        return false;
    }
    f->bytes = (size_t)st.st_size;
    if (!is_ours(j, st.st_uid, tmp)) {
        char owner[64];
        say(j, tmp, f->path,
            str_z(tmp, str_fmt(tmp, "belongs to %s: it is not read",
                               user_print(st.st_uid, owner, sizeof(owner)))));
        return false;
    }
    f->sealed_only = st.st_mode & (SEALED_ONLY | 0022);
    return true;
}

static void mend_mode(struct run_file *f, struct arena *tmp)
{
    struct stat st;
    if (fstat(f->fd, &st) != 0 || !(st.st_mode & 0077) || is_before(f))
        return;
    mode_t mode = f->sealed_only ? SEALED_ONLY | 0600 : 0600;
    if (fchmod(f->fd, mode) == 0 && st.st_mode & 0022)
        say(f->journal, tmp, f->path,
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
    take_digest(f);
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

/* read_form: of a damaged file that held a parked job the name is left. */
static bool read_form(struct run_file *f, struct arena *tmp)
{
    if (f->bytes > 0 && map_file(f) && find_form(f) && is_sound(f))
        return true;
    f->damaged = f->parked;
    f->form = NULL;
    if (!f->parked)
        say(f->journal, tmp, f->path, "is no run file, or damaged: it is not read");
    return f->damaged;
}

bool run_open(struct run_file *f, const struct journal *j, int folder, const char *path,
              const char *name)
{
    struct arena tmp = arena_open(1 << 20);
    *f = (struct run_file){.journal = j,
                           .parked = str_ends(str_from(name), str_from(parked_suffix))};
    snprintf(f->path, sizeof(f->path), "%s/%s", path, name);
    f->fd = openat(folder, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (f->fd < 0 && errno != ENOENT)
        say(j, &tmp, f->path, "cannot be opened: it is not read");
    bool ok = f->fd >= 0 && check_file(f, &tmp) && read_form(f, &tmp);
    if (ok && !f->damaged)
        mend_mode(f, &tmp);
    else
        run_drop(f);
    arena_close(&tmp);
    return ok;
}

size_t run_slots(const struct run_file *f)
{
    return ((const struct run_head *)(const void *)f->map)->slots;
}

/* === records === */

int32_t run_phase_of(const struct run_slot *slot)
{
    return __atomic_load_n(&slot->record.phase, __ATOMIC_SEQ_CST);
}

static void write_now(struct run_hold *h)
{
    struct run_slot *slot = &h->file->slots[h->at];
    struct run_record fresh = h->now;
    fresh.phase = run_phase_of(slot);
    memcpy(&slot->record, &fresh, sizeof(fresh));
    __atomic_store_n(&slot->record.phase, h->now.phase, __ATOMIC_SEQ_CST);
    if (h->file->journal->keys_len)
        make_seal(h->file, &h->now, h->at, 0, slot->seal);
}

static bool read_now(const struct run_file *f, size_t at, struct run_hold *h)
{
    const struct run_slot *slot = &f->slots[at];
    h->now = slot->record;
    h->dead = true;
    h->tries = f->head->tries;
    snprintf(h->backoff, sizeof(h->backoff), "%.*s",
             (int)strnlen(f->head->backoff, sizeof(f->head->backoff)), f->head->backoff);
    if (!f->sealed_only) { /* what the master notes is not sealed */
        h->dead = !atomic_load(&slot->let_go);
        h->timed_out = atomic_load(&slot->timed_out);
        h->timeout = slot->timeout;
        snprintf(h->cause, CAUSE_MAX, "%.*s", (int)strnlen(slot->cause, CAUSE_MAX),
                 slot->cause);
    }
    return h->now.phase > PHASE_IDLE && h->now.phase < PHASES;
}

static bool ours_now(const struct run_file *f, const struct journal *j)
{
    return strncmp(f->head->database, j->database, RUN_NAME) == 0 &&
           strncmp(f->head->table, j->table, RUN_NAME) == 0;
}

const struct run_form run_form_now = {
    .head = sizeof(struct run_head),
    .slot = sizeof(struct run_slot),
    .read = read_now,
    .write = write_now,
    .ours = ours_now,
    .has_mark = true,
};

void run_publish(struct run_hold *h)
{
    h->file->form->write(h);
}

void run_adopt(struct run_hold *h, struct run_file *f, size_t at)
{
    *h = (struct run_hold){.file = f, .at = at};
    (void)read_now(f, at, h);
}

void run_beat(struct run_slot *slot)
{
    atomic_store(&slot->beat_ms, clock_mono_ms());
}

bool run_stuck(const struct journal *j, const struct run_slot *slot, int64_t awake_ms)
{
    int64_t beat = atomic_load(&slot->beat_ms), limit = STUCK_MIN_MS;
    /* Up to there nothing is committed: who waits for the server holds nobody up. */
    if (run_phase_of(slot) <= PHASE_CLAIM)
        return false;
    if (j->retry_after > limit / 1000)
        limit = j->retry_after < INT64_MAX / 1000 ? j->retry_after * 1000 : INT64_MAX;
    return clock_mono_ms() - (beat > awake_ms ? beat : awake_ms) >= limit;
}

bool run_hangs(const struct run_slot *slot, int64_t since_ms)
{
    int32_t phase = run_phase_of(slot);
    return (phase <= PHASE_CLAIM || phase == PHASE_SENT) &&
           atomic_load(&slot->beat_ms) < since_ms;
}

void run_stop(struct run_file *f, enum stop_reason why)
{
    int32_t none = STOP_NONE;
    atomic_compare_exchange_strong(&f->head->stopped, &none, (int32_t)why);
}

bool run_said(struct run_file *f, struct str text)
{
    uint64_t hash = str_hash(text) | 1;
    for (size_t i = 0; i < SAID_MAX; i++) {
        uint64_t there = 0;
        if (atomic_compare_exchange_strong(&f->head->said[i], &there, hash))
            return true;
        if (there == hash)
            return false;
    }
    return false;
}
