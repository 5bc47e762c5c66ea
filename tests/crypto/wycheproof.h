/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/crypto/wycheproof.h
 * @brief Test vectors of Project Wycheproof, where somebody put them: they are read from
 * $TSEC_WYCHEPROOF, the folder testvectors_v1 of a clone of it, or from $TSEC_VECTORS/wycheproof,
 * and are not part of this tree.
 */
#ifndef TSEC_TESTS_CRYPTO_WYCHEPROOF_H
#define TSEC_TESTS_CRYPTO_WYCHEPROOF_H

#include <jansson.h>

#include "crypto/hash.h"
#include "tests/crypto/vector.h"

struct wycheproof {
    const json_t *group;
    const json_t *test;
    int id;
    bool valid;      /* must be accepted */
    bool acceptable; /* may be either */
};

/** Whether there are any vectors; says so when not. */
bool wycheproof_present(void);
/** Calls for every test of a file; asserts that there are any.  Files that $TSEC_VECTORS may lack
 *  are wycheproof_file()'s. */
void wycheproof_each(const char *file, void (*run)(const struct wycheproof *w));

/* ---- counted ---- */

/** Calls for every test of a file and says how many were accepted, refused and passed over; asserts
 *  that none was wrong, and that there were any.  A file that is not there is named. */
void wycheproof_file(const char *file, void (*run)(const struct wycheproof *w));
/** From a run: what came out, where `wanted` should have. */
void wycheproof_count(const struct wycheproof *w, bool wanted, bool accepted);
/** From a run: of a parameter that is not offered here. */
void wycheproof_not_offered(void);
/** Prints the sums of all files so far, and what to set when some were not here. */
void wycheproof_summary(void);
/** All vectors of many alike are to be run: $TSEC_WYCHEPROOF is set. */
bool wycheproof_thorough(void);

/** "SHA-256" … "SHA3-512", the member `key`; false: not offered here. */
bool wycheproof_hash(const json_t *object, const char *key, enum tsec_hash *out);
/** A member that is hexadecimal. */
struct vector wycheproof_hex(const json_t *object, const char *key);
/** An integer of exactly `len` bytes: leading zeroes are added or taken off. */
struct vector wycheproof_int(const json_t *object, const char *key, size_t len);
bool wycheproof_has_flag(const struct wycheproof *w, const char *flag);
/** Asserts that it was accepted or refused as the vectors want, naming the test otherwise. */
void wycheproof_expect(const struct wycheproof *w, bool accepted);

#endif
