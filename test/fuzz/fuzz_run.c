/* fuzz_run: any bytes are a file of the run folder: of this version, the one
 * before, an unknown one, or a parked job's; as they come, and behind a head
 * that is right. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/run_imp.h"
#include "worker/worker_imp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PARKED = 1, HEAD = 2, WIDE = 4, BEFORE = 8, IDLE = 16, FILE_MAX = 1 << 16 };

static struct app *app;
static struct arena texts;
static struct journal journal;
static char dir[] = "build/house-XXXXXX", path[256];
static int flags;

static void close_house(void)
{
    char at[256];
    arena_close(&texts);
    app_close(app);
    const char *const parts[] = {"storage/framework/facteur", "storage/framework",
                                 "storage/logs", "storage", "bootstrap"};
    snprintf(at, sizeof(at), "%s/artisan", dir);
    unlink(at);
    for (size_t i = 0; i < COUNT(parts); i++) {
        snprintf(at, sizeof(at), "%s/%s", dir, parts[i]);
        rmdir(at);
    }
    rmdir(dir);
}

static void make_folder(void)
{
    char at[256];
    const char *const parts[] = {"bootstrap", "storage", "storage/logs",
                                 "storage/framework", "storage/framework/facteur"};
    if (!mkdtemp(dir))
        abort();
    for (size_t i = 0; i < COUNT(parts); i++) {
        snprintf(at, sizeof(at), "%s/%s", dir, parts[i]);
        if (mkdir(at, 0700) != 0)
            abort();
    }
    snprintf(at, sizeof(at), "%s/artisan", dir);
    close(open(at, O_CREAT | O_WRONLY, 0600));
    atexit(close_house);
}

static void open_journal(void)
{
    struct error e = {0};
    struct run_place place = {.connection = S("database"),
                              .database = S("mysql"),
                              .table = S("jobs"),
                              .retry_after = 60,
                              .tries = 3,
                              .backoff = S("1")};
    make_folder();
    struct app_options o = {.dir = dir};
    app = app_open(&o, &e);
    if (!app || !journal_open(&journal, app, &place, &e) ||
        !run_key_add(&journal, S("a key"), &e))
        abort();
}

/* Whoever settles gets what makes sense, and texts that end. */
static bool on_orphan(void *arg, struct run_hold *h, struct error *e)
{
    struct arena *a = arg;
    struct job_failure f;
    struct str exception;
    if (h->now.phase <= PHASE_IDLE || h->now.phase >= PHASES || (flags & WIDE))
        abort();
    if (memchr(h->cause, 0, sizeof(h->cause)) == NULL ||
        memchr(h->backoff, 0, sizeof(h->backoff)) == NULL)
        abort();
    if (h->file->parked) {
        parked_failure(h, a, &f, &exception);
        if (!f.last || f.message.len > FILE_MAX || exception.len > FILE_MAX)
            abort();
    }
    (void)parked_rests(h);
    if (!(flags & IDLE))
        return err_set(e, ERR_AGAIN, "a lock wait");
    h->now.phase = PHASE_IDLE;
    run_publish(h);
    return true;
}

static bool on_view(void *arg, const struct run_view *v)
{
    (void)arg;
    if (v->head && (v->at >= v->head->slots || !v->slot))
        abort();
    return true;
}

static void write_file(const uint8_t *data, size_t size)
{
    static struct run_head head = {.magic = "facteur",
                                   .slots = 2,
                                   .head_bytes = sizeof(struct run_head),
                                   .slot_bytes = sizeof(struct run_slot),
                                   .connection = "database",
                                   .database = "mysql",
                                   .table = "jobs"};
    int fd = open(path, O_CREAT | O_TRUNC | O_RDWR, 0600);
    head.version = flags & BEFORE ? RUN_BEFORE : RUN_VERSION;
    bool ok = fd >= 0;
    if (ok && flags & HEAD)
        ok = write(fd, &head, sizeof(head)) == sizeof(head);
    ok = ok && write(fd, data, size) == (ssize_t)size;
    if (ok && flags & BEFORE) /* its records stand elsewhere: give it their room */
        ok = ftruncate(fd, 16384) == 0;
    if (!ok || fchmod(fd, flags & WIDE ? 0664 : 0600) != 0)
        abort();
    close(fd);
}

static const char *folder(void)
{
    static char at[256];
    snprintf(at, sizeof(at), "%s/storage/framework/facteur", dir);
    return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error e = {0};
    if (!app) {
        open_journal();
        texts = arena_open(16 << 20);
    }
    if (size == 0 || size > FILE_MAX)
        return 0;
    flags = data[0];
    snprintf(path, sizeof(path), "%s/x.%s", folder(), flags & PARKED ? "parked" : "run");
    write_file(data + 1, size - 1);
    if (!run_each(folder(), on_view, NULL, &e))
        abort();
    for (int64_t id = 0; id < 3; id++)
        (void)journal_ask(&journal, id, 0);
    if (!journal_orphans(&journal, on_orphan, &texts, &e))
        abort();
    unlink(path);
    arena_reset(&texts);
    return 0;
}
