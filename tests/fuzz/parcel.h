/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/fuzz/parcel.h
 * @brief One input of the verifiers' harnesses: how to verify, when, and what.
 *
 *     flags (1 byte)  time (4, big-endian, seconds since 1970)  item  item ...
 *
 * An item is its length (4, big-endian) and as many bytes, or as many as are left.  The first is
 * the evidence; the anchors follow when PARCEL_OWN is set; the rest is what comes beside the
 * evidence.
 */
#ifndef TSEC_TESTS_FUZZ_PARCEL_H
#define TSEC_TESTS_FUZZ_PARCEL_H

#include <tsec/attest.h>

#include "base/span.h"

enum {
    PARCEL_PINNED = 1 << 0,      /* the vendors' anchors */
    PARCEL_OWN = 1 << 1,         /* the anchors are an item; with neither, all are zero */
    PARCEL_BELIEVE = 1 << 2,     /* every signature holds: what lies behind them is reached */
    PARCEL_ALLOW_DEBUG = 1 << 3, /* expectations */
    PARCEL_ALLOW_TCB = 1 << 4,
    PARCEL_REVOCATION = 1 << 5,
    PARCEL_CACHED = 1 << 6,  /* verify with a cache as well, cold and warm, at other times too */
    PARCEL_VARIANT = 1 << 7, /* the harness's own: another format */
};

enum { PARCEL_ITEMS = 16 };

struct parcel {
    unsigned flags;
    int64_t now;
    struct tsec_span evidence;
    struct tsec_span anchors;
    struct tsec_span items[PARCEL_ITEMS];
    size_t items_len;
};

struct parcel parcel_open(const uint8_t *data, size_t size);

#endif
