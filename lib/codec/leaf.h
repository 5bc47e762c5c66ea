/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file codec/leaf.h
 * @brief The leaves of the ledger as bytes: a header that says kind and position, and the body of
 * an epoch leaf.
 *
 * Pure form: it opens nothing and checks no position.  A parsed leaf borrows from the bytes.
 */
#ifndef TSEC_CODEC_LEAF_H
#define TSEC_CODEC_LEAF_H

#include "base/buf.h"

enum { TSEC_LEAF_HEADER_LEN = 16, TSEC_LEAF_MAX = 65535 };

enum tsec_leaf_kind {
    TSEC_LEAF_BOOT = 0x01,
    TSEC_LEAF_EPOCH = 0x02,
    TSEC_LEAF_AUDIT = 0x03,
    TSEC_LEAF_MUTATION = 0x04,
    TSEC_LEAF_SNAPSHOT = 0x05,
    TSEC_LEAF_CONFIG = 0x06,
    TSEC_LEAF_ROTATION = 0x07,
    TSEC_LEAF_HANDOVER = 0x08,
    TSEC_LEAF_BREAK_GLASS = 0x09,
    TSEC_LEAF_DUMMY = 0x7f,
};

/** "boot", "epoch", ...; NULL for a value that is no kind. */
const char *tsec_leaf_kind_name(enum tsec_leaf_kind kind);

struct tsec_leaf {
    enum tsec_leaf_kind kind;
    uint64_t index; /* as the leaf says: the caller compares it with the position */
    struct tsec_span body;
};

/** Appends "TSL1" ‖ u8 kind ‖ u8 0 ‖ u16 0 ‖ u64 index; the body follows it. */
void tsec_leaf_header(struct tsec_buf *out, enum tsec_leaf_kind kind, uint64_t index);
/** TSEC_E_INVALID: no leaf, an unknown kind, flags set, or longer than TSEC_LEAF_MAX. */
TSEC_MUST_CHECK tsec_rc tsec_leaf_parse(struct tsec_span bytes, struct tsec_leaf *out,
                                        struct tsec_err *err);

struct tsec_leaf_epoch {
    uint32_t epoch;
    uint64_t first_index;
    struct tsec_span wrapped; /* age file of the epoch key; 1..65505 bytes */
};

/** Appends the body: u32 epoch ‖ u64 first index ‖ u16 length ‖ wrapped. */
TSEC_MUST_CHECK tsec_rc tsec_leaf_epoch_pack(const struct tsec_leaf_epoch *epoch,
                                             struct tsec_buf *out, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc tsec_leaf_epoch_parse(struct tsec_span body, struct tsec_leaf_epoch *out,
                                              struct tsec_err *err);

#endif
