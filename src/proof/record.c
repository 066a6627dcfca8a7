/* record.c: what was found equal, and of which state of the app that is true:
 * storage/framework/facteur/proven, a line of JSON and its seal.
 *
 * The seal is an HMAC under a key made of APP_KEY, as of the run folder: nobody else can
 * write one that is believed. The stamp is one too, since settings are in it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proof/proof_imp.h"

enum {
    DEPTH_MAX = 16,
    FILES_MAX = 50000,
    FILE_MAX = 64 << 20,
    RECORD_MAX = 16384,
    CONFIG_MAX = 16 << 20,
};

/* === hashing === */

struct stamping {
    struct app *app;
    EVP_MD_CTX *digest;
    struct arena *tmp;
    size_t files;
};

/* add hashes a name and what it stands for; lengths keep them apart. */
static void add(struct stamping *s, struct str name, struct str bytes)
{
    char head[64];
    int n = snprintf(head, sizeof(head), "%zu %zu ", name.len, bytes.len);
    EVP_DigestUpdate(s->digest, head, (size_t)n);
    EVP_DigestUpdate(s->digest, name.ptr, name.len);
    EVP_DigestUpdate(s->digest, bytes.ptr, bytes.len);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool add_file(struct stamping *s, const char *path, struct error *e)
{
    struct str bytes;
    char *mark = arena_mark(s->tmp);
    if (++s->files > FILES_MAX)
        return err_set(e, ERR_UNSUPPORTED, "there are more than %d files", FILES_MAX);
    if (!file_read(path, FILE_MAX, s->tmp, &bytes, e))
        return false;
    struct str name = str_from(path), base = app_base(s->app);
    add(s, str_starts(name, base) ? str_skip(name, base.len) : name, bytes);
    arena_release(s->tmp, mark);
    return true;
}

/* add_path hashes a file, or all that is below a folder; what is not there is nothing. */
static bool add_path(struct stamping *s, const char *path, int depth, struct error *e)
{
    struct stat st;
    struct dirent **names;
    if (stat(path, &st) != 0)
        return true;
    if (S_ISREG(st.st_mode))
        return add_file(s, path, e);
    if (!S_ISDIR(st.st_mode))
        return true;
    int len = depth < DEPTH_MAX ? scandir(path, &names, NULL, by_name) : -1;
    if (len < 0)
        return err_set(e, ERR_UNSUPPORTED, "%s cannot be listed", path);
    bool ok = true;
    for (int i = 0; i < len; i++) {
        const char *name = names[i]->d_name;
        char *mark = arena_mark(s->tmp);
        if (ok && strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
            ok = add_path(s, path_join(s->tmp, str_from(path), str_from(name)), depth + 1,
                          e);
        arena_release(s->tmp, mark);
        free(names[i]);
    }
    free(names);
    return ok;
}

static bool add_files(struct stamping *s, struct error *e)
{
    static const char *const paths[] = {
        "app",    "bootstrap", "config",
        "lang",   "resources", ".env",
        "routes", "artisan",   "vendor/composer/installed.json",
    };
    const struct php_value *views = app_config(s->app, "view.paths");
    char *fonts = app_storage(s->app, s->tmp, "fonts");
    for (size_t i = 0; i < COUNT(paths); i++)
        if (!add_path(s, app_path(s->app, s->tmp, paths[i]), 0, e))
            return false;
    for (size_t i = 0; views && views->type == PHP_ARRAY && i < views->a->len; i++) {
        struct php_value v = views->a->at[i].value;
        if (v.type == PHP_STRING && !add_path(s, str_z(s->tmp, v.s), 0, e))
            return false;
    }
    return add_path(s, fonts, 0, e) && add_path(s, "/proc/self/exe", 0, e);
}

/* add_settings hashes what .env and the environment have become. */
static void add_settings(struct stamping *s)
{
    static const char *const parts[] = {"app",     "cache", "database", "dompdf",
                                        "logging", "mail",  "queue",    "view"};
    for (size_t i = 0; i < COUNT(parts); i++) {
        struct error unknown = {0};
        const struct php_value *v = app_config(s->app, parts[i]);
        struct buf b = buf_new(s->tmp, CONFIG_MAX);
        if (v && !php_json(&b, *v, 0, &unknown))
            buf_fmt(&b, "%s", unknown.text);
        add(s, str_from(parts[i]), buf_str(&b));
    }
}

static void print_hex(const unsigned char *bytes, size_t len, char *out)
{
    for (size_t i = 0; i < len; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

/* keyed writes an HMAC under a key made of APP_KEY; false: there is none. */
static bool keyed(struct app *app, const char *purpose, struct str text,
                  char out[static PROOF_STAMP])
{
    unsigned char key[EVP_MAX_MD_SIZE], mac[EVP_MAX_MD_SIZE];
    unsigned key_len = 0, len = 0;
    struct error ignored = {0};
    struct str app_key;
    if (!app_config_string(app, "app.key", S(""), &app_key, &ignored) || !app_key.len)
        return false;
    bool ok = HMAC(EVP_sha256(), app_key.ptr, (int)app_key.len,
                   (const unsigned char *)purpose, strlen(purpose), key, &key_len) &&
              HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text.ptr,
                   text.len, mac, &len);
    OPENSSL_cleanse(key, sizeof(key));
    if (ok)
        print_hex(mac, len, out);
    return ok;
}

bool proof_stamp(struct app *app, struct arena tmp, char out[static PROOF_STAMP],
                 struct error *e)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    struct stamping s = {.app = app, .digest = EVP_MD_CTX_new(), .tmp = &tmp};
    bool ok = s.digest && EVP_DigestInit_ex(s.digest, EVP_sha256(), NULL) == 1;
    if (!ok)
        err_set(e, ERR_UNSUPPORTED, "OpenSSL has no SHA-256");
    ok = ok && add_files(&s, e);
    if (ok) {
        add_settings(&s);
        EVP_DigestFinal_ex(s.digest, digest, &len);
        ok = keyed(app, "facteur: stamp", (struct str){(char *)digest, len}, out) ||
             err_set(e, ERR_UNSUPPORTED, "the app has no key (APP_KEY)");
    }
    EVP_MD_CTX_free(s.digest);
    return ok;
}

/* === the file === */

static char *record_path(struct app *app, struct arena *perm)
{
    return app_storage(app, perm, "framework/facteur/proven");
}

static bool read_text(const char *path, char text[static RECORD_MAX], size_t *len)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t n = -1;
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1)
        n = read(fd, text, RECORD_MAX);
    if (fd >= 0)
        close(fd);
    *len = n > 0 ? (size_t)n : 0;
    return n > 0 && n < RECORD_MAX;
}

