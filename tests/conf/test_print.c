/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "tests/conf/sample.h"

#define BUSY                                                                           \
    SAMPLE                                                                             \
    "server:\n  listen: [\"unix:///run/x\"]\n  user: \"we\\\"ird\\\\${CONF_PRINT}\"\n" \
    "  tls: {mode: off}\n  limits: {idle_timeout: 90}\n"                               \
    "egress: {\"db:5432\": 1, \"kms:443\": 2}\n"                                       \
    "plugins:\n  a: {x: hidden1, y: hidden2}\n  b: {z: hidden3}\n"

static void
printed(const struct tsec_conf *conf, struct tsec_buf *out)
{
    conf_print(conf, out);
    tsec_buf_put_byte(out, 0);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_buf_check(out, NULL)));
}

static void
secrets_come_out_as_stars(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(65536);
    TSEC_AUTO(conf_free) struct tsec_conf *conf = NULL;

    (void)setenv("CONF_PRINT", "$${X}", 1);
    conf = sample_loaded(BUSY);
    CU_ASSERT_PTR_NOT_NULL_FATAL(conf);
    printed(conf, &out);
    CU_ASSERT_PTR_NULL(strstr((char *)out.ptr, "/tmp/x"));
    CU_ASSERT_PTR_NULL(strstr((char *)out.ptr, "hidden"));
    CU_ASSERT_PTR_NOT_NULL(strstr((char *)out.ptr, "      database_uri: \"***\"\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr((char *)out.ptr, "  \"a\":\n    \"x\": \"***\"\n"));
}

static void
what_is_printed_loads_and_prints_the_same(void)
{
    TSEC_AUTO_BUF struct tsec_buf first = TSEC_BUF_INIT(65536);
    TSEC_AUTO_BUF struct tsec_buf second = TSEC_BUF_INIT(65536);
    TSEC_AUTO(conf_free) struct tsec_conf *conf = NULL;
    TSEC_AUTO(conf_free) struct tsec_conf *again = NULL;
    char *stars;

    (void)setenv("CONF_PRINT", "${X}", 1);
    conf = sample_loaded(BUSY);
    CU_ASSERT_PTR_NOT_NULL_FATAL(conf);
    printed(conf, &first);
    stars = strstr((char *)first.ptr, "\"***\"");
    CU_ASSERT_PTR_NOT_NULL_FATAL(stars);
    memcpy(stars, "\"/xx\"", 5); /* a store address the check takes */
    again = sample_loaded((char *)first.ptr);
    CU_ASSERT_PTR_NOT_NULL_FATAL(again);
    CU_ASSERT_STRING_EQUAL(again->user, conf->user);
    CU_ASSERT_EQUAL(again->plugin_settings.len, 3);
    memcpy(stars, "\"***\"", 5);
    printed(again, &second);
    CU_ASSERT_STRING_EQUAL((char *)second.ptr, (char *)first.ptr);
}

static const struct test_case cases[] = {
    { "secrets come out as stars", secrets_come_out_as_stars },
    { "what is printed loads and prints the same", what_is_printed_loads_and_prints_the_same },
};

TEST_MAIN("conf/print", cases)
