/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/api/transit_bench.h
 * @brief Requests to a mount transit/ of a server without a socket, as root.
 */
#ifndef TSEC_TESTS_TRANSIT_BENCH_H
#define TSEC_TESTS_TRANSIT_BENCH_H

#include "tests/double/api_bench.h"
#include "tests/test.h"

extern struct api_bench tb;

/** A server with a mount of that type; every test begins with it. */
void tb_begin(void);
void tb_end(void);

/** The status; `path` is below the mount and may have a query. */
int tb_get(const char *path);
int tb_post(const char *path, const char *body);
int tb_delete(const char *path);
int tb_list(const char *path);
int tb_call(enum api_method method, const char *path, const char *body);
/** By another token than root's. */
int tb_call_as(const char *token, enum api_method method, const char *path, const char *body);

/** A key of that type; the settings are further members (",\"derived\":true") or "". */
void tb_make(const char *name, const char *type, const char *settings);

/** A token that may do so much, in HCL. */
void tb_token(const char *hcl, char out[TOKEN_TEXT_MAX + 1]);

/** A member of the last reply, written as JSON with sorted members and without white space; static.
 *  "(absent)": not there. */
const char *tb_at(const char *path);
/** A string of the last reply; static, the last 64. */
const char *tb_text(const char *path);
/** Text with every '"' and '\\' and line end escaped, for a member of a body; static, likewise. */
const char *tb_quote(const char *text);
/** Whether these bytes stand in the last reply. */
bool tb_says(const char *text);

#define EXPECT(status, call)  CU_ASSERT_EQUAL((call), (status))
#define EXPECT_AT(path, json) CU_ASSERT_STRING_EQUAL(tb_at(path), (json))
#define EXPECT_ERROR(text)    CU_ASSERT_STRING_EQUAL(api_bench_error(&tb), (text))
/** Refused with 400 and that sentence. */
#define EXPECT_REFUSED(text, call) \
    do {                           \
        EXPECT(400, (call));       \
        EXPECT_ERROR(text);        \
    } while (0)
/** Nothing there: {"errors":[]}. */
#define EXPECT_NOTHING(call)                               \
    do {                                                   \
        EXPECT(404, (call));                               \
        CU_ASSERT_STRING_EQUAL(tb_at("errors"), "[]");     \
        CU_ASSERT_STRING_EQUAL(tb_at("data"), "(absent)"); \
    } while (0)

#endif
