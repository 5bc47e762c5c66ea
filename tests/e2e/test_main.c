/* SPDX-License-Identifier: Apache-2.0 */
/* tee-secretsd as it is run: arguments, exit status, what it says. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "tests/double/temp_dir.h"
#include "tests/test.h"

#define DEV       SOURCE_DIR "/etc/dev.yaml"
#define ARGS(...) ((const char *const[]){ "tee-secretsd", __VA_ARGS__, NULL })

enum { SAID_MAX = 65536, ARGS_MAX = 8 };

static char said[SAID_MAX]; /* both streams of the last run */

static void
read_all(int fd)
{
    size_t len = 0;
    ssize_t n;

    while (len < sizeof(said) - 1 && (n = read(fd, said + len, sizeof(said) - 1 - len)) > 0) {
        len += (size_t)n;
    }
    said[len] = '\0';
}

/* The exit status, -1 when it died of a signal. */
static int
run(const char *const args[])
{
    char *argv[ARGS_MAX + 1] = { NULL };
    int out[2];
    int status = 0;

    CU_ASSERT_EQUAL_FATAL(pipe2(out, O_CLOEXEC), 0);
    for (size_t i = 0; i < ARGS_MAX && args[i] != NULL; i++) {
        argv[i] = strdup(args[i]);
    }

    const pid_t child = fork();

    if (child == 0) {
        (void)dup2(out[1], STDOUT_FILENO);
        (void)dup2(out[1], STDERR_FILENO);
        (void)execv(BUILD_DIR "/tee-secretsd", argv);
        _exit(127);
    }
    (void)close(out[1]);
    read_all(out[0]);
    (void)close(out[0]);
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    for (size_t i = 0; i < ARGS_MAX; i++) {
        free(argv[i]);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool
says(const char *text)
{
    const bool found = strstr(said, text) != NULL;

    if (!found) {
        (void)fprintf(stderr, "\n  expected: %s\n  said: %s\n", text, said);
    }
    return found;
}

static void
wrong_usage_is_64_and_shows_the_usage(void)
{
    const char *const *const rows[] = {
        ARGS("--no-such-option"),
        ARGS("extra"),
        ARGS("--print-config"),
        ARGS("--migrate"),
        ARGS("-c", DEV, "--migrate", "--print-config"),
        ARGS("-c", DEV, "extra"),
        ARGS("-c", DEV, "-c", DEV),
        ARGS("-c", DEV, "--print-config", "--check-config", DEV),
        ARGS("--doctor"),
        ARGS("--doctor", DEV, "--format", "xml"),
        ARGS("--doctor", DEV, "--migrate"),
        ARGS("-c", DEV, "--format", "json"),
        ARGS("-c"),
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CU_ASSERT_EQUAL(run(rows[i]), EX_USAGE);
        CU_ASSERT_TRUE(says("usage: tee-secretsd -c FILE"));
    }
}

static void
version_and_help_need_no_file(void)
{
    CU_ASSERT_EQUAL(run(ARGS("--version")), EX_OK);
    CU_ASSERT_TRUE(says("tee-secretsd " PACKAGE_VERSION "\n"));
    CU_ASSERT_EQUAL(run(ARGS("--help")), EX_OK);
    CU_ASSERT_TRUE(says("exit status: 0"));
}

static void
a_wrong_file_is_78_with_the_place(void)
{
    char path[] = "/tmp/tee-secrets-conf-XXXXXX";
    const int fd = mkstemp(path);
    char expected[128];

    CU_ASSERT_TRUE_FATAL(fd >= 0);
    CU_ASSERT_EQUAL(write(fd, "backend:\n  tipe: tee\n", 21), 21);
    CU_ASSERT_EQUAL(run(ARGS("--check-config", path)), EX_CONFIG);
    (void)snprintf(expected, sizeof(expected),
                   "tee-secretsd: %s:2:3: backend.tipe: no such setting; did you mean \"type\"?\n",
                   path);
    CU_ASSERT_TRUE(says(expected));
    CU_ASSERT_EQUAL(run(ARGS("-c", path)), EX_CONFIG);
    CU_ASSERT_EQUAL(run(ARGS("-c", "/nonexistent")), EX_CONFIG);
    (void)close(fd);
    (void)unlink(path);
}

static void
a_good_file_is_good_and_its_secrets_are_not_printed(void)
{
    (void)setenv("TEE_SECRETS_DEV_DIR", "/tmp/printed-nowhere", 1);
    CU_ASSERT_EQUAL(run(ARGS("--check-config", DEV)), EX_OK);
    CU_ASSERT_TRUE(says("dev.yaml: good\n"));
    CU_ASSERT_EQUAL(run(ARGS("--print-config", "-c", DEV)), EX_OK);
    CU_ASSERT_TRUE(says("      database_uri: \"***\"\n"));
    CU_ASSERT_TRUE(says("state_dir: \"/tmp/printed-nowhere\"\n"));
    CU_ASSERT_PTR_NULL(strstr(said, "store.db"));
}

static void
the_users_block_is_good_and_its_placeholders_are_warned_about(void)
{
    (void)setenv("SECRETS_SERVICE_DB_URI", "postgresql://u:hunter2@db/x", 1);
    CU_ASSERT_EQUAL(run(ARGS("--check-config", SOURCE_DIR "/tests/conf/users_block.yaml")), EX_OK);
    CU_ASSERT_TRUE(says("\"measurement1\" is a name, not a measurement, and admits nobody"));
    CU_ASSERT_PTR_NULL(strstr(said, "hunter2"));
}

static void
the_doctor_says_what_is_in_the_way_and_its_status_is_1(void)
{
    char path[] = "/tmp/tee-secrets-conf-XXXXXX";
    const int fd = mkstemp(path);

    CU_ASSERT_TRUE_FATAL(fd >= 0);
    CU_ASSERT_TRUE(dprintf(fd,
                           "backend: {type: tee, tee: {provider: simulated, attestation: "
                           "{allow_simulated: true}, storage: {database_uri: "
                           "\"sqlite:/nonexistent/x\"}}}\nplugins: {dir: \"%s\"}\n"
                           "server: {listen: [\"unix:///nonexistent/x\"]}\nstate_dir: \"%s\"\n",
                           PLUGIN_DIR, temp_dir())
                   > 0);
    CU_ASSERT_EQUAL(run(ARGS("--doctor", path)), EXIT_FAILURE);
    CU_ASSERT_TRUE(says("is good\n"));
    CU_ASSERT_TRUE(says("\nfail  store: "));
    CU_ASSERT_TRUE(says("\nfail  listener: unix:///nonexistent/x"));
    CU_ASSERT_TRUE(says("      do: "));
    CU_ASSERT_TRUE(says(" 2 wrong\n"));
    CU_ASSERT_EQUAL(run(ARGS("--doctor", path, "--format", "json")), EXIT_FAILURE);
    CU_ASSERT_TRUE(says("{\"checks\":[{\"check\":\"configuration\",\"state\":\"ok\""));
    CU_ASSERT_TRUE(says("\"fail\":2}\n"));
    CU_ASSERT_EQUAL(run(ARGS("--doctor", "/nonexistent")), EXIT_FAILURE);
    CU_ASSERT_TRUE(says("0 ok, 0 to know, 1 wrong\n"));
    (void)close(fd);
    (void)unlink(path);
}

static const struct test_case cases[] = {
    { "wrong usage is 64 and shows the usage", wrong_usage_is_64_and_shows_the_usage },
    { "the doctor says what is in the way, and its status is 1",
      the_doctor_says_what_is_in_the_way_and_its_status_is_1 },
    { "version and help need no file", version_and_help_need_no_file },
    { "a wrong file is 78 with the place", a_wrong_file_is_78_with_the_place },
    { "a good file is good and its secrets are not printed",
      a_good_file_is_good_and_its_secrets_are_not_printed },
    { "the user's block is good and its placeholders are warned about",
      the_users_block_is_good_and_its_placeholders_are_warned_about },
};

TEST_MAIN("main", cases)
