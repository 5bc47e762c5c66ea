/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/trace.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

void
sim_trace_init(struct sim_trace *trace, bool loud)
{
    trace->digest = UINT64_C(0xcbf29ce484222325);
    trace->lines = 0;
    trace->loud = loud;
    trace->now_ns = 0;
}

void
sim_trace(struct sim_trace *trace, const char *fmt, ...)
{
    char *line = trace->last[trace->lines++ % SIM_TRACE_LINES];
    const int64_t us = trace->now_ns / 1000;
    va_list args;
    int at;

    at = snprintf(line, SIM_TRACE_LINE, "%4" PRId64 ".%06" PRId64 " ", us / 1000000, us % 1000000);
    va_start(args, fmt);
    (void)vsnprintf(line + at, SIM_TRACE_LINE - (size_t)at, fmt, args);
    va_end(args);
    for (const char *c = line; *c != '\0'; c++) {
        trace->digest = (trace->digest ^ (uint8_t)*c) * UINT64_C(0x100000001b3);
    }
    if (trace->loud) {
        (void)printf("%s\n", line);
    }
}

void
sim_trace_tell(const struct sim_trace *trace)
{
    const uint64_t from = trace->lines < SIM_TRACE_LINES ? 0 : trace->lines - SIM_TRACE_LINES;

    for (uint64_t i = from; i < trace->lines; i++) {
        (void)fprintf(stderr, "    %s\n", trace->last[i % SIM_TRACE_LINES]);
    }
}
