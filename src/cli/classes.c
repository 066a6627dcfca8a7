/* classes.c: the classes of jobs that facteur runs itself: a row for each. */
#include "cli/cli_imp.h"
#include "facteur/letter.h"

const struct job_class *const job_classes[] = {
    &send_volunteer_letter,
    NULL,
};
