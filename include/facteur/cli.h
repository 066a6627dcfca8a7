/* cli: the commands. One file per command in src/cli/, one table of commands. */
#ifndef FACTEUR_CLI_H
#define FACTEUR_CLI_H

/* cli_main runs the command line and returns the exit code. */
int cli_main(int argc, char **argv);

#endif
