/* SPDX-License-Identifier: Apache-2.0 */
#include "attest-sim/sim_state.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "tests/double/temp_dir.h"
#include "tests/test.h"

static const char *
in(const char *dir, const char *name)
{
    static char path[600];

    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

static mode_t
mode_of(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

static void
keys_are_made_once_and_kept_private(void)
{
    const mode_t saved = umask(0);
    char dir[512];
    struct sim_state one;
    struct sim_state two;

    temp_path("state", dir, sizeof(dir));
    CU_ASSERT_EQUAL_FATAL(sim_state_open(dir, &one, NULL).code, 0);
    CU_ASSERT_EQUAL(mode_of(dir), 0700);
    CU_ASSERT_EQUAL(mode_of(in(dir, "root.key")), 0600);
    CU_ASSERT_EQUAL(mode_of(in(dir, "seal.key")), 0600);
    CU_ASSERT_EQUAL(mode_of(in(dir, "root.pem")), 0644);
    CU_ASSERT_EQUAL_FATAL(sim_state_open(dir, &two, NULL).code, 0);
    CU_ASSERT_TRUE(tsec_span_equal(tsec_span(one.root_spki, one.root_spki_len),
                                   tsec_span(two.root_spki, two.root_spki_len)));
    CU_ASSERT_TRUE(tsec_secret_equal(one.seal_key, two.seal_key));
    sim_state_done(&one);
    sim_state_done(&two);
    (void)umask(saved);
}

static bool
refused(const char *dir, const char *says)
{
    struct sim_state state;
    struct tsec_err err = { 0 };
    const tsec_rc rc = sim_state_open(dir, &state, &err);

    if (rc.code != TSEC_E_CONFIG || strstr(err.detail, says) == NULL || state.root != NULL) {
        (void)fprintf(stderr, "wanted \"%s\", got %d: %s\n", says, rc.code, err.detail);
        return false;
    }
    return true;
}

static void
write_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    (void)fputs(text, f);
    (void)fclose(f);
    (void)chmod(path, 0600);
}

static void
keys_that_others_can_read_are_refused(void)
{
    static const char *const names[] = { "root.key", "seal.key" };
    char dir[512];
    struct sim_state state;

    temp_path("open", dir, sizeof(dir));
    CU_ASSERT_EQUAL_FATAL(sim_state_open(dir, &state, NULL).code, 0);
    sim_state_done(&state);
    for (size_t i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(chmod(in(dir, names[i]), 0640), 0);
        CU_ASSERT_TRUE(refused(dir, names[i]));
        CU_ASSERT_EQUAL(chmod(in(dir, names[i]), 0604), 0);
        CU_ASSERT_TRUE(refused(dir, "chmod 600"));
        CU_ASSERT_EQUAL(chmod(in(dir, names[i]), 0600), 0);
    }
    CU_ASSERT_EQUAL(sim_state_open(dir, &state, NULL).code, 0);
    sim_state_done(&state);
}

static void
damaged_keys_are_refused_and_not_replaced(void)
{
    static const char *const texts[] = { "", "00\n", "zz", "\n" };
    char dir[512];
    struct sim_state state;

    temp_path("damaged", dir, sizeof(dir));
    CU_ASSERT_EQUAL_FATAL(sim_state_open(dir, &state, NULL).code, 0);
    sim_state_done(&state);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct stat st;

        write_text(in(dir, "seal.key"), texts[i]);
        CU_ASSERT_TRUE(refused(dir, "seal.key is damaged"));
        CU_ASSERT_EQUAL(stat(in(dir, "seal.key"), &st), 0);
        CU_ASSERT_EQUAL((size_t)st.st_size, strlen(texts[i]));
    }
    CU_ASSERT_EQUAL(unlink(in(dir, "seal.key")), 0);
    CU_ASSERT_EQUAL(symlink("/etc/hostname", in(dir, "seal.key")), 0);
    CU_ASSERT_TRUE(refused(dir, "seal.key"));
}

static void
a_folder_that_cannot_be_made_is_refused(void)
{
    char dir[512];

    temp_path("no/such", dir, sizeof(dir));
    CU_ASSERT_TRUE(refused(dir, "state_dir"));
    temp_path("file", dir, sizeof(dir));
    write_text(dir, "x");
    CU_ASSERT_TRUE(refused(dir, "state_dir"));
}

/* Both ends of a race to make the keys come out with the same ones. */
static void
two_processes_at_once_get_the_same_keys(void)
{
    char dir[512];
    struct sim_state state;
    int fds[2];
    uint8_t ids[4][SIM_ROOT_ID_LEN];

    temp_path("race", dir, sizeof(dir));
    CU_ASSERT_EQUAL_FATAL(pipe(fds), 0);
    for (size_t i = 0; i < 4; i++) {
        if (fork() == 0) {
            if (tsec_failed(sim_state_open(dir, &state, NULL))) {
                _exit(1);
            }
            sim_root_id(tsec_span(state.root_spki, state.root_spki_len), ids[0]);
            _exit(write(fds[1], ids[0], SIM_ROOT_ID_LEN) == SIM_ROOT_ID_LEN ? 0 : 1);
        }
    }
    for (size_t i = 0; i < 4; i++) {
        int status = 0;

        CU_ASSERT_TRUE(wait(&status) > 0);
        CU_ASSERT_TRUE_FATAL(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        CU_ASSERT_EQUAL(read(fds[0], ids[i], SIM_ROOT_ID_LEN), SIM_ROOT_ID_LEN);
        CU_ASSERT_TRUE(tsec_span_equal(tsec_span(ids[0], SIM_ROOT_ID_LEN),
                                       tsec_span(ids[i], SIM_ROOT_ID_LEN)));
    }
    (void)close(fds[0]);
    (void)close(fds[1]);
}

static const struct test_case cases[] = {
    { "keys are made once and kept private", keys_are_made_once_and_kept_private },
    { "keys that others can read are refused", keys_that_others_can_read_are_refused },
    { "damaged keys are refused and not replaced", damaged_keys_are_refused_and_not_replaced },
    { "a folder that cannot be made is refused", a_folder_that_cannot_be_made_is_refused },
    { "two processes at once get the same keys", two_processes_at_once_get_the_same_keys },
};

int
main(void)
{
    return tsec_failed(tsec_crypto_setup(NULL))
               ? TEST_FAIL
               : test_main("attest-sim/state", cases, sizeof(cases) / sizeof(cases[0]));
}
