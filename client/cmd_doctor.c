/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a server would run on this machine: tee-secretsd looks, who knows the configuration, the
 * plugins and the devices; this finds it and passes on what it says. */
#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/cli.h"

static const char DAEMON[] = "tee-secretsd";

/* The one that came with this program, wherever that is; else that of the PATH. */
static void
find_daemon(char out[PATH_MAX])
{
    static const char *const places[] = { "", "../", "../sbin/" };
    char self[PATH_MAX] = "";
    const ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    const char *slash = len <= 0 ? NULL : strrchr(self, '/');

    for (size_t i = 0; slash != NULL && i < TSEC_ARRAY_LEN(places); i++) {
        const int n =
            snprintf(out, PATH_MAX, "%.*s%s%s", (int)(slash - self + 1), self, places[i], DAEMON);

        if (n > 0 && n < PATH_MAX && access(out, X_OK) == 0) {
            return;
        }
    }
    (void)snprintf(out, PATH_MAX, "%s", DAEMON);
}

static int
start(const struct cli *cli, char *const *argv, pid_t *child)
{
    posix_spawn_file_actions_t actions;
    int rc = posix_spawn_file_actions_init(&actions);

    if (rc != 0) {
        return rc;
    }
    rc = posix_spawn_file_actions_adddup2(&actions, cli->out_fd, STDOUT_FILENO);
    if (rc == 0) {
        rc = posix_spawn_file_actions_adddup2(&actions, cli->err_fd, STDERR_FILENO);
    }
    if (rc == 0) {
        rc = posix_spawnp(child, argv[0], &actions, NULL, argv, environ);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return rc;
}

static int
run_doctor(struct cli *cli)
{
    const char *given = cli_operand(cli, 0);
    char daemon[PATH_MAX];
    char doctor[] = "--doctor";
    char file[PATH_MAX] = "/etc/tee-secrets/tee-secrets.yaml";
    char option[] = "--format";
    char format[8] = "text";
    char *const argv[] = { daemon, doctor, file, option, format, NULL };
    pid_t child = 0;
    int status = 0;
    int rc;

    if (given != NULL && snprintf(file, sizeof(file), "%s", given) >= (int)sizeof(file)) {
        return cli_usage_error(cli, "the file's name is too long");
    }
    if (cli->format == CLI_JSON) {
        memcpy(format, "json", sizeof("json"));
    }
    find_daemon(daemon);
    rc = start(cli, argv, &child);
    if (rc != 0) {
        cli_say(cli, "%s cannot be run: %s; install it, or put it into the PATH\n", daemon,
                strerror(rc));
        return CLI_LOCAL;
    }
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            cli_say(cli, "%s: %s\n", daemon, strerror(errno));
            return CLI_LOCAL;
        }
    }
    if (!WIFEXITED(status)) {
        cli_say(cli, "%s was ended by a signal\n", daemon);
        return CLI_LOCAL;
    }
    return WEXITSTATUS(status);
}

const struct cli_command cli_commands_doctor[] = {
    { "doctor", "[FILE]", "Say whether a server would run on this machine, and what is in the way.",
      "FILE is the server's configuration, /etc/tee-secrets/tee-secrets.yaml when left out.  Run "
      "it\n"
      "as the user that the server runs as.  Exit status: that of tee-secretsd --doctor; 1 when\n"
      "something has to be done.",
      NULL, 0, 1, run_doctor },
    { NULL, NULL, NULL, NULL, NULL, 0, 0, NULL },
};
