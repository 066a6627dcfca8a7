/* letter_imp.h: what the files that make letters share. */
#ifndef FACTEUR_LETTER_IMP_H
#define FACTEUR_LETTER_IMP_H

#include "facteur/jobs_class.h"
#include "facteur/letter.h"
#include "facteur/mail.h"
#include "facteur/pdf.h"
#include "facteur/view.h"

#define LETTER_CLASS "App\\Jobs\\SendVolunteerLetterJob"

/* === models: what the views may see of a table === */

/* Those that views see, and behind them the one whose row a letter writes. */
enum model_id {
    MODEL_CLUB,
    MODEL_TEACHER,
    MODEL_USER,
    MODELS,
    MODEL_SEND = MODELS,
    MODELS_ALL
};

enum cast_kind {
    CAST_NONE,
    CAST_STRING,
    CAST_INT,
    CAST_FLOAT,
    CAST_DECIMAL,
    CAST_BOOL,
    CAST_JSON,
    CAST_DATE,
    CAST_DATETIME,
    CAST_TIMESTAMP
};

struct cast {
    enum cast_kind kind;
    int64_t decimals;
};

/* cast_of reads a cast's name: "decimal:2". false: facteur does not do it. */
bool cast_of(struct str text, struct cast *out);

/* cast_apply gives a column's value as the view sees it. ERR_UNSUPPORTED: PHP must. */
bool cast_apply(const struct cast *c, struct php_value v, struct arena *perm,
                struct php_value *out, struct error *e) MUST;

struct column {
    struct str name;
    struct cast cast;
};

/* A model, as its PHP file and its table tell. Columns are those to select, and no
 * other: a hidden one can never be among them. */
struct model {
    const char *name;      /* "Club" */
    struct str class_name; /* "App\\Models\\Club" */
    struct str table;      /* without the prefix */
    bool soft_deletes;     /* there is a column deleted_at, and the model honours it */
    VEC(struct column) columns;
};

/* model_load reads app/Models/<Name>.php, if there is one, and the table's columns. What
 * the model does that facteur cannot is reported; *ok false: the class is refused. */
struct model_source {
    struct model model;
    const char *file; /* the class's own, as findings name it */
    /* The class's, its app's parents' and traits' PHP, without comments, in the order in
     * which they are asked; none: there is no file. */
    VEC(struct php_file) files;
    struct map table_columns;
    struct map hidden;
    const struct php_array *casts;
    bool timestamps;
};

bool model_load(struct job_home *h, enum model_id which, struct model_source *out,
                bool *ok, struct error *e);

/* model_read reads the files alone. model_property evaluates what the first of them that
 * declares it gives a property; *there: one does. model_studly turns "birth_date" into
 * "BirthDate", as Eloquent names accessors. */
bool model_read(struct job_home *h, enum model_id which, struct model_source *out);
bool model_property(struct job_home *h, struct model_source *m, const char *name,
                    bool *there, struct php_value *out);
struct str model_studly(struct arena *perm, struct str s);

/* model_judge_all says whether the models, as they were loaded, and the one whose row a
 * letter writes, do only what facteur does; what else they do was reported. */
bool model_judge_all(struct job_home *h, const struct model_source *models);

/* model_use adds a column that a view reads; false: it may not be read, and this was
 * reported. */
bool model_use(struct job_home *h, struct model_source *m, struct str column,
               const struct use_place *at);

/* model_need adds a column that the job itself reads, if the table has it. */
void model_need(struct job_home *h, struct model_source *m, struct str column);

/* model_class is the class of the i-th model that letters read or write; NULL: there are
 * no more. */
const char *model_class(size_t i, struct arena *perm);

/* model_is_ours says whether the class is a model that letters read or write. */
bool model_is_ours(struct str class_name);

/* model_stamp mixes the file's state into *stamp. */
void model_stamp(struct job_home *h, enum model_id which, uint64_t *stamp);

/* models_readable: may their files be read, if there are any? */
bool models_readable(struct app *app, struct arena *perm, struct error *e) MUST;

/* === what is thrown where a view is missing (missing_view.c) === */

struct missing_view {
    bool guarded; /* the class asks whether the view exists; else Laravel throws */
    bool clear;   /* what it throws then is known */
    const char *exception, *file;
    struct str text;
    int code, line, col;
};
void missing_view_read(struct job_home *h, const struct job_source *s, struct str view,
                       struct arena *perm, struct missing_view *out);

/* missing_view_fail puts the class's own exception in the place of Laravel's;
 * ERR_UNSUPPORTED where it is not known. It returns false always. */
bool missing_view_fail(const struct missing_view *m, struct error *e);

/* === what the mail's class says (plan.c) === */

