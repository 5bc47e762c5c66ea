/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conf/sample.h"

#define FILE_FOR(provider)                        \
    "backend:\n  type: tee\n  tee:\n"             \
    "    provider: " provider "\n"                \
    "    attestation: {allow_simulated: true}\n"  \
    "    storage: {database_uri: \"sqlite:x\"}\n" \
    "    aws_nitro:\n      enclave_cpu_count: 4\n      enclave_memory_mb: 4096\n"

static void
less_than_the_file_promises_is_an_error(void)
{
    TSEC_AUTO(conf_free) struct tsec_conf *conf = sample_loaded(FILE_FOR("aws_nitro"));
    struct tsec_err err = { 0 };

    CU_ASSERT_PTR_NOT_NULL_FATAL(conf);
    CU_ASSERT_FALSE(
        tsec_failed(conf_check_resources(conf, &(struct conf_machine){ 4, 4096 }, NULL)));
    CU_ASSERT_FALSE(
        tsec_failed(conf_check_resources(conf, &(struct conf_machine){ 8, 3800 }, NULL)));
    CU_ASSERT_EQUAL(conf_check_resources(conf, &(struct conf_machine){ 3, 4096 }, &err).code,
                    TSEC_E_CONFIG);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "f.yaml:8:7: backend.tee.aws_nitro.enclave_cpu_count: the file promises "
                           "4 CPUs, here are 3; give the enclave more or lower the number");
    CU_ASSERT_EQUAL(conf_check_resources(conf, &(struct conf_machine){ 4, 2048 }, &err).code,
                    TSEC_E_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "f.yaml:9:7: "));
}

static void
the_promise_is_about_enclaves_only(void)
{
    TSEC_AUTO(conf_free) struct tsec_conf *conf = sample_loaded(FILE_FOR("simulated"));

    CU_ASSERT_PTR_NOT_NULL_FATAL(conf);
    CU_ASSERT_FALSE(tsec_failed(conf_check_resources(conf, &(struct conf_machine){ 1, 1 }, NULL)));
}

static void
this_machine_has_something(void)
{
    struct conf_machine here = { 0, 0 };

    conf_machine_read(&here);
    CU_ASSERT_TRUE(here.cpus >= 1 && here.memory_mb >= 64);
}

static const struct test_case cases[] = {
    { "less than the file promises is an error", less_than_the_file_promises_is_an_error },
    { "the promise is about enclaves only", the_promise_is_about_enclaves_only },
    { "this machine has something", this_machine_has_something },
};

TEST_MAIN("conf/machine", cases)
