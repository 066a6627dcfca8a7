/* cli: the commands. One file per command in src/cli/, one table of commands (cli.c),
 * from which `list` and `help` print. Options have the forms that Laravel's console
 * knows. */
#ifndef FACTEUR_CLI_H
#define FACTEUR_CLI_H

/* cli_main runs the command line and returns the exit code. */
int cli_main(int argc, char **argv);

#endif
