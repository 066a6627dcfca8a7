#include <stdio.h>

#include "facteur/base.h"
#include "facteur/cli.h"

int cli_main(int argc, char **argv)
{
    (void)argc, (void)argv;
    printf("facteur %s\n", FACTEUR_VERSION);
    return 0;
}
