/* test_view.h: what the tests of view share: scratch folders, variables, PHP beside. */
#ifndef FACTEUR_TEST_VIEW_H
#define FACTEUR_TEST_VIEW_H

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "view/view_imp.h"

/* folder_make makes a folder and those above it. */
static inline void folder_make(const char *path)
{
    char z[1024];
    snprintf(z, sizeof(z), "%s/", path);
    for (char *slash = strchr(z + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(z, 0755) < 0 && errno != EEXIST)
            fail_msg("mkdir %s: %s", z, strerror(errno));
        *slash = '/';
    }
}

static inline void file_write(const char *path, struct str bytes)
{
    char folder[1024];
    snprintf(folder, sizeof(folder), "%s", path);
    *strrchr(folder, '/') = '\0';
    folder_make(folder);
    FILE *f = fopen(path, "w");
    if (!f)
        fail_msg("%s: %s", path, strerror(errno));
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, f), bytes.len);
    fclose(f);
}

/* run starts a program and waits; its output goes to a file. Returns its exit status. */
static inline int run(char *const argv[], const char *out)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0644);
        if (fd < 0 || dup2(fd, 1) < 0)
            _exit(126);
        execvp(argv[0], argv);
        _exit(127);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* vendor finds the real Laravel; NULL, said aloud, where there is none. */
static inline const char *vendor(const char *test)
{
    static char path[1024];
    char autoload[1100];
    const char *dir = getenv("FACTEUR_VENDOR");
    snprintf(path, sizeof(path), "%s", dir ? dir : "build/laravel/vendor");
    snprintf(autoload, sizeof(autoload), "%s/autoload.php", path);
    if (access(autoload, F_OK) == 0)
        return path;
    printf("ok - %s # SKIP no Laravel in %s (test/laravel/install)\n", test, path);
    return NULL;
}

/* === records that test/view/oracle.php prints === */

struct record {
    struct str input;
    bool ok;
    struct str output; /* not ok: the error's text */
};

/* oracle runs the script with three arguments and returns its records. */
static inline struct str oracle(struct arena *a, const char *dir, const char *what,
                                const char *arg1, const char *arg2, const char *arg3)
{
    char out[256];
    struct str s = {0};
    struct error e = {0};
    snprintf(out, sizeof(out), "build/test-view/%s-%d.out", what, (int)getpid());
    folder_make("build/test-view");
    char *argv[] = {"php",        "test/view/oracle.php", (char *)dir,  (char *)what,
                    (char *)arg1, (char *)arg2,           (char *)arg3, NULL};
    int status = run(argv, out);
    assert_ok(file_read(out, 256 << 20, a, &s, &e), e);
    unlink(out);
    if (status != 0)
        fail_msg("oracle.php %s: status %d, %.*s", what, status,
                 (int)(s.len < 2000 ? s.len : 2000), s.ptr);
    return s;
}

static inline bool record_next(struct str *s, struct record *r)
{
    int64_t in = 0, ok = 0, out = 0;
    if (s->len == 0)
        return false;
    struct cut line = str_cut(*s, '\n'), word = str_cut(line.head, ' ');
    assert_true(str_to_i64(word.head, &in));
    word = str_cut(word.tail, ' ');
    assert_true(str_to_i64(word.head, &ok) && str_to_i64(word.tail, &out));
    assert_true(in >= 0 && out >= 0 && (size_t)(in + out) <= line.tail.len);
    r->input = str_sub(line.tail, 0, (size_t)in);
    r->ok = ok == 1;
    r->output = str_sub(line.tail, (size_t)in, (size_t)out);
    *s = str_skip(line.tail, (size_t)(in + out));
    return true;
}

/* === variables: as in oracle.php === */

struct field {
    struct php_key key;
    struct php_value value;
};

static inline struct php_array *array_of(struct arena *a, size_t len,
                                         const struct field *at)
{
    struct php_array *out = php_array_new(a);
    for (size_t i = 0; i < len; i++)
        php_array_put(a, out, at[i].key, at[i].value);
    return out;
}

#define KEY(name) ((struct php_key){.s = S(name)})
#define STR(text) php_string(S(text))

static inline struct php_value row_of(struct arena *a, size_t len, const struct field *at)
{
    struct php_object *o = php_object_new(a, PHP_ROW, S("App\\Models\\Row"));
    o->props = array_of(a, len, at);
    return php_from_object(o);
}

static inline struct php_array *variables(struct arena *a)
{
    struct php_array *list = php_array_new(a);
    php_array_push(a, list, php_int(1));
    php_array_push(a, list, php_int(2));
    struct php_array *three = php_array_new(a);
    for (int i = 1; i <= 3; i++)
        php_array_push(a, three, php_int(i));
    const struct field z[] = {{KEY("z"), STR("Z")}};
    const struct field map[] = {{KEY("a"), STR("x & y")},
                                {KEY("b"), php_null()},
                                {php_key_int(7), php_float(1.5)}};
    const struct field rows[3][2] = {
        {{KEY("n"), STR("één")}, {KEY("l"), php_from_array(three)}},
        {{KEY("n"), STR("<2>")}, {KEY("l"), php_from_array(php_array_new(a))}},
        {{KEY("n"), STR("")}, {KEY("l"), php_from_array(array_of(a, COUNT(z), z))}}};
    struct php_array *all_rows = php_array_new(a);
    for (size_t i = 0; i < COUNT(rows); i++)
        php_array_push(a, all_rows, php_from_array(array_of(a, 2, rows[i])));
    const struct field club[] = {{KEY("name"), STR("Équitation & Cie")},
                                 {KEY("city"), STR("Wavre")},
                                 {KEY("type"), STR("reel")}};
    const struct field user[] = {{KEY("name"), STR("Jean Peeters")}};
    const struct field teacher[] = {{KEY("id"), php_int(7)},
                                    {KEY("user"), row_of(a, COUNT(user), user)}};
    const struct field all[] = {
        {KEY("a"), STR("A & <B> \"c\" 'd'")},
        {KEY("empty"), STR("")},
        {KEY("none"), php_null()},
        {KEY("n"), php_int(5)},
        {KEY("zero"), STR("0")},
        {KEY("yes"), php_bool(true)},
        {KEY("no"), php_bool(false)},
        {KEY("f"), php_float(0.1 + 0.2)},
        {KEY("bad"), STR("\xC3\xA9|\xFF|\xE2\x82|")},
        {KEY("list"), php_from_array(list)},
        {KEY("map"), php_from_array(array_of(a, COUNT(map), map))},
        {KEY("nothing"), php_from_array(php_array_new(a))},
        {KEY("rows"), php_from_array(all_rows)},
        {KEY("club"), row_of(a, COUNT(club), club)},
        {KEY("teacher"), row_of(a, COUNT(teacher), teacher)},
    };
    return array_of(a, COUNT(all), all);
}

#endif
