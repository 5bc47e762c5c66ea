/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/sim/trace.h
 * @brief What a simulation did, line by line: a digest of all of it, and the last lines.
 *
 * Two runs of one seed give the same digest, so nothing random may stand in a line: no key, nonce
 * or hash, only what was decided.
 */
#ifndef TSEC_TESTS_SIM_TRACE_H
#define TSEC_TESTS_SIM_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIM_TRACE_LINES = 64, SIM_TRACE_LINE = 160 };

struct sim_trace {
    uint64_t digest;
    uint64_t lines;
    bool loud; /* print each line at once */
    int64_t now_ns;
    char last[SIM_TRACE_LINES][SIM_TRACE_LINE];
};

void sim_trace_init(struct sim_trace *trace, bool loud);
void sim_trace(struct sim_trace *trace, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** Prints the last lines. */
void sim_trace_tell(const struct sim_trace *trace);

#endif
