#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "facteur/base.h"
#include "facteur/cli.h"

/* open_standard: with descriptors 0 to 2 closed, the first files and pipes would take
 * their place, and what is printed would be written into them. */
static bool open_standard(void)
{
    int fd;
    do {
        fd = open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd < 0)
        return false;
    return close(fd) == 0;
}

int main(int argc, char **argv)
{
    if (!open_standard()) {
        perror("facteur: /dev/null");
        return 1;
    }
    bundle_environment();
    title_init(argc, argv);
    return cli_main(argc, argv);
}
