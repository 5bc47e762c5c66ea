/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/boot.h"

#include "tests/conf/sample.h"
#include "tests/double/temp_dir.h"

static void
a_missing_plugin_stops_the_start_and_is_named(void)
{
    TSEC_AUTO(conf_free) struct tsec_conf *conf = NULL;
    struct tsec_err err = { 0 };
    char text[1024];

    (void)snprintf(text, sizeof(text), SAMPLE "plugins: {dir: \"%s\"}\nstate_dir: \"%s\"\n",
                   temp_dir(), temp_dir());
    CU_ASSERT_FALSE_FATAL(tsec_failed(sample_parse(text, &conf, &err)));
    CU_ASSERT_EQUAL(boot_run(conf, &err).code, TSEC_E_PLUGIN);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "attest-sim"));
}

static void
a_store_without_its_folder_stops_the_start(void)
{
    TSEC_AUTO(conf_free) struct tsec_conf *conf = NULL;
    struct tsec_err err = { 0 };
    char text[1024];

    (void)snprintf(text, sizeof(text),
                   "backend:\n  type: tee\n  tee:\n    provider: simulated\n"
                   "    attestation: {allow_simulated: true}\n"
                   "    storage: {database_uri: \"sqlite:%s/none/x.db\"}\n"
                   "plugins: {dir: \"" PLUGIN_DIR "\"}\nstate_dir: \"%s\"\n",
                   temp_dir(), temp_dir());
    CU_ASSERT_FALSE_FATAL(tsec_failed(sample_parse(text, &conf, &err)));
    CU_ASSERT_TRUE(tsec_failed(boot_run(conf, &err)));
    CU_ASSERT_TRUE(err.detail[0] != '\0');
}

static const struct test_case cases[] = {
    { "a missing plugin stops the start and is named",
      a_missing_plugin_stops_the_start_and_is_named },
    { "a store without its folder stops the start", a_store_without_its_folder_stops_the_start },
};

TEST_MAIN("boot", cases)
