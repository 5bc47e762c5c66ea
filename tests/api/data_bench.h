/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/api/data_bench.h
 * @brief Requests to a transit mount of a server without a socket, as root.
 */
#ifndef TSEC_TESTS_DATA_BENCH_H
#define TSEC_TESTS_DATA_BENCH_H

#include "tests/double/api_bench.h"
#include "tests/test.h"

extern struct api_bench data;

/** With a mount at transit/. */
void data_begin(void);
void data_end(void);

/** The status of a POST below the mount. */
int data_post(const char *path, const char *body);
__attribute__((format(printf, 2, 3))) int data_postf(const char *path, const char *fmt, ...);
/** Makes a key; it must succeed. */
void data_key(const char *name, const char *settings);
void data_rotate(const char *name);
void data_config(const char *name, const char *settings);

/** A text of the last reply's data, copied: it stays. NULL-terminated, static for each `slot` < 8.
 */
const char *data_keep(unsigned slot, const char *path);
const char *data_str(const char *path); /* below "data" */
/** As JSON with sorted members; "(absent)". */
const char *data_at(const char *path);
bool data_says(const char *text);

/** The decrypted plaintext (base64), or the refusal. */
const char *data_decrypted(const char *name, const char *ciphertext);

#define EXPECT(status, call)  CU_ASSERT_EQUAL((call), (status))
#define EXPECT_ERROR(text)    CU_ASSERT_STRING_EQUAL(api_bench_error(&data), (text))
#define EXPECT_AT(path, json) CU_ASSERT_STRING_EQUAL(data_at(path), (json))
/** The request is refused with that sentence. */
#define EXPECT_REFUSED(text, call) \
    do {                           \
        EXPECT(400, call);         \
        EXPECT_ERROR(text);        \
    } while (0)

#endif