enum plan_part { PLAN_SUBJECT, PLAN_FROM, PLAN_CC, PLAN_BCC, PLAN_REPLY_TO, PLAN_PARTS };

/* What is said, texts with symbols, and where; addresses as a list of [address, name].
 * null: nothing. */
struct planned {
    struct php_value v;
    struct use_place at;
};

/* plan_each calls fn for each symbol of what is said; false: fn said no, or it is not
 * made of texts and symbols alone. */
typedef bool plan_symbol_fn(void *arg, struct str symbol);
bool plan_each(struct php_value v, plan_symbol_fn *fn, void *arg);

/* plan_apply puts what is said into one letter's mail, and the envelope's recipients
 * behind the first into the letter. ERR_UNSUPPORTED: this letter has something else there
 * than a text, or an address, that is used once. */
bool plan_apply(const struct planned *plan, struct letter *l, struct mail_message *m,
                struct arena *perm, struct error *e) MUST;

/* === what a slot keeps warm for letters (warm.c) === */

struct letter_sql {
    struct str models, club, teacher, insert, sent, failed, last_pending, withdraw,
        exists, row;
};

struct letters {
    struct job_home *home;
    const struct jobs_options *o;
    struct views *views;
    struct pdf *pdf;
    struct mail_settings mail;
    struct error mail_error; /* the mailer cannot be used, and why */
    struct map differences;  /* that letters showed: "view – consequence" */
    /* what the check made */
    struct model models[MODELS];
    struct letter_sql sql;
    struct missing_view missing[LETTER_VIEWS];
    struct planned plan[PLAN_PARTS];
    struct str plan_said;   /* all of it: each way says the same */
    int64_t own_tries;      /* of the class, for the text of the last failure */
    struct map mail_gives;  /* variables that the mail's class gives its view */
    VEC(const char *) read; /* files that were read for it, beside the class's own */
};

bool letters_open(struct job_home *h, struct error *e) MUST;
void letters_close(struct job_home *h);

/* letters_readable: may views, class and models be read? What is missing is another
 * matter. */
bool letters_readable(struct app *app, struct arena *perm, struct error *e) MUST;

/* reading_check says whether the class does what facteur does, and reports what else it
 * does (reading.c). */
bool reading_check(struct letters *ls, const struct job_source *source);

/* The views of a letter, by name. */
extern const char *const letter_views[LETTER_VIEWS];

/* === letters (letter.c) === */

/* The steps of its work, as `ps`, the run folder and error texts name them. */
#define LETTER_STEP_VIEW "view"
#define LETTER_STEP_PDF "pdf"
#define LETTER_STEP_MAIL "mail"

/* letter_look_through checks one view by itself: as a letter, or as the mail's. */
bool letter_look_through(struct letters *ls, struct str name, struct error *e) MUST;

/* letter_directives looks for directives of packages in a letter's views; *ok false:
 * there is one, and this was reported. */
bool letter_directives(struct letters *ls, bool *ok, struct error *e) MUST;

bool letter_stamp(struct job_home *h, uint64_t *out, struct error *e);
bool letter_check(struct job_home *h, const struct job_source *source, bool *ok,
                  struct error *e);

/* The ids of a command, as they stand in it. */
struct letter_ids {
    struct php_value club, teacher;
};

/* letter_load reads club, teacher and user. *found false: one of them, or the address, is
 * missing; the error is for a database that does not answer, or refuses. */
bool letter_load(struct letters *ls, const struct letter_ids *ids, struct arena *perm,
                 struct letter *out, bool *found, struct error *e);

/* letter_find is the same for who asks for this one: ERR_JOB where it is missing. */
bool letter_find(struct letters *ls, const struct letter_ids *ids, struct arena *perm,
                 struct letter *out, struct error *e) MUST;

/* === rows of volunteer_letter_sends, and what is logged of them (sends.c) === */

#define LETTER_LOG "SendVolunteerLetterJob - "
#define LETTER_SENT LETTER_LOG "Lettre envoyée avec succès"

/* send_begin writes the row of an attempt, "pending"; send_end has it say "sent". */
bool send_begin(struct letters *ls, const struct letter *l, struct php_value user,
                struct arena *perm, int64_t *row, struct error *e) MUST;
bool send_end(struct letters *ls, int64_t row, struct letter_ids ids, struct arena *perm,
              struct error *e) MUST;

/* send_id is an id as a statement takes it: null stays null. */
struct db_arg send_id(struct php_value v);

/* letter_sent_context is what the line about a letter that went out tells. */
struct php_value letter_sent_context(const struct letter *l, struct arena *perm);

/* letter_make renders and builds the mail; `uuid` names the job in warnings. */
bool letter_make(struct letters *ls, struct letter *l, struct str id, struct arena *perm,
                 struct arena tmp, struct error *e);

#endif
