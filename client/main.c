/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <unistd.h>

#include "client/cli.h"

int
main(int argc, char **argv)
{
    const int fds[3] = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO };

    (void)signal(SIGPIPE, SIG_IGN);
    return argc < 1 ? CLI_LOCAL : cli_run((size_t)argc, argv, fds);
}
