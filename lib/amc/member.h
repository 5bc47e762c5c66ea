/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file amc/member.h
 * @brief Members of the channel's JSON messages, each of exactly one type and length.
 *
 * Nothing is converted: a number in quotes is no number, null is not "absent", base64url has no
 * padding.  What was picked points into the text.
 */
#ifndef TSEC_AMC_MEMBER_H
#define TSEC_AMC_MEMBER_H

#include "codec/json_scan.h"

struct amc_member {
    const char *name;
    struct tsec_span value; /* empty: not there */
};

/** Checks that `text` is an object of at most `max` bytes and finds the members; others are passed
 *  over.  TSEC_E_INVALID. */
TSEC_MUST_CHECK tsec_rc amc_members(struct tsec_span text, size_t max,
                                    const struct tsec_json_limits *limits,
                                    struct amc_member *members, size_t n, struct tsec_err *err);

static inline bool
amc_member_there(const struct amc_member *member)
{
    return member->value.len > 0;
}

/** Exactly `len` bytes of base64url. */
bool amc_member_fixed(const struct amc_member *member, uint8_t *out, size_t len);
/** Any number of them, appended to `out`, whose memory must have room already when `got` points
 *  into it beside others. */
bool amc_member_bytes(const struct amc_member *member, struct tsec_buf *out, struct tsec_span *got);
/** Text of 1 to `max` bytes without control characters, and a NUL. */
bool amc_member_text(const struct amc_member *member, char *out, size_t max);
/** The same appended to `out`, of any length up to that of the text; also empty. */
bool amc_member_plain(const struct amc_member *member, struct tsec_buf *out, struct tsec_span *got);
bool amc_member_int(const struct amc_member *member, int64_t min, int64_t max, int64_t *out);
bool amc_member_is(const struct amc_member *member, const char *text);
bool amc_member_bool(const struct amc_member *member, bool *out);

#endif
