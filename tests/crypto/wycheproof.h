/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/crypto/wycheproof.h
 * @brief Test vectors of Project Wycheproof, where somebody put them: they are read from
 * $TSEC_VECTORS/wycheproof and are not part of this tree.
 */
#ifndef TSEC_TESTS_CRYPTO_WYCHEPROOF_H
#define TSEC_TESTS_CRYPTO_WYCHEPROOF_H

#include <jansson.h>

#include "tests/crypto/vector.h"

struct wycheproof {
    const json_t *group;
    const json_t *test;
    int id;
    bool valid;      /* must be accepted */
    bool acceptable; /* may be either */
};

/** Whether the vectors are there; says so when not. */
bool wycheproof_present(void);
/** Calls for every test of a file; asserts that there are any. */
void wycheproof_each(const char *file, void (*run)(const struct wycheproof *w));

/** A member that is hexadecimal. */
struct vector wycheproof_hex(const json_t *object, const char *key);
/** An integer of exactly `len` bytes: leading zeroes are added or taken off. */
struct vector wycheproof_int(const json_t *object, const char *key, size_t len);
bool wycheproof_has_flag(const struct wycheproof *w, const char *flag);
/** Asserts that it was accepted or refused as the vectors want, naming the test otherwise. */
void wycheproof_expect(const struct wycheproof *w, bool accepted);

#endif
