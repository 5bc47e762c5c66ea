/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/core/secret_bench.h
 * @brief Secrets on a real node over a store in memory, each call an operation of its own.
 */
#ifndef TSEC_TESTS_SECRET_BENCH_H
#define TSEC_TESTS_SECRET_BENCH_H

#include "core/secret_head.h"
#include "tests/double/node_bench.h"
#include "tests/test.h"

#define OK(expr)                     CU_ASSERT_FALSE_FATAL(tsec_failed(expr))
#define EXPECT_CODE(expr, wanted)    CU_ASSERT_EQUAL((expr).code, (wanted))
#define EXPECT_DATA(path, n, wanted) CU_ASSERT_STRING_EQUAL(bench_data((path), (n)), (wanted))

enum { BENCH_VERSIONS = SECRET_VERSIONS_MAX };

/** The metadata of a secret, out of the transaction. */
struct bench_meta {
    struct secret secret; /* without custom and versions */
    struct secret_version versions[BENCH_VERSIONS];
    uint16_t head_slot;
    size_t members; /* rows of the group */
};

/** A node with one mount; every test begins with it. */
void bench_begin(void);
void bench_restart(void);
void bench_end(void);
void bench_advance(int64_t ns);
int64_t bench_now(void);

/** Every call: the result of the operation. */
tsec_rc bench_write(const char *path, const char *data);
tsec_rc bench_write_cas(const char *path, const char *data, uint64_t cas);
/** The data, "(gone)" of a version that is not live, "(none)" of none; static. */
const char *bench_data(const char *path, uint64_t version);
tsec_rc bench_read(const char *path, uint64_t version);
tsec_rc bench_change(const char *path, enum secret_change change, const uint64_t *versions,
                     size_t n);
tsec_rc bench_change_one(const char *path, enum secret_change change, uint64_t version);
tsec_rc bench_delete_current(const char *path);
tsec_rc bench_settings(const char *path, const struct secret_settings *settings);
tsec_rc bench_config(const struct secret_config *config);
tsec_rc bench_remove(const char *path);
bool bench_exists(const char *path);
/** NULL: no such secret; static. */
const struct bench_meta *bench_meta(const char *path);
/** The names, each followed by a space; static. */
const char *bench_list(const char *folder, const char *after, size_t limit, bool deep);
/** Any run. */
tsec_rc bench_run(bench_run_fn run, void *ctx);

#endif
