/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file codec/json_names.h
 * @brief The member names of the objects that are open during a check, to find duplicates.
 *
 * Holds where names stand, and a hash of a few of their bytes, never the bytes.  An object of up to
 * 128 members is looked through by those hashes; a larger one, or one whose names have escapes, is
 * sorted, so that a large body costs n log n.
 */
#ifndef TSEC_CODEC_JSON_NAMES_H
#define TSEC_CODEC_JSON_NAMES_H

#include "base/err.h"
#include "base/span.h"

struct tsec_json_name {
    struct tsec_span raw; /* with quotes */
    bool escaped;         /* has a backslash */
    uint32_t hash;        /* set by push; says nothing when escaped */
};

struct tsec_json_names {
    struct tsec_json_name *items; /* `first`, or memory of its own */
    size_t len;
    size_t cap;
    struct tsec_json_name first[32];
};

void tsec_json_names_init(struct tsec_json_names *names);
void tsec_json_names_done(struct tsec_json_names *names);
TSEC_MUST_CHECK tsec_rc tsec_json_names_push(struct tsec_json_names *names,
                                             struct tsec_json_name name, struct tsec_err *err);
/** Whether two of those from `base` on are the same after unescaping; then forgets them.  The order
 *  of the forgotten is lost. */
bool tsec_json_names_pop(struct tsec_json_names *names, size_t base);

/** Order of two raw strings (with quotes) by their unescaped bytes. */
int tsec_json_strings_compare(struct tsec_span raw_a, struct tsec_span raw_b);

#endif
