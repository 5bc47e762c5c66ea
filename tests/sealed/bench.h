/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/sealed/bench.h
 * @brief What the tests of this folder begin with.
 */
#ifndef TSEC_TESTS_SEALED_BENCH_H
#define TSEC_TESTS_SEALED_BENCH_H

#include "sealed/keyring.h"
#include "tests/test.h"

#define OK(expr)         CU_ASSERT_FALSE_FATAL(tsec_failed(expr))
#define FAILS(expr, why) CU_ASSERT_EQUAL((expr).code, (why))

#define BENCH_ORIGIN "test.example/ledger/1"

enum { BENCH_NOW = 1790000000 };

static inline struct keyring *
bench_keyring(void)
{
    struct keyring *keyring = NULL;

    OK(keyring_new(BENCH_ORIGIN, BENCH_NOW, &keyring, NULL));
    return keyring;
}

#endif
