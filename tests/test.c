/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

int
test_main(const char *suite, const struct test_case *cases, size_t n)
{
    CU_pSuite s;
    unsigned failures;

    if (CU_initialize_registry() != CUE_SUCCESS) {
        return TEST_FAIL;
    }
    s = CU_add_suite(suite, NULL, NULL);
    for (size_t i = 0; s != NULL && i < n; i++) {
        if (CU_add_test(s, cases[i].name, cases[i].run) == NULL) {
            s = NULL;
        }
    }
    if (s == NULL) {
        CU_cleanup_registry();
        return TEST_FAIL;
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    (void)CU_basic_run_tests();
    failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures == 0 ? TEST_PASS : TEST_FAIL;
}
