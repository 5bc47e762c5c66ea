/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/transit.h
 * @brief What the resources of a transit mount share: the key a path names, what a key looks like,
 * refusals in Vault's words, and the making of key material outside the state's lock.
 *
 * No handler writes private material into a reply but those of export and backup.
 */
#ifndef TSEC_API_TRANSIT_H
#define TSEC_API_TRANSIT_H

#include "api/ahead.h"
#include "api/envelope.h"
#include "core/transit_key.h"

enum {
    TRANSIT_TYPE_NAME_MAX = 64,
    TRANSIT_CONTEXT_MAX = 64 * 1024, /* of base64 */
};

/** The id of the mount, which its rows begin with. */
const char *transit_mount(const struct api_call *call);

/** The name of a key in variable i of the path.  Answers 404 and fails when it is none. */
TSEC_MUST_CHECK tsec_rc transit_name(struct api_call *call, size_t i, struct tsec_span *name,
                                     struct tsec_err *err);
/** The key that variable i names.  There is none: 404 without a sentence when `missing` is NULL,
 *  otherwise 400 with it. */
TSEC_MUST_CHECK tsec_rc transit_find(struct api_call *call, size_t i, const char *missing,
                                     const struct transit_key **out, struct tsec_err *err);

/** Answers what a function of core/transit_*.h failed with: what the client is to blame for is 400
 *  and says so. */
TSEC_MUST_CHECK tsec_rc transit_refuse(struct api_call *call, tsec_rc rc,
                                       const struct tsec_err *err);

/** What work for a key is known by: its id and revision.  Empty: out of memory, and nothing is
 * equal to that but work of the same kind. */
struct tsec_span transit_identity(struct api_call *call, const struct transit_key *key);

/** Bytes of a base64 member, in the arena; answers 400 and fails.  NULL and "" are no bytes. */
TSEC_MUST_CHECK tsec_rc transit_base64(struct api_call *call, const char *member, const char *text,
                                       struct tsec_span *out, struct tsec_err *err);
/** Answers 400 "unknown key type x" and fails. */
TSEC_MUST_CHECK tsec_rc transit_type_read(struct api_call *call, const char *name,
                                          enum transit_type *out);

/** New material in the arena, made by api_work(); answers and fails as that does.  `identity`: what
 *  it is for. */
TSEC_MUST_CHECK tsec_rc transit_make_ahead(struct api_call *call, struct tsec_span identity,
                                           enum transit_type type, int64_t key_size,
                                           const struct transit_fresh **out, struct tsec_err *err);

/** Vault shows and exports the versions that may still be used. */
int64_t transit_first_shown(const struct transit_key *key);
/** A key as an object: what it may do, and its versions with their public keys.  `context`: of a
 *  derived Ed25519 key, whose public keys depend on it. */
TSEC_MUST_CHECK tsec_rc transit_put_key(struct api_call *call, struct tsec_json_out *out,
                                        const struct transit_key *key, struct tsec_span context,
                                        struct tsec_err *err);
/** The envelope with it. */
TSEC_MUST_CHECK tsec_rc transit_answer_key(struct api_call *call, const struct transit_key *key,
                                           struct tsec_span context, struct tsec_err *err);

/** Vault's list of what a version's public key is called with: PEM; Ed25519: base64 of 32 bytes. */
void transit_public_text(enum transit_type type, struct tsec_span spki, struct tsec_buf *out);

#endif
