/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file codec/cbor.h
 * @brief CBOR (RFC 8949) read in place, strictly: no tree, no allocation, no recursion.
 *
 * Takes only what a careful encoder writes: shortest-form heads, definite lengths (but for a map,
 * where the caller says so), no tags but those asked for, no floats, no simple values but false,
 * true and null, UTF-8 in text.  It never looks past the end of its span and never trusts a length.
 *
 * A reader is a cursor; a failed call leaves it where it was.  Every failure is TSEC_E_INVALID with
 * the offset in its detail.
 */
#ifndef TSEC_CODEC_CBOR_H
#define TSEC_CODEC_CBOR_H

#include "base/err.h"
#include "base/span.h"

struct tsec_cbor {
    struct tsec_span rest;
    size_t offset; /* of rest in what was given first */
};

struct tsec_cbor tsec_cbor(struct tsec_span bytes);

/** Whether the next item is null; it is consumed when it is. */
bool tsec_cbor_null(struct tsec_cbor *cbor);
/** Consumes the tag when it is the next item. */
bool tsec_cbor_tag(struct tsec_cbor *cbor, uint64_t tag);
TSEC_MUST_CHECK tsec_rc tsec_cbor_uint(struct tsec_cbor *cbor, uint64_t *out, struct tsec_err *err);
/** An integer of either sign. */
TSEC_MUST_CHECK tsec_rc tsec_cbor_int(struct tsec_cbor *cbor, int64_t *out, struct tsec_err *err);
/** Borrowed from the input. */
TSEC_MUST_CHECK tsec_rc tsec_cbor_bytes(struct tsec_cbor *cbor, struct tsec_span *out,
                                        struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc tsec_cbor_text(struct tsec_cbor *cbor, struct tsec_span *out,
                                       struct tsec_err *err);
/** `max` bounds the count before anything is made of it. */
TSEC_MUST_CHECK tsec_rc tsec_cbor_array(struct tsec_cbor *cbor, size_t max, size_t *count,
                                        struct tsec_err *err);

/** Over the entries of one map; keys must be read in between by the caller. */
struct tsec_cbor_map {
    size_t left;     /* entries, when definite */
    bool indefinite; /* ends at the break */
    size_t seen;
    size_t max;
};
/** `indefinite_ok`: takes 0xbf ... 0xff as well. */
TSEC_MUST_CHECK tsec_rc tsec_cbor_map(struct tsec_cbor *cbor, size_t max, bool indefinite_ok,
                                      struct tsec_cbor_map *out, struct tsec_err *err);
/** *more: whether another key follows; consumes the break of an indefinite map. */
TSEC_MUST_CHECK tsec_rc tsec_cbor_map_next(struct tsec_cbor *cbor, struct tsec_cbor_map *map,
                                           bool *more, struct tsec_err *err);
/** Nothing may follow. */
TSEC_MUST_CHECK tsec_rc tsec_cbor_end(const struct tsec_cbor *cbor, struct tsec_err *err);
/** Skips one item of any kind, strictly read, nested at most 8 deep. */
TSEC_MUST_CHECK tsec_rc tsec_cbor_skip(struct tsec_cbor *cbor, struct tsec_err *err);

#endif
