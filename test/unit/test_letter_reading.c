/* test_letter_reading.c: what the class that sends the letters does beside what facteur
 * does, and the same in other words. */
#include <stdlib.h>
#include <sys/stat.h>

#include "test_shell.h"

#include "letter/reading_imp.h"

#define JOB "app/Jobs/SendVolunteerLetterJob.php"
#define MAILS "app/Mail/VolunteerLetterMail.php"

struct house {
    char dir[64];
    struct jobs_options o;
    struct arena check, perm;
    struct job_home home;
    struct letters ls;
    struct buf said;
};

static void on_finding(void *arg, const struct finding *f)
{
    struct house *h = arg;
    buf_fmt(&h->said, "%s:%d:%d %s\n", f->file, f->line, f->col, f->text);
}

static struct str read_file(struct house *h, const char *path)
{
    struct str s;
    struct error e = {0};
    if (!file_read(path, 1 << 20, &h->perm, &s, &e))
        fail_msg("%s", e.text);
    return s;
}

static void put(struct house *h, const char *name, struct str text)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", h->dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text.ptr, 1, text.len, f), text.len);
    fclose(f);
}

/* restore makes the app's two classes what they are in the app of the tests. */
static void restore(struct house *h)
{
    put(h, JOB, read_file(h, "test/laravel/app/" JOB));
    put(h, MAILS, read_file(h, "test/laravel/app/" MAILS));
}

