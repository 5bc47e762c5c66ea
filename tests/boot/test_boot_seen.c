/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <unistd.h>

#include "boot/boot_internal.h"
#include "tests/conf/sample.h"
#include "tests/double/temp_dir.h"

static struct tsec_conf *
configure(const char *last_seen, const char *state_dir)
{
    struct tsec_conf *conf = NULL;
    char text[4096];

    (void)snprintf(text, sizeof(text),
                   "backend:\n  type: tee\n  tee:\n    provider: simulated\n"
                   "    attestation: {allow_simulated: true}\n"
                   "    storage: {database_uri: \"sqlite:x\"%s}\nstate_dir: \"%s\"\n",
                   last_seen, state_dir);
    CU_ASSERT_FALSE_FATAL(tsec_failed(sample_parse(text, &conf, NULL)));
    return conf;
}

/* The name of the file that is opened; "": none. */
static tsec_rc
opened(const char *last_seen, const char *state_dir, char *out, size_t size)
{
    TSEC_AUTO(conf_free) struct tsec_conf *conf = configure(last_seen, state_dir);
    struct boot boot = { .conf = conf };
    struct tsec_err err = { 0 };
    const tsec_rc rc = boot_open_seen(&boot, &err);

    (void)snprintf(out, size, "%s", boot.seen == NULL ? "" : seen_file_path(boot.seen));
    seen_file_close(boot.seen);
    (void)unlink(out);
    return rc;
}

static void
it_is_in_the_state_dir_unless_told(void)
{
    char path[512];
    char want[512];
    char setting[600];

    CU_ASSERT_FALSE(tsec_failed(opened("", temp_dir(), path, sizeof(path))));
    (void)snprintf(want, sizeof(want), "%s/last-seen", temp_dir());
    CU_ASSERT_STRING_EQUAL(path, want);
    (void)snprintf(want, sizeof(want), "%s/another", temp_dir());
    (void)snprintf(setting, sizeof(setting), ", last_seen: \"%s\"", want);
    CU_ASSERT_FALSE(tsec_failed(opened(setting, "/nowhere", path, sizeof(path))));
    CU_ASSERT_STRING_EQUAL(path, want);
    CU_ASSERT_FALSE(tsec_failed(opened(", last_seen: none", temp_dir(), path, sizeof(path))));
    CU_ASSERT_STRING_EQUAL(path, "");
}

static void
without_a_folder_it_is_an_error_only_when_asked_for(void)
{
    char path[512];

    CU_ASSERT_FALSE(tsec_failed(opened("", "/no/such/folder", path, sizeof(path))));
    CU_ASSERT_STRING_EQUAL(path, "");
    CU_ASSERT_EQUAL(
        opened(", last_seen: \"/no/such/folder/x\"", temp_dir(), path, sizeof(path)).code,
        TSEC_E_CONFIG);
}

static const struct test_case cases[] = {
    { "it is in the state_dir unless told", it_is_in_the_state_dir_unless_told },
    { "without a folder it is an error only when asked for",
      without_a_folder_it_is_an_error_only_when_asked_for },
};

TEST_MAIN("boot/boot_seen", cases)
