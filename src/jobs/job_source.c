/* job_source.c: what the PHP of a job class declares, read without running it: its files,
 * and those of its traits and parents that are the app's. */
#include <errno.h>
#include <sys/stat.h>

#include "jobs/job_source_imp.h"

enum { FILES_MAX = 32 };

/* === traits, parents, interfaces === */

/* The properties of Illuminate\Bus\Queueable in their order; an older Laravel has none of
 * those in the middle. */
static const char queueable_8[] =
    "connection queue chainConnection chainQueue "
    "chainCatchCallbacks delay afterCommit middleware chained";
static const char queueable_11[] = "connection queue messageGroup deduplicator delay "
                                   "afterCommit middleware chained chainConnection "
                                   "chainQueue chainCatchCallbacks";

static const struct trait {
    const char *name;
    bool batchable, interacts, queueable, serializes;
    const char *properties; /* in PHP's order, before those of Queueable */
} traits[] = {
    {"Illuminate\\Bus\\Batchable", .batchable = true, .properties = "batchId fakeBatch"},
    {"Illuminate\\Queue\\InteractsWithQueue", .interacts = true, .properties = "job"},
    {"Illuminate\\Foundation\\Queue\\Queueable", .interacts = true, .queueable = true,
     .serializes = true, .properties = "job"},
    {"Illuminate\\Bus\\Queueable", .queueable = true, .properties = ""},
    {"Illuminate\\Foundation\\Bus\\Dispatchable", .properties = ""},
    {"Illuminate\\Queue\\SerializesModels", .serializes = true, .properties = ""},
};

static void read_source(struct reading *r, struct str relative, int line);

char *job_source_path(struct arena *perm, struct str class_name)
{
    struct str rest = str_skip(class_name, sizeof("App\\") - 1);
    struct str path = str_replace(perm, rest, S("\\"), S("/"));
    return str_z(perm, str_fmt(perm, "app/%.*s.php", STR_ARG(path)));
}

static void add_properties(struct reading *r, const char *names)
{
    struct cut word = str_cut(str_from(names), ' ');
    for (; word.head.len; word = str_cut(word.tail, ' '))
        VEC_PUSH(r->perm, &r->out->order, word.head);
}

static void add_trait(struct reading *r, const struct trait *t)
{
    struct job_source *s = r->out;
    s->batchable = s->batchable || t->batchable;
    s->interacts = s->interacts || t->interacts;
    s->queueable = s->queueable || t->queueable;
    s->serializes = s->serializes || t->serializes;
    add_properties(r, t->properties);
    if (t->queueable)
        add_properties(r,
                       app_laravel_major(r->js->o.app) < 11 ? queueable_8 : queueable_11);
}

static void on_base(void *arg, struct str name, int line)
{
    struct reading *r = arg;
    for (size_t i = 0; i < COUNT(traits); i++)
        if (str_ieq(name, str_from(traits[i].name))) {
            add_trait(r, &traits[i]);
            return;
        }
    if (str_starts(name, S("App\\")) && !str_has(name, S(".."))) {
        read_source(r, str_from(job_source_path(r->perm, name)), line);
        return;
    }
    struct use_place at = {r->file->file, line, 0};
    source_refuse(r, &at, name,
                  "what it adds to a job is not known; the class stays with PHP");
}

static void on_interface(void *arg, struct str name, int line)
{
    static const struct str space = {"Illuminate\\Contracts\\Queue\\", 27};
    struct reading *r = arg;
    struct job_source *s = r->out;
    struct str word = str_skip(name, str_starts(name, space) ? space.len : name.len);
    (void)line;
    s->odd = s->odd || !word.len;
    s->queued = s->queued || str_starts(word, S("ShouldQueue")); /* …AfterCommit is one */
    s->encrypted = s->encrypted || str_eq(word, S("ShouldBeEncrypted"));
    if (str_eq(word, S("ShouldBeUnique")) && s->unique == UNIQUE_NO)
        s->unique = UNIQUE_UNTIL_DONE;
    if (str_eq(word, S("ShouldBeUniqueUntilProcessing"))) {
        s->unique = UNIQUE_UNTIL_PROCESSING;
    }
}

/* read_source reads a file and, behind it, those of its bases. */
static void read_source(struct reading *r, struct str relative, int line)
{
    struct jobs *js = r->js;
    struct error e = {0};
    struct php_file f = {.file = str_z(r->perm, relative)};
    for (size_t i = 0; i < r->out->files.len; i++)
        if (strcmp(r->out->files.at[i].file, f.file) == 0)
            return;
    if (r->out->files.len == FILES_MAX ||
        !file_read(app_path(js->o.app, r->perm, f.file), SOURCE_MAX, r->perm, &f.source,
                   &e)) {
        struct use_place at = {r->file ? r->file->file : f.file, line, 0};
        struct str why = str_fmt(r->perm, "%s; the class stays with PHP",
                                 e.kind ? e.text : "too many files");
        source_refuse(r, &at, relative, str_z(r->perm, why));
        return;
    }
    f.source = php_source_clean(f.source, r->perm);
    VEC_PUSH(r->perm, &r->out->files, f);
    const struct php_file *outer = r->file;
    r->file = &f;
    if (!r->quiet) {
        f.source = php_source_code(f.source, r->perm);
        source_judge(r, &f);
    }
    php_source_interfaces(f.source, on_interface, r, r->perm);
    php_source_bases(f.source, on_base, r, r->perm);
    r->file = outer;
}

bool job_source_readable(struct app *app, struct str class_name, struct arena *perm,
                         struct error *e)
{
    return file_readable(app_path(app, perm, job_source_path(perm, class_name)), e);
}

bool job_source_load(struct jobs *js, const char *class_name, struct arena *perm,
                     struct job_source *out)
{
    bool there;
    struct error e = {0};
    struct reading r = {.js = js, .out = out, .perm = perm, .ok = true};
    *out = (struct job_source){.file = job_source_path(perm, str_from(class_name))};
    struct use_place at = {out->file, 0, 0};
    if (!file_exists(app_path(js->o.app, perm, out->file), &there, &e))
        return jobs_report(&js->o, &at, "%s", e.text);
    if (!there) {
        out->batchable = out->interacts = true; /* of a job that has a batch */
        return true;
    }
    read_source(&r, str_from(out->file), 0);
    return r.ok;
}

bool job_source_look(struct jobs *js, struct str class_name, struct arena *perm,
                     struct job_source *out)
{
    struct reading r = {.js = js, .out = out, .perm = perm, .quiet = true, .ok = true};
    *out = (struct job_source){.file = job_source_path(perm, class_name)};
    read_source(&r, str_from(out->file), 0);
    return r.ok && !out->odd;
}

/* === when it changes === */

void source_stamp(const struct app *app, const char *file, struct arena tmp,
                  uint64_t *stamp)
{
    struct stat st;
    if (stat(app_path(app, &tmp, file), &st) != 0)
        st = (struct stat){.st_size = -errno}; /* absent and unreadable are two states */
    struct str bytes = str_fmt(
        &tmp, "%llx %lld %lld.%ld %lld", (unsigned long long)*stamp, (long long)st.st_ino,
        (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (long long)st.st_size);
    *stamp = str_hash(bytes);
}

void job_source_stamp(struct jobs *js, struct str class_name, uint64_t *stamp)
{
    struct arena tmp = js->tmp;
    source_stamp(js->o.app, job_source_path(&tmp, class_name), tmp, stamp);
}