static struct house *open_house(void)
{
    struct house *h = calloc(1, sizeof(*h));
    struct error e = {0};
    static const char *const folders[] = {"app", "app/Jobs", "app/Mail", "bootstrap",
                                          "storage"};
    assert_non_null(h);
    h->perm = arena_open(64 << 20);
    h->check = arena_open(64 << 20);
    snprintf(h->dir, sizeof(h->dir), "build/house-XXXXXX");
    assert_non_null(mkdtemp(h->dir));
    for (size_t i = 0; i < COUNT(folders); i++) {
        char path[256];
        snprintf(path, sizeof(path), "%s/%s", h->dir, folders[i]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    put(h, "artisan", S(""));
    restore(h);
    struct app_options where = {.dir = h->dir};
    h->o.app = app_open(&where, &e);
    if (!h->o.app)
        fail_msg("%s", e.text);
    h->o.report = on_finding;
    h->o.arg = h;
    h->home = (struct job_home){.o = &h->o, .check = &h->check};
    h->ls = (struct letters){.home = &h->home, .o = &h->o};
    return h;
}

static void close_house(struct house *h)
{
    arena_close(&h->check);
    app_close(h->o.app);
    shell("rm -rf $1", h->dir);
    arena_close(&h->perm);
    free(h);
}

/* check reads the classes as they are; *said: what was found. */
static bool check(struct house *h, const char **said)
{
    struct job_source source = {.file = JOB};
    struct php_file file = {.file = JOB};
    arena_reset(&h->check);
    h->ls.read.at = NULL;
    h->ls.read.len = h->ls.read.cap = 0;
    VEC_PUSH(&h->check, &source.files, file);
    h->said = buf_new(&h->perm, 64 << 10);
    bool ok = reading_check(&h->ls, &source);
    *said = str_z(&h->perm, buf_str(&h->said));
    return ok;
}

/* An edit: the text in a file that is replaced; found: what is said of it, NULL: nothing.
 */
struct edit {
    const char *file, *from, *to, *found;
};

static void try_edit(struct house *h, const struct edit *x)
{
    char path[256];
    const char *said;
    snprintf(path, sizeof(path), "%s/%s", h->dir, x->file);
    struct str old = read_file(h, path);
    if (!str_has(old, str_from(x->from)))
        fail_msg("%s is not in %s", x->from, x->file);
    put(h, x->file, str_replace(&h->perm, old, str_from(x->from), str_from(x->to)));
    bool ok = check(h, &said);
    if (!x->found && (!ok || *said))
        fail_msg("%s\n-> %s\nwas refused: %s", x->from, x->to, said);
    if (x->found && (ok || !strstr(said, x->found) || said[0] == ':'))
        fail_msg("%s\n-> %s\nwanted \"%s\", was %s: %s", x->from, x->to, x->found,
                 ok ? "accepted" : "refused", said);
    restore(h);
}

static void try_edits(const struct edit *edits, size_t len)
{
    struct house *h = open_house();
    for (size_t i = 0; i < len; i++)
        try_edit(h, &edits[i]);
    close_house(h);
}

void test_the_class_that_is_known(void **state)
{
    const char *said;
    struct house *h = open_house();
    (void)state;
    if (!check(h, &said))
        fail_msg("refused: %s", said);
    assert_string_equal(said, "");
    assert_int_equal(h->ls.own_tries, 3);
    assert_true(reading_mail_gives(&h->ls, S("club")));
    assert_false(reading_mail_gives(&h->ls, S("other")));
    assert_int_equal(h->ls.read.len, 1);
    close_house(h);
}

static const struct edit same[] = {
    {JOB, "! $club ||", "$club === null ||", NULL},
    {JOB, "! $teacher?->user?->email",
     "$teacher == null || null === $teacher->user || empty($teacher->user->email)", NULL},
    {JOB, "! $teacher?->user?->email",
     "! $teacher || ! $teacher->user || empty($teacher->user->email)", NULL},
    {JOB, "Club::find($this->clubId)",
     "Club::query()->where('id', '=', $this->clubId)->first()", NULL},
    {JOB, "->setPaper('a4', 'portrait')", "->setPaper('A4')->setOption('margin_top', 5)",
     NULL},
    {JOB, "->setPaper('a4', 'portrait')",
     "->setPaper(size: 'a4', orientation: 'portrait')", NULL},
    {JOB, "new VolunteerLetterMail($club, $teacher, $pdf)",
     "new VolunteerLetterMail(teacher: $teacher, pdfPath: $pdf, club: $club)", NULL},
    {JOB,
     "Mail::to($teacher->user->email)->send(new VolunteerLetterMail($club, $teacher, "
     "$pdf))",
     "Mail::send((new VolunteerLetterMail($club, $teacher, "
     "$pdf))->to($teacher->user->email))",
     NULL},
    {JOB, "Pdf::loadView('pdf.volunteer-letter', compact('club', 'teacher'))",
     "Pdf::loadHTML(view('pdf.volunteer-letter', ['club' => $club, 'teacher' => "
     "$teacher])->render())",
     NULL},
    {JOB, "File::delete($pdf);", "if (file_exists($pdf)) { unlink($pdf); }", NULL},
    {JOB, "self::LOG.'Erreur'",
     "spr"
     "intf('%sErreur', self::LOG)",
     NULL},
    {JOB, "\"app/temp/volunteer_letter_{$club->id}_{$teacher->id}_\".time().'.pdf'",
     "spr"
     "intf('app/temp/%d_%d_%d.pdf', $club->id, $teacher->id, time())",
     NULL},
    {JOB, "public $tries = 3;", "public $tries = 5;", NULL},
    {MAILS, "new Envelope(\n            subject: ",
     "(new Envelope)->subject(\n            ", NULL},
    {MAILS, "->as('Note_Information_Volontaire.pdf')",
     "->withMime('application/pdf')->as('Note_Information_Volontaire.pdf')", NULL},
};

void test_the_same_in_other_words(void **state)
{
    (void)state;
    try_edits(same, COUNT(same));
}

static const struct edit job_edits[] = {
    {JOB, "Mail::to($teacher->user->email)->",
     "Mail::to($teacher->user->email)->bcc('x@y.z', 'X')->", "->bcc()"},
    {JOB, "Mail::to($teacher->user->email)->",
     "Mail::to($teacher->user->email)->cc(['x@y.z', null])->", "mail cc [0 => x@y.z"},
    {JOB, "Mail::to($teacher->user->email)->",
     "Mail::to($teacher->user->email)->bcc(File::exists(storage_path('x')) ? 'a@y.z' : "
     "'b@y.z')->",
     "another one where the class finds other files"},
    {JOB, "Mail::to($teacher->user->email)", "Mail::to('x@y.z')", "mail to x@y.z"},
    {JOB, "Mail::to($teacher->user->email)->",
     "Mail::mailer('other')->to($teacher->user->email)->", "Mail::mailer()"},
    {JOB, "->send(new", "->queue(new", "->queue()"},
    {JOB, "$send = Vol", "if ($club->id === 7) { return; }\n        $send = Vol",
     "depends on what is not known"},
    {JOB, "$send = Vol", "return;\n        $send = Vol", "does \"nothing\""},
    {JOB, "$send = Vol", "if (! $club->is_active) { return; }\n        $send = Vol",
     "depends on what is not known"},
    {JOB, "'a4', 'portrait'", "'a5', 'portrait'", "a5 portrait"},
    {JOB, "'a4', 'portrait'", "'a4', 'landscape'", "a4 landscape"},
    {JOB, "\n                ->setPaper('a4', 'portrait')", "", "as configured"},
    {JOB, "->setPaper('a4', 'portrait')",
     "->setPaper('a4', 'portrait')->setOption('dpi', 300)", "->setOption()"},
    {JOB, "'pdf.volunteer-letter'", "'pdf.other'", "pdf pdf.other"},
    {JOB, "compact('club', 'teacher')", "compact('club', 'teacher', 'pdf')", "pdf => "},
    {JOB, "Données manquantes", "Rien", "Rien"},
    {JOB, "Lettre envoyée avec succès", "Envoyée", "Envoyée"},
    {JOB, "Log::info", "Log::notice", "log notice"},
    {JOB, "'Erreur envoi email'", "'Envoi'", "Envoi"},
    {JOB, "'status' => 'sent'", "'status' => 'done'", "status => done"},
    {JOB, "'status' => 'pending',\n        ]", "'status' => 'new',\n        ]",
     "status => new"},
    {JOB, "'sent_at' => now()", "'sent_at' => now()->addDay()", "->addDay()"},
    {JOB, "throw $e;\n        } finally", "\n        } finally", "when the view fails"},
    {JOB, "tentatives:", "essais:", "essais"},
    {JOB, "->latest()", "->oldest()", "->oldest()"},
    {JOB, "Échec définitif", "Fini", "Fini"},
    {JOB, "File::delete($pdf);", "", "a file is left"},
    {JOB, "$pdf = $this->path", "Cache::put('a', 1);\n        $pdf = $this->path",
     "Cache::put()"},
    {JOB, "$pdf = $this->path", "$club->update(['a' => 1]);\n        $pdf = $this->path",
     "->update()"},
    {JOB, "$pdf = $this->path", "while (true) { }\n        $pdf = $this->path", "while"},
    {JOB, "'recipient_email' => $teacher->user->email",
     "'recipient_email' => strtolower($teacher->user->email)", "strtolower()"},
    {JOB, "Club::find($this->clubId)", "Club::find($this->teacherId)", "Club::find()"},
    {JOB, "Club::find($this->clubId)", "Club::where('is_active', 1)->find($this->clubId)",
     "->find()"},
    {JOB, "Club::find($this->clubId)", "Club::withTrashed()->find($this->clubId)",
     "Club::withTrashed()"},
    {JOB, "'teacher' => $teacher->user->name", "'teacher' => 'x'", "teacher => x"},
    {JOB, "/** Renders",
     "\\Illuminate\\Support\\Facades\\Mail::alwaysTo('x@y.z');\n\n/** Renders",
     "beside the class"},
    {JOB, "use Throwable;", "use Throwable;\nfunction now() { return 1; }",
     "beside the class"},
    {MAILS, "class VolunteerLetterMail", "if (true) { }\nclass VolunteerLetterMail",
     "beside the class"},
    {JOB, "$send = Vol", "$club->street = 'x';\n        $send = Vol", "Club->street = …"},
    {JOB, "$send = Vol", "$teacher->user->phone = 'x';\n        $send = Vol",
     "->phone = …"},
    {MAILS, "return new Envelope",
     "$this->club->city = 'x';\n        return new Envelope", "Club->city = …"},
    /* What is asked of the clock, or of the disk, when the class is read says nothing of
     * when a letter is made. */
    {JOB, "$send = Vol", "if (now()->isWeekend()) { return; }\n        $send = Vol",
     "->isWeekend()"},
    {JOB, "$send = Vol", "if (time() > 5) { return; }\n        $send = Vol",
     "depends on what is not known"},
    {JOB, "$send = Vol", "if (date('N') === '7') { return; }\n        $send = Vol",
     "depends on what is not known"},
    {JOB, "$send = Vol",
     "if (\\Carbon\\Carbon::today()) { return; }\n        $send = Vol",
     "Carbon::today()"},
    {JOB, "$send = Vol",
     "if (! file_exists(storage_path('letters-on'))) { return; }\n        $send = Vol",
     "does \"nothing\""},
    {JOB, "$send = Vol", "if (file_exists('/tmp/off')) { return; }\n        $send = Vol",
     "does \"nothing\""},
    {JOB, "$send = Vol",
     "if (is_dir(storage_path(\"off/{$club->id}\"))) { return; }\n        $send = Vol",
     "does \"nothing\""},
    {JOB, "$send = Vol", "unlink(storage_path(\"x/{$club->id}\"));\n        $send = Vol",
     "deletes"},
    {JOB, "! $teacher?->user?->email", "! isset($teacher->user->email)",
     "where the address is empty"},
    {JOB, "! $teacher?->user?->email", "$teacher?->user?->email === null",
     "where the address is empty"},
    {JOB, "{$what}: {$e", "{$what} {$e", NULL}, /* the last text stands */
};

void test_what_the_job_does_beside(void **state)
{
    (void)state;
    try_edits(job_edits, COUNT(job_edits));
}

#define PRINTED                                                                          \
    "sprin"                                                                              \
    "tf" /* the app's own, not C's */
#define SUBJECT "subject: \"Note d'Information au Volontaire - {$this->club->name}\","
static const struct edit mail_edits[] = {
    {MAILS, SUBJECT, "", "mail subject none"},
    {MAILS, SUBJECT, "subject: 5,", "mail subject 5"},
    {MAILS, SUBJECT, "subject: '0',", "mail subject 0"},
    {MAILS, SUBJECT, "subject: $this->club->name,", "mail subject {club.name}"},
    {MAILS, SUBJECT, "subject: \"Of {$this->club->owner->name}\",",
     "mail subject Of {club.owner.name}"},
    {MAILS, SUBJECT, "subject: \"Of {$this->club}\",", "mail subject Of {club}"},
    {MAILS, SUBJECT, "subject: \"Note\\n{$this->club->name}\",", "mail subject Note"},
    {MAILS, SUBJECT, "subject: \"Note \\xff\",", "mail subject Note"},
    {MAILS, SUBJECT, "subject: 'of {club.name} '.$this->club->name,", "mail subject ("},
    {MAILS, SUBJECT, "subject: " PRINTED "('%s {club.name}', $this->club->name),",
     "sprintf"},
    {MAILS, SUBJECT, "subject: " PRINTED "('Club %d', $this->club->name),",
     "{number {club.name}}"},
    {MAILS, SUBJECT, "subject: " PRINTED "('%s %s', $this->club->name, null),",
     "sprintf"},
    {MAILS, SUBJECT, "subject: 'Of ',", "mail subject Of \""},
    {MAILS, SUBJECT, "subject: strtoupper($this->club->name),", "strtoupper"},
    {MAILS, SUBJECT, SUBJECT " cc: ['x y@z'],", "cc [0 => x y@z]"},
    {MAILS, SUBJECT, SUBJECT " cc: ['a' => 'x@y.z'],", "cc [a => x@y.z]"},
    {MAILS, SUBJECT, SUBJECT " cc: $this->club,", "cc {club}"},
    {MAILS, SUBJECT, SUBJECT " bcc: [\"{$this->club->owner->email}\"],",
     "bcc [0 => {club.o"},
    {MAILS, SUBJECT, SUBJECT " cc: new \\Illuminate\\Mail\\Mailables\\Address('x@y.z'),",
     "mail cc {part}"},
    {MAILS, SUBJECT, SUBJECT " from: ['x@y.z'],", "from [0 => x@y.z]"},
    {MAILS, SUBJECT, SUBJECT " tags: ['a'],", "tags"},
    {MAILS, SUBJECT, SUBJECT " replyTo: 'x@y.z>',", "replyTo x@y.z>"},
    {MAILS, SUBJECT, SUBJECT " from: new Address('x@y.z', 'X'),", "new Address()"},
    {MAILS, SUBJECT, SUBJECT " using: [fn ($m) => $m],", "using"},
    {MAILS, SUBJECT, "subject: $this->club->id === 7 ? 'x' : 'y',",
     "depends on what is not known"},
    {MAILS, "view: 'emails.volunteer-letter'", "view: 'emails.other'", "emails.other"},
    {MAILS, "view: 'emails", "text: 'emails", "mail view none"},
    {MAILS, "view: 'emails", "markdown: 'emails", "mail view none"},
    {MAILS, "$this->club->name,\n                'teacher",
     "'Club',\n                'teacher", "clubName => Club"},
    {MAILS, "'teacherName' =>", "'more' => 1, 'teacherName' =>", "more => 1"},
    {MAILS, "'Note_Information_Volontaire.pdf'", "'Note.pdf'", "Note.pdf"},
    {MAILS, "'application/pdf'", "'text/plain'", "text/plain"},
    {MAILS, "Attachment::fromPath($this->pdfPath)", "Attachment::fromPath('/etc/passwd')",
     "/etc/passwd"},
    {MAILS, "Attachment::fromPath($this->pdfPath)", "Attachment::fromStorage('a')",
     "Attachment::fromStorage()"},
    {MAILS, "return [\n            Attachment",
     "return [\n            Attachment::fromPath('/a'),"
     "\n            Attachment",
     "/a as it is called"},
    {MAILS, "extends Mailable", "extends Mailable implements ShouldQueue", NULL}, /* not
                                                                              imported */
    {MAILS, "extends Mailable",
     "extends Mailable implements \\Illuminate\\Contracts\\Queue\\ShouldQueue",
     "the mail is queued"},
    {MAILS, "public function envelope",
     "public $locale = 'fr';\n    public function envelope", "$locale"},
    {MAILS, "public function envelope",
     "public function headers() { return 1; }\n    public function envelope",
     "headers()"},
    {MAILS, "public function envelope",
     "public function send($mailer) { }\n    public function envelope", "send()"},
    {MAILS, "use Queueable,", "use \\Vendor\\Thing, Queueable,", "Vendor\\Thing"},
    {MAILS, "protected string $pdfPath,\n    ) {}",
     "protected string $pdfPath,\n    ) { $this->locale('fr'); }", "->locale()"},
    {MAILS, "class VolunteerLetterMail", "class OtherMail", NULL},
    {MAILS, "return new Envelope", "logger('x');\n        return new Envelope",
     "logger()"},
    {MAILS, "public function envelope(): Envelope\n    {",
     "public function build() { return $this->priority(1); }\n    public function "
     "envelope(): "
     "Envelope\n    {",
     "->priority()"},
};

void test_what_the_mail_does_beside(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(mail_edits); i++)
        if (mail_edits[i].found)
            try_edits(&mail_edits[i], 1);
}

static struct php_value row(struct house *h, const char *name, const char *email)
{
    struct php_object *o = php_object_new(&h->perm, PHP_ROW, S("Row"));
    php_array_put(&h->perm, o->props, php_key_from(S("id")), php_int(7));
    php_array_put(&h->perm, o->props, php_key_from(S("name")),
                  php_string(str_from(name)));
    php_array_put(&h->perm, o->props, php_key_from(S("email")),
                  email ? php_string(str_from(email)) : php_null());
    return php_from_object(o);
}

/* apply makes one letter's mail of what was read. */
static bool apply(struct house *h, const char *club_email, struct letter *l,
                  struct mail_message *m, struct error *e)
{
    struct php_array *models = php_array_new(&h->perm);
    struct php_value teacher = row(h, "Prof", NULL);
    php_array_put(&h->perm, teacher.o->props, php_key_from(S("user")),
                  row(h, "Zoé", "zoe@example.org"));
    php_array_put(&h->perm, models, php_key_from(S("club")),
                  row(h, "Les Amis", club_email));
    php_array_put(&h->perm, models, php_key_from(S("teacher")), teacher);
    *l = (struct letter){.models = models};
    *m = (struct mail_message){0};
    return plan_apply(h->ls.plan, l, m, &h->perm, e);
}

/* subject is what the subject of one mail is where the class says this. */
static struct str subject(struct house *h)
{
    struct letter l;
    struct mail_message m;
    struct error e = {0};
    if (!apply(h, NULL, &l, &m, &e))
        fail_msg("%s", e.text);
    return m.subject;
}

void test_a_subject_as_the_class_says_it(void **state)
{
    static const struct {
        const char *says, *is;
    } subjects[] = {
        {SUBJECT, "Note d'Information au Volontaire - Les Amis"},
        {"subject: 'Note',", "Note"},
        {"subject: '{club.name} à lire',", "{club.name} à lire"},
        {"subject: $this->teacher->user->name . ' : ' . $this->club->name . '.',",
         "Zoé : Les Amis."},
        {"subject: " PRINTED "('Lettre %d de %s', 2, $this->club->name),",
         "Lettre 2 de Les Amis"},
        {"subject: \"Lettre {$this->club->id}\",", "Lettre 7"},
        {"subject: \"{$this->club->name}{$this->club->name}, ça va\",",
         "Les AmisLes Amis, ça va"},
    };
    struct house *h = open_house();
    (void)state;
    for (size_t i = 0; i < COUNT(subjects); i++) {
        const struct edit x = {MAILS, SUBJECT, subjects[i].says, NULL};
        try_edit(h, &x);
        struct str is = subject(h);
        assert_string_equal(str_z(&h->perm, is), subjects[i].is);
    }
    assert_true(reading_check(&h->ls, &(struct job_source){.file = JOB}));
    struct str is = subject(h); /* without a file */
    assert_true(str_eq(is, S("Note d'Information au Volontaire - Les Amis")));
    close_house(h);
}

#define AT_MAILABLES "\\Illuminate\\Mail\\Mailables\\Address"

void test_addresses_as_the_class_says_them(void **state)
{
    static const struct edit edits[] = {
        {MAILS, SUBJECT,
         SUBJECT " from: new " AT_MAILABLES "('club@example.org', $this->club->name),"
                 " cc: ['a@example.org', $this->club->email],"
                 " bcc: [new " AT_MAILABLES "('b@example.org', 'B')],"
                 " replyTo: \"r{$this->club->id}@example.org\",",
         NULL},
        {JOB, "Mail::to($teacher->user->email)->",
         "Mail::to($teacher->user->email)->cc(['a@example.org', $club->email])"
         "->bcc('b@example.org')->",
         NULL},
    };
    struct house *h = open_house();
    (void)state;
    for (size_t i = 0; i < COUNT(edits); i++) {
        struct letter l;
        struct mail_message m;
        struct error e = {0};
        try_edit(h, &edits[i]);
        assert_true(apply(h, "c@example.org", &l, &m, &e));
        assert_int_equal(m.cc.len, 2);
        assert_true(str_eq(m.cc.at[1].address, S("c@example.org")));
        assert_int_equal(l.more_len, 3);
        assert_true(str_eq(l.more[0], S("a@example.org")));
        assert_true(str_eq(l.more[2], S("b@example.org")));
        assert_int_equal(m.more.len, i ? 0 : 1);
        if (i == 0) {
            assert_true(str_eq(m.from.name, S("Les Amis")));
            assert_true(str_eq(m.more.at[0].address, S("r7@example.org")));
        }
        /* No address, none that can be used, or one that is there already: PHP's. */
        static const char *const odd[] = {NULL, "", "c", "é@example.org",
                                          "a@example.org"};
        for (size_t k = 0; k < COUNT(odd); k++) {
            assert_false(apply(h, odd[k], &l, &m, &e));
            assert_int_equal(e.kind, ERR_UNSUPPORTED);
            assert_true(e.line > 0);
            err_clear(&e);
        }
    }
    h->ls.mail.to.address = S("all@example.org"); /* mail.to replaces them all */
    struct edit refused = edits[1];
    refused.found = "mail cc [";
    try_edit(h, &refused);
    close_house(h);
}

void test_an_older_mail(void **state)
{
    static const char *const built[] = {
        "return $this->subject(\"Note d'Information au Volontaire - "
        "{$this->club->name}\")"
        "->view('emails.volunteer-letter')->with(['clubName' => $this->club->name, "
        "'teacherName' => $this->teacher->user->name])->attach($this->pdf, ['as' => "
        "'Note_Information_Volontaire.pdf', 'mime' => 'application/pdf']);",
        "return $this->subject(\"Note d'Information au Volontaire - "
        "{$this->club->name}\")"
        "->view('emails.volunteer-letter')->with('clubName', $this->club->name)->with("
        "'teacherName', $this->teacher->user->name)->cc('x@y.z', "
        "'X')->attach($this->pdf);",
    };
    struct house *h = open_house();
    const char *said;
    (void)state;
    for (size_t i = 0; i < COUNT(built); i++) {
        struct str text = str_fmt(
            &h->perm,
            "<?php\nnamespace App\\Mail;\nclass VolunteerLetterMail extends "
            "\\Illuminate\\Mail\\Mailable {\n public $club; public $teacher; public "
            "$pdf;\n"
            " public function __construct($club, $teacher, $pdf) { $this->club = $club; "
            "$this->teacher = $teacher; $this->pdf = $pdf; }\n"
            " public function build() { %s }\n}\n",
            built[i]);
        put(h, MAILS, text);
        bool ok = check(h, &said);
        if (ok != (i == 0) || (i == 1 && !strstr(said, "->cc()")))
            fail_msg("%zu: %s", i, said);
    }
    close_house(h);
}

void test_a_class_that_is_gone(void **state)
{
    struct house *h = open_house();
    struct job_source source = {.file = JOB};
    (void)state;
    assert_true(reading_check(&h->ls, &source)); /* no app that PHP could run */
    shell("mkdir -p $1/vendor && touch $1/vendor/autoload.php", h->dir);
    h->said = buf_new(&h->perm, 64 << 10);
    assert_false(reading_check(&h->ls, &source));
    assert_true(str_has(buf_str(&h->said), S("there is no class")));
    close_house(h);
}
