/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/boot.h"

#include "tests/test.h"

static void
what_cannot_serve_says_so(void)
{
    struct tsec_conf conf = { .name = (char[]){ "f.yaml" } };
    struct tsec_err err = { 0 };

    CU_ASSERT_EQUAL(boot_run(&conf, &err).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_STRING_EQUAL(err.detail, "f.yaml: this build cannot serve");
}

static const struct test_case cases[] = {
    { "what cannot serve says so", what_cannot_serve_says_so },
};

TEST_MAIN("boot", cases)
