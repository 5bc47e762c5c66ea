/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/listener.h"

#include "base/span.h"
#include "tests/test.h"

static void
addresses_are_taken_apart(void)
{
    struct conf_listener l;

    CU_ASSERT_FALSE(tsec_failed(conf_listener_parse("tcp://127.0.0.1:8200", &l, NULL)));
    CU_ASSERT_TRUE(l.kind == CONF_LISTEN_TCP && l.port == 8200 && conf_listener_is_loopback(&l));
    CU_ASSERT_STRING_EQUAL(l.host, "127.0.0.1");
    CU_ASSERT_FALSE(tsec_failed(conf_listener_parse("tcp://[::1]:0", &l, NULL)));
    CU_ASSERT_TRUE(l.port == 0 && conf_listener_is_loopback(&l));
    CU_ASSERT_STRING_EQUAL(l.host, "::1");
    CU_ASSERT_FALSE(tsec_failed(conf_listener_parse("tcp://:443", &l, NULL)));
    CU_ASSERT_STRING_EQUAL(l.host, "");
    CU_ASSERT_FALSE(conf_listener_is_loopback(&l));
    CU_ASSERT_FALSE(tsec_failed(conf_listener_parse("unix:///run/s", &l, NULL)));
    CU_ASSERT_STRING_EQUAL(l.path, "/run/s");
    CU_ASSERT_FALSE(tsec_failed(conf_listener_parse("vsock://:5000", &l, NULL)));
    CU_ASSERT_TRUE(l.kind == CONF_LISTEN_VSOCK && l.cid == CONF_CID_ANY && l.port == 5000);
    CU_ASSERT_FALSE(tsec_failed(conf_listener_parse("vsock://16:4294967294", &l, NULL)));
    CU_ASSERT_TRUE(l.cid == 16 && l.port == 4294967294U);
}

static void
what_is_no_address_is_refused(void)
{
    static const char *const rows[] = {
        "",
        "8200",
        "http://x:1",
        "tcp://x",
        "tcp://x:65536",
        "tcp://x:",
        "tcp://x:1/",
        "tcp://x:-1",
        "tcp://::1:80",
        "tcp://a b:1",
        "tcp://[x:1",
        "unix://relative",
        "unix:///",
        "unix:///0123456789012345678901234567890123456789012345678901234567890123456789"
        "01234567890123456789012345678901234567",
        "vsock://5000",
        "vsock://x:5000",
        "vsock://:0",
        "vsock://:4294967295",
        "vsock://4294967296:1",
        "vsock://12345678901234567890:1",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        struct conf_listener l;
        struct tsec_err err = { 0 };

        CU_ASSERT_EQUAL(conf_listener_parse(rows[i], &l, &err).code, TSEC_E_CONFIG);
        CU_ASSERT_NOT_EQUAL(err.detail[0], '\0');
    }
}

static const struct test_case cases[] = {
    { "addresses are taken apart", addresses_are_taken_apart },
    { "what is no address is refused", what_is_no_address_is_refused },
};

TEST_MAIN("conf/listener", cases)
