/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/api/kv_bench.h
 * @brief Requests to the mount secret/ of a server without a socket, as root.
 */
#ifndef TSEC_TESTS_KV_BENCH_H
#define TSEC_TESTS_KV_BENCH_H

#include "tests/double/api_bench.h"
#include "tests/test.h"

extern struct api_bench kv;

void kv_begin(void);
void kv_end(void);

/** The status; `path` is below the mount. */
int kv_get(const char *path);
int kv_post(const char *path, const char *body);
int kv_delete(const char *path);
/** As application/merge-patch+json. */
int kv_patch(const char *path, const char *body);
int kv_list(const char *path);
int kv_call(enum api_method method, const char *path, const char *body);

/** A member of the last reply, written as JSON with sorted members and without white space; static.
 *  "(absent)": not there. */
const char *kv_at(const char *path);
/** Whether these bytes stand in the last reply. */
bool kv_says(const char *text);

#define EXPECT(status, call)  CU_ASSERT_EQUAL((call), (status))
#define EXPECT_AT(path, json) CU_ASSERT_STRING_EQUAL(kv_at(path), (json))
#define EXPECT_ERROR(text)    CU_ASSERT_STRING_EQUAL(api_bench_error(&kv), (text))
/** Nothing there: {"errors":[]}. */
#define EXPECT_NOTHING(call)                               \
    do {                                                   \
        EXPECT(404, (call));                               \
        CU_ASSERT_STRING_EQUAL(kv_at("errors"), "[]");     \
        CU_ASSERT_STRING_EQUAL(kv_at("data"), "(absent)"); \
    } while (0)

#endif
