/* job_source_imp.h: what the files that read a job class share. */
#ifndef FACTEUR_JOB_SOURCE_IMP_H
#define FACTEUR_JOB_SOURCE_IMP_H

#include "jobs/jobs_imp.h"

enum { SOURCE_MAX = 4 << 20 };

/* A class that is being read. */
struct reading {
    struct jobs *js;
    struct job_source *out;
    struct arena *perm;
    const struct php_file *file; /* at hand */
    bool quiet;                  /* only declarations matter; nothing is reported */
    bool ok;
};

/* === what a class may not do (job_source_judge.c) === */

/* source_refuse reports what keeps the class with PHP, unless the reading is quiet. */
void source_refuse(struct reading *r, const struct use_place *at, struct str what,
                   const char *why);

/* source_judge looks through the file at hand for what facteur does not do, and for the
 * ways in which a class asks for its batch, which it does. */
void source_judge(struct reading *r, struct php_file *f);

#endif