static struct str text_of(struct php_value v, const char *name)
{
    const struct php_value *at = v.type == PHP_ARRAY ? php_array_named(v.a, name) : NULL;
    return at && at->type == PHP_STRING ? at->s : S("");
}

static int64_t int_of(struct php_value v, const char *name)
{
    const struct php_value *at = v.type == PHP_ARRAY ? php_array_named(v.a, name) : NULL;
    return at && at->type == PHP_INT ? at->i : 0;
}

/* way_of finds a path, or makes room for it; NULL: there is none. */
static struct proof_way *way_of(struct proof_record *r, uint64_t path)
{
    for (size_t i = 0; i < r->len; i++)
        if (r->ways[i].path == path)
            return &r->ways[i];
    if (r->len == PROOF_WAYS)
        return NULL;
    r->ways[r->len] = (struct proof_way){.path = path};
    return &r->ways[r->len++];
}

void proof_record_add(struct proof_record *r, uint64_t path, int64_t letters)
{
    struct proof_way *way = way_of(r, path);
    if (way)
        way->letters = i64_add(way->letters, letters);
}

void proof_record_raise(struct proof_record *r, uint64_t path, int64_t letters)
{
    struct proof_way *way = way_of(r, path);
    if (way && way->letters < letters)
        way->letters = letters;
}

int64_t proof_record_letters(const struct proof_record *r)
{
    int64_t n = 0;
    for (size_t i = 0; i < r->len; i++)
        n = i64_add(n, r->ways[i].letters);
    return n;
}

