/* content.c: what a job's payload holds, read once: by whoever takes the job, or settles
 * it for a process that is gone.
 *
 * No row is asked for, and none of it fails: what cannot be read, or is only PHP's to
 * read, stands in what was read, for whoever needs it.
 */
#include "jobs/jobs_imp.h"

static struct str string_prop(const struct php_object *o, const char *name)
{
    const struct php_value *v = php_prop(o, str_from(name));
    return v && v->type == PHP_STRING ? v->s : S("");
}

/* refuse_middleware names the file, too, where the class is the app's. */
static bool refuse_middleware(struct str name, struct arena *perm, struct error *e)
{
    bool ours = str_starts(name, S("App\\"));
    return err_set(e, ERR_UNSUPPORTED, "has middleware (%.*s%s%s)", STR_ARG(name),
                   ours ? ", " : "", ours ? job_source_path(perm, name) : "");
}

/* read_middleware knows what does nothing, or skips. */
static bool read_middleware(const struct php_object *command, struct arena *perm,
                            struct job_content *c, struct error *e)
{
    const struct php_value *list = php_prop(command, S("middleware"));
    for (size_t i = 0; list && list->type == PHP_ARRAY && i < list->a->len; i++) {
        struct php_value v = php_deref(list->a->at[i].value);
        struct str name = v.type == PHP_OBJECT ? v.o->class_name : S("?");
        const struct php_value *skip =
            v.type == PHP_OBJECT ? php_prop(v.o, S("skip")) : NULL;
        if (str_eq(name, S("Illuminate\\Queue\\Middleware\\SkipIfBatchCancelled")))
            c->skips_cancelled = true;
        else if (str_eq(name, S("Illuminate\\Queue\\Middleware\\Skip")) && skip)
            c->skips = c->skips || php_truthy(*skip);
        else
            return refuse_middleware(name, perm, e);
    }
    return true;
}

/* holds_models: PHP restores them first, and may find them missing. */
static bool holds_models(const struct php_object *o)
{
    for (size_t i = 0; i < o->props->len; i++) {
        struct php_value v = php_deref(o->props->at[i].value);
        if (v.type == PHP_OBJECT &&
            str_eq(v.o->class_name,
                   S("Illuminate\\Contracts\\Database\\ModelIdentifier")))
            return true;
    }
    return false;
}

/* read_command reads what the command, its class and the context tell together. */
static bool read_command(struct jobs *js, const struct dispatched *d, bool context_known,
                         struct arena *perm, struct job_content *c, struct error *e)
{
    if (d->source->batchable)
        c->batch_id = string_prop(c->command, "batchId");
    if (!c->batch_id.len && d->source->wants_batch)
        return err_set(e, ERR_UNSUPPORTED, "has no batch, which its handle() asks for");
    if (holds_models(c->command))
        return err_set(e, ERR_UNSUPPORTED, "carries models");
    if (!context_known)
        return err_set(e, ERR_UNSUPPORTED, "has a log context that only PHP can read");
    return read_middleware(c->command, perm, c, e) &&
           unique_plan(js, d, perm, &c->lock, e) && chain_plan(js, d, perm, &c->chain, e);
}

struct job_content *content_read(struct jobs *js, const struct queue_job *j,
                                 struct arena *perm)
{
    const struct class_state *class = &js->classes[j->class_index];
    struct job_content *c = NEW(perm, struct job_content, 1);
    c->stamp = class->stamp;
    bool known = context_read(js, &j->payload, perm, &c->context);
    if (!command_object(js, &j->payload, perm, &c->command, &c->undecodable))
        return c;
    struct dispatched d = {&class->source, &j->payload, c->command};
    if (!read_command(js, &d, known, perm, c, &c->error))
        c->chain.table = NULL;
    return c;
}

bool job_command(const struct job_run *r, const struct php_object **out, struct error *e)
{
    *out = r->content->command;
    if (!*out)
        *e = r->content->undecodable;
    return *out != NULL;
}
