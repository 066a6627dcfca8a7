/* boot_names.c: which settings, names of the container and events letters use. */
#include "app/app_imp.h"

bool boot_any_of(struct str name, const char *words)
{
    struct cut word = str_cut(str_from(words), ' ');
    for (; word.head.len; word = str_cut(word.tail, ' '))
        if (str_ieq(name, word.head))
            return true;
    return false;
}

static bool starts_with_any(struct str name, const char *const *starts)
{
    for (; *starts; starts++)
        if (str_ieq(str_sub(name, 0, strlen(*starts)), str_from(*starts)))
            return true;
    return false;
}

/* === settings === */

bool app_boot_setting_free(struct str path)
{
    static const char used[] =
        "app cache database logging mail queue view dompdf filesystems";
    return !boot_any_of(str_cut(path, '.').head, used);
}

bool boot_is_setting_used(struct str path)
{
    static const char *const used[] = {"app.timezone", "app.locale",    "app.env",
                                       "view",         "app.providers", NULL};
    return starts_with_any(path, used);
}

/* === what is bound in the container === */

/* The framework's own names, and dompdf's: whoever binds one changes what letters use. */
static const char container[] =
    "app blade.compiler cache cache.store cache.psr6 config db db.connection db.schema "
    "db.factory db.transactions encrypter events files filesystem filesystem.disk "
    "filesystem.cloud log mail.manager mailer markdown queue queue.connection "
    "queue.failer queue.worker queue.listener redis redis.connection translator "
    "translation.loader view view.finder view.engine.resolver dompdf dompdf.wrapper "
    "dompdf.options snappy.pdf swift.mailer swift.transport composer date";

bool boot_is_abstract_free(struct str name)
{
    static const char *const taken[] = {"Illuminate\\", "Barryvdh\\", "Dompdf\\",
                                        "Symfony\\",    "Carbon\\",   "Monolog\\",
                                        "Swift_",       "Swift\\",    NULL};
    static const char *const kernels[] = {
        "Illuminate\\Contracts\\Http\\Kernel",
        "Illuminate\\Contracts\\Console\\Kernel",
        "Illuminate\\Contracts\\Debug\\ExceptionHandler",
        "Illuminate\\Routing\\",
        "Illuminate\\Contracts\\Auth\\",
        "Illuminate\\Auth\\",
        "Illuminate\\Contracts\\Routing\\",
        "Illuminate\\Session\\",
        NULL};
    if (!name.len)
        return false;
    return starts_with_any(name, kernels) ||
           (!starts_with_any(name, taken) && !boot_any_of(name, container));
}

/* === events === */

bool boot_is_event_free(struct str name)
{
    static const char *const free[] = {"Illuminate\\Auth\\",
                                       "App\\",
                                       "Laravel\\",
                                       "Illuminate\\Routing\\",
                                       "Illuminate\\Http\\",
                                       "Illuminate\\Console\\Events\\Scheduled",
                                       "Illuminate\\Database\\Events\\Migration",
                                       NULL};
    return !str_has(name, S("*")) && starts_with_any(name, free);
}