/* read_ways reads {"x0123456789abcdef": 3, …}. */
static void read_ways(struct php_value v, struct proof_record *out)
{
    const struct php_value *ways =
        v.type == PHP_ARRAY ? php_array_named(v.a, "ways") : NULL;
    for (size_t i = 0; ways && ways->type == PHP_ARRAY && i < ways->a->len; i++) {
        const struct php_entry *entry = &ways->a->at[i];
        char hex[32];
        snprintf(hex, sizeof(hex), "%.*s", STR_ARG(str_skip(entry->key.s, 1)));
        if (!entry->key.is_int && entry->value.type == PHP_INT && entry->value.i > 0)
            proof_record_add(out, strtoull(hex, NULL, 16), entry->value.i);
    }
}

bool proof_record_parse(struct str line, struct arena *perm, struct proof_record *out)
{
    struct error ignored = {0};
    struct php_value v;
    *out = (struct proof_record){0};
    if (!php_json_read(line, true, perm, &v, &ignored))
        return false;
    snprintf(out->stamp, sizeof(out->stamp), "%.*s", STR_ARG(text_of(v, "stamp")));
    out->php = text_of(v, "php");
    out->at = int_of(v, "at");
    read_ways(v, out);
    return true;
}

bool proof_record_read(struct app *app, struct arena *perm, struct proof_record *out)
{
    char text[RECORD_MAX], seal[PROOF_STAMP];
    size_t len;
    *out = (struct proof_record){0};
    if (!read_text(record_path(app, perm), text, &len))
        return false;
    struct cut line = str_cut((struct str){text, len}, '\n');
    return line.ok && keyed(app, "facteur: proven", line.head, seal) &&
           str_eq(str_trim(line.tail), str_from(seal)) &&
           proof_record_parse(str_copy(perm, line.head), perm, out);
}

static bool cannot_write(const char *path, struct error *e)
{
    return err_set(e, ERR_UNSUPPORTED, "%s: cannot write: %s", path, strerror(errno));
}

/* put writes a whole file in place. */
static bool put(struct app *app, const char *path, struct str text, struct arena *perm,
                struct error *e)
{
    char *part = str_z(perm, str_fmt(perm, "%s.%ld", path, (long)getpid()));
    int fd = file_given(part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                        app_owner(app));
    if (fd < 0)
        return cannot_write(part, e);
    bool ok = write(fd, text.ptr, text.len) == (ssize_t)text.len;
    ok = close(fd) == 0 && ok && rename(part, path) == 0;
    if (ok)
        return true;
    cannot_write(path, e);
    unlink(part);
    return false;
}

bool proof_record_write(struct app *app, const char *path, const struct proof_record *r,
                        struct arena *perm, struct error *e)
{
    char seal[PROOF_STAMP];
    bool made;
    struct buf b = buf_new(perm, RECORD_MAX);
    if (!path) {
        path = record_path(app, perm);
        char *folder = app_storage(app, perm, "framework/facteur");
        if (!folder_given(folder, app_owner(app), &made))
            return cannot_write(folder, e);
    }
    buf_fmt(&b, "{\"version\":2,\"stamp\":\"%s\",\"at\":%lld,\"php\":", r->stamp,
            (long long)r->at);
    buf_json(&b, r->php, 0);
    buf_fmt(&b, ",\"ways\":{");
    for (size_t i = 0; i < r->len; i++) /* no text of digits alone, which is a number */
        buf_fmt(&b, "%s\"x%016llx\":%lld", i ? "," : "",
                (unsigned long long)r->ways[i].path, (long long)r->ways[i].letters);
    buf_fmt(&b, "}}");
    if (b.full || !keyed(app, "facteur: proven", buf_str(&b), seal))
        return err_set(e, ERR_UNSUPPORTED, "%s cannot be sealed: there is no APP_KEY",
                       path);
    buf_fmt(&b, "\n%s\n", seal);
    return put(app, path, buf_str(&b), perm, e);
}

void proof_record_drop(struct app *app, struct arena *perm)
{
    unlink(record_path(app, perm));
}
