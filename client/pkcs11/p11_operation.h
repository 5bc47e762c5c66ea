/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/pkcs11/p11_operation.h
 * @brief An operation that a session has begun: with which key, how, and on what data so far.
 *
 * Data that is to be hashed is hashed here, piece by piece, so that its length does not matter and
 * only the digest travels.  The rest is kept, up to what the mechanism takes.
 */
#ifndef TSEC_CLIENT_P11_OPERATION_H
#define TSEC_CLIENT_P11_OPERATION_H

#include "client/pkcs11/p11_mechanism.h"
#include "client/pkcs11/p11_object.h"
#include "crypto/hasher.h"

struct p11_operation {
    const struct p11_object *object; /* NULL: none has begun */
    struct p11_scheme scheme;
    bool pieces; /* some came by an update */
    struct tsec_hasher *hasher;
    struct tsec_buf data;
    bool done; /* there is a result, for which the program has yet to make room */
    struct tsec_buf result;
};

/** CKR_OPERATION_ACTIVE: another has begun. */
TSEC_MUST_CHECK ck_rv_t p11_operation_begin(struct p11_operation *op, ck_flags_t use,
                                            const struct ck_mechanism *wish,
                                            const struct p11_object *object);
TSEC_MUST_CHECK ck_rv_t p11_operation_add(struct p11_operation *op, struct tsec_span piece);
/** A piece that a program hands over by itself; a failure ends the operation. */
TSEC_MUST_CHECK ck_rv_t p11_operation_update(struct p11_operation *op, const unsigned char *part,
                                             unsigned long part_len);
/** What is to be signed: the digest, or the data as it came.  *out is of the operation. */
TSEC_MUST_CHECK ck_rv_t p11_operation_input(struct p11_operation *op, struct tsec_span *out);
void p11_operation_end(struct p11_operation *op);

#endif
