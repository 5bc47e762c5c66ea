/* SPDX-License-Identifier: Apache-2.0 */
#include "host/egress_target.h"

#include <errno.h>

#include "base/span.h"
#include "tests/test.h"

static void
a_target_is_a_port_of_the_parent_or_of_another_or_a_socket(void)
{
    static const struct {
        const char *text;
        uint32_t cid;
        uint32_t port;
        const char *path;
    } rows[] = {
        { "7000", 3, 7000, "" },
        { "2:8000", 2, 8000, "" },
        { "4294967294:4294967294", 4294967294, 4294967294, "" },
        { "unix:/run/db.sock", 3, 0, "/run/db.sock" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        struct egress_target t;

        CU_ASSERT_FALSE(tsec_failed(egress_target_parse(rows[i].text, &t, NULL)));
        CU_ASSERT_EQUAL(t.cid, rows[i].cid);
        CU_ASSERT_EQUAL(t.port, rows[i].port);
        CU_ASSERT_STRING_EQUAL(t.path, rows[i].path);
    }
}

static void
everything_else_is_refused(void)
{
    static const char *const rows[] = {
        "",
        ":",
        "x",
        "0",
        "3:",
        ":5",
        "3:0",
        "-1",
        "+1",
        "1 ",
        " 1",
        "3:4:5",
        "4294967296",
        "4294967295",
        "3:x",
        "unix",
        "unix:",
        "unix:relative",
        "4294967295:1",
        "vsock://3:5",
        "99999999999",
        "db.example.com:5432",
        "unix:/"
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234"
        "5678901234567890123456789",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        struct egress_target t;
        struct tsec_err err = { 0 };

        CU_ASSERT_EQUAL(egress_target_parse(rows[i], &t, &err).code, TSEC_E_CONFIG);
        CU_ASSERT_NOT_EQUAL(err.detail[0], '\0');
    }
}

static void
a_socket_that_is_not_there_is_told_at_once(void)
{
    const struct egress_target nobody = { .path = "/nowhere/at/all" };

    CU_ASSERT_EQUAL(egress_target_connect(&nobody), -ENOENT);
}

static const struct test_case cases[] = {
    { "a target is a port of the parent, or of another, or a socket",
      a_target_is_a_port_of_the_parent_or_of_another_or_a_socket },
    { "everything else is refused", everything_else_is_refused },
    { "a socket that is not there is told at once", a_socket_that_is_not_there_is_told_at_once },
};

TEST_MAIN("host/egress_target", cases)
