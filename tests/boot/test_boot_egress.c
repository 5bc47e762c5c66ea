/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/boot_internal.h"

#include "tests/conf/sample.h"

static struct tsec_conf *
conf_of(const char *egress)
{
    struct tsec_conf *conf = NULL;
    struct tsec_err err = { 0 };
    char text[1024];

    (void)snprintf(text, sizeof(text), SAMPLE "%s", egress);
    CU_ASSERT_FALSE_FATAL(tsec_failed(sample_parse(text, &conf, &err)));
    return conf;
}

static void
plugins_are_told_where_each_service_is_reached(void)
{
    TSEC_AUTO(conf_free) struct tsec_conf *conf =
        conf_of("egress: {\"db.example:5432\": \"unix:/nowhere\", \"kds.example:443\": 7}\n");
    struct boot boot = { .conf = conf };
    char address[32];

    CU_ASSERT_FALSE_FATAL(tsec_failed(boot_open_egress(&boot, NULL)));
    CU_ASSERT_EQUAL_FATAL(boot.ways_out_len, 2);
    for (size_t i = 0; i < boot.ways_out_len; i++) {
        (void)snprintf(address, sizeof(address), "127.0.0.1:%u",
                       (unsigned)egress_port(boot.egress, i));
        CU_ASSERT_STRING_EQUAL(boot.ways_out[i].address, address);
    }
    CU_ASSERT_STRING_EQUAL(boot.ways_out[0].key, "egress db.example:5432");
    CU_ASSERT_STRING_EQUAL(boot.ways_out[1].key, "egress kds.example:443");
    boot_close_egress(&boot);
}

static void
without_entries_there_is_no_thread_and_no_port(void)
{
    TSEC_AUTO(conf_free) struct tsec_conf *conf = conf_of("");
    struct boot boot = { .conf = conf };

    CU_ASSERT_FALSE(tsec_failed(boot_open_egress(&boot, NULL)));
    CU_ASSERT_PTR_NULL(boot.egress);
    CU_ASSERT_EQUAL(boot.ways_out_len, 0);
    boot_close_egress(&boot);
}

static const struct test_case cases[] = {
    { "plugins are told where each service is reached",
      plugins_are_told_where_each_service_is_reached },
    { "without entries there is no thread and no port",
      without_entries_there_is_no_thread_and_no_port },
};

TEST_MAIN("boot/boot_egress", cases)
