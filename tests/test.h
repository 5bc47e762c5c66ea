/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/test.h
 * @brief A CUnit program in three lines.
 */
#ifndef TSEC_TESTS_TEST_H
#define TSEC_TESTS_TEST_H

#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>

/* Automake reads these exit statuses. */
enum { TEST_PASS = 0, TEST_FAIL = 1, TEST_SKIP = 77 };

struct test_case {
    const char *name;
    void (*run)(void);
};

/** Runs the cases as one suite, and returns what main() is to return. */
int test_main(const char *suite, const struct test_case *cases, size_t n);

#define TEST_MAIN(suite, cases)                                                 \
    int main(void)                                                              \
    {                                                                           \
        return test_main((suite), (cases), sizeof(cases) / sizeof((cases)[0])); \
    }

#endif
