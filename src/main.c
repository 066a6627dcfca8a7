#include "facteur/base.h"
#include "facteur/cli.h"

int main(int argc, char **argv)
{
    title_init(argc, argv);
    return cli_main(argc, argv);
}
