/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/client/run_cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "client/cli.h"

static char home[64];

const char *
run_cli_home(void)
{
    static const char *const names[] = { "ADDR",   "TOKEN",     "CACERT",      "CAPATH",
                                         "FORMAT", "NAMESPACE", "SKIP_VERIFY", "WRAP_TTL" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char name[64];

        (void)snprintf(name, sizeof(name), "VAULT_%s", names[i]);
        (void)unsetenv(name);
        (void)snprintf(name, sizeof(name), "TEE_SECRETS_%s", names[i]);
        (void)unsetenv(name);
    }
    (void)snprintf(home, sizeof(home), "/tmp/tee-secrets-home.XXXXXX");
    if (mkdtemp(home) == NULL) {
        abort();
    }
    (void)setenv("HOME", home, 1);
    (void)unsetenv("XDG_STATE_HOME");
    (void)setenv("TEE_SECRETS_MAX_RETRIES", "0", 1);
    return home;
}

void
run_cli_home_done(void)
{
    static const char *const files[] = { "/.tee-secrets-token",
                                         "/.vault-token",
                                         "/.local/state/tee-secrets/checkpoints",
                                         "/.local/state/tee-secrets",
                                         "/.local/state",
                                         "/.local",
                                         "" };

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char path[160];

        (void)snprintf(path, sizeof(path), "%s%s", home, files[i]);
        (void)remove(path);
    }
}

static int
memory_file(const char *text)
{
    const int fd = memfd_create("cli", MFD_CLOEXEC);

    if (fd < 0 || (text != NULL && write(fd, text, strlen(text)) != (ssize_t)strlen(text))) {
        abort();
    }
    (void)lseek(fd, 0, SEEK_SET);
    return fd;
}

static void
take_text(int fd, char *out)
{
    const ssize_t n = pread(fd, out, RUN_TEXT_MAX - 1, 0);

    out[n < 0 ? 0 : n] = '\0';
    (void)close(fd);
}

void
run_cli(const char *line, const char *input, struct cli_run *run)
{
    char words[8192] = "tee-secrets ";
    char *argv[RUN_WORDS_MAX + 2] = { words };
    size_t argc = 1;
    const int fds[3] = { memory_file(input), memory_file(NULL), memory_file(NULL) };

    (void)snprintf(words + 12, sizeof(words) - 12, "%s", line);
    for (char *at = words; *at != '\0'; at++) {
        if (*at == ' ') {
            *at = '\0';
            if (at[1] != '\0' && argc < RUN_WORDS_MAX) {
                argv[argc++] = at + 1;
            }
        } else if (*at == '~') {
            *at = ' ';
        }
    }
    run->status = cli_run(argc, argv, fds);
    (void)close(fds[0]);
    take_text(fds[1], run->out);
    take_text(fds[2], run->err);
}
