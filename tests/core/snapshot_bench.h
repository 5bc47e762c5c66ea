/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/core/snapshot_bench.h
 * @brief A database whose log is long enough for a snapshot, and ways to spoil it.
 */
#ifndef TSEC_TESTS_CORE_SNAPSHOT_BENCH_H
#define TSEC_TESTS_CORE_SNAPSHOT_BENCH_H

#include "core/node_internal.h"
#include "tests/double/node_bench.h"
#include "tests/double/store_fault.h"
#include "tests/double/store_mem.h"
#include "tests/test.h"

#define OK(expr) CU_ASSERT_FALSE_FATAL(tsec_failed(expr))

/** Makes "mem:NAME" a database that was ended cleanly, with a snapshot of two parts; its row
 *  "sys/last" is "word".  Made once, and copied. */
void snapshot_bench_copy(struct node_bench *bench, const char *uri);
/** As many operations as a snapshot is worth. */
void snapshot_bench_lengthen(struct node_bench *bench);
/** The nth record under the prefix, altered in its middle or taken away.  Of "S" the first is the
 *  pointer; the parts follow it. */
void snapshot_bench_spoil(const char *uri, const char *prefix, size_t nth, bool gone);
/** Takes what is under the prefix away from one store, unless `beside`, and, from another, puts its
 *  own there. */
void snapshot_bench_transplant(const char *from, const char *to, const char *prefix, bool beside);
/** A start ends with TSEC_E_TAMPERED and these words. */
void snapshot_bench_refused(const char *uri, const char *words);

#endif
