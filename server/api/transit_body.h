/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/transit_body.h
 * @brief The body of an operation on data, and of each item of its batch: found by one walk over
 * the text, without a tree and, where a string has no escapes, without a copy.
 *
 * Plaintexts and inputs pass through here.  Nothing of a value is ever in a sentence.
 */
#ifndef TSEC_API_TRANSIT_BODY_H
#define TSEC_API_TRANSIT_BODY_H

#include "api/call.h"
#include "codec/json_scan.h"

/* Every member that any of these operations knows; others are passed over, as Vault does. */
#define TRANSIT_MEMBERS(X)                      \
    X(ALGORITHM, "algorithm")                   \
    X(ASSOCIATED, "associated_data")            \
    X(BATCH, "batch_input")                     \
    X(BITS, "bits")                             \
    X(CIPHERTEXT, "ciphertext")                 \
    X(CONTEXT, "context")                       \
    X(CONVERGENT, "convergent_encryption")      \
    X(DETERMINISTIC, "deterministic")           \
    X(ETHEREUM, "ethereum")                     \
    X(HASH, "hash_algorithm")                   \
    X(HMAC, "hmac")                             \
    X(INPUT, "input")                           \
    X(LOW_S, "low_s")                           \
    X(MARSHALING, "marshaling_algorithm")       \
    X(NONCE, "nonce")                           \
    X(PARTIAL, "partial_failure_response_code") \
    X(PLAINTEXT, "plaintext")                   \
    X(PREHASHED, "prehashed")                   \
    X(REFERENCE, "reference")                   \
    X(SALT, "salt_length")                      \
    X(SCHEME, "signature_algorithm")            \
    X(SIGNATURE, "signature")                   \
    X(TYPE, "type")                             \
    X(VERSION, "key_version")

enum transit_member {
#define X(name, text) TRANSIT_IN_##name,
    TRANSIT_MEMBERS(X)
#undef X
        TRANSIT_IN_MEMBERS
};

struct transit_value {
    enum tsec_json_type type; /* TSEC_JSON_NONE: absent, or null */
    struct tsec_span raw;
};

struct transit_body {
    struct transit_value values[TRANSIT_IN_MEMBERS];
    bool item;    /* of a batch: */
    size_t index; /* which one, for sentences */
};

/** What the request carries; answers 400 and fails when that is no JSON object. */
TSEC_MUST_CHECK tsec_rc transit_body_read(struct api_call *call, struct transit_body *out,
                                          struct tsec_err *err);
/** Of text that passed the check. */
void transit_body_of(struct tsec_span object, struct transit_body *out);

static inline bool
transit_given(const struct transit_body *body, enum transit_member member)
{
    return body->values[member].type != TSEC_JSON_NONE;
}

/* What is not given leaves *out as it is.  TSEC_E_INVALID with a sentence in err->detail when it is
 * of another type; booleans and numbers may also come as strings. */
TSEC_MUST_CHECK tsec_rc transit_text(const struct transit_body *body, enum transit_member member,
                                     struct tsec_arena *arena, struct tsec_span *out,
                                     struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc transit_flag(const struct transit_body *body, enum transit_member member,
                                     bool *out, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc transit_number(const struct transit_body *body, enum transit_member member,
                                       int64_t *out, struct tsec_err *err);

#endif
