/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_operation.h"

#include "client/pkcs11/p11_say.h"

static bool
hashes(const struct p11_operation *op)
{
    return op->scheme.mechanism->hash != (enum tsec_hash)TSEC_HASH_NONE;
}

ck_rv_t
p11_operation_begin(struct p11_operation *op, ck_flags_t use, const struct ck_mechanism *wish,
                    const struct p11_object *object)
{
    struct tsec_err err = { 0 };

    if (op->object != NULL) {
        return CKR_OPERATION_ACTIVE;
    }
    const ck_rv_t rv = p11_scheme_of(wish, use, &object->public, &op->scheme);

    if (rv != CKR_OK) {
        return rv;
    }
    if (hashes(op)) {
        const tsec_rc rc = tsec_hasher_new(op->scheme.hash, &op->hasher, &err);

        if (tsec_failed(rc)) {
            return p11_rv_of(rc, &err);
        }
    }
    op->pieces = false;
    op->done = false;
    tsec_buf_init(&op->data, p11_scheme_input_max(&op->scheme, &object->public));
    tsec_buf_init(&op->result, TSEC_PAIR_SIG_MAX);
    op->object = object;
    return CKR_OK;
}

ck_rv_t
p11_operation_add(struct p11_operation *op, struct tsec_span piece)
{
    if (hashes(op)) {
        tsec_hasher_add(op->hasher, piece);
        return CKR_OK;
    }
    tsec_buf_put_span(&op->data, piece);
    return !op->data.failed ? CKR_OK : op->data.no_memory ? CKR_HOST_MEMORY : CKR_DATA_LEN_RANGE;
}

ck_rv_t
p11_operation_input(struct p11_operation *op, struct tsec_span *out)
{
    const enum p11_padding padding = op->scheme.mechanism->padding;

    if (hashes(op)) {
        uint8_t digest[TSEC_SHA512_LEN];

        tsec_hasher_end(op->hasher, digest);
        tsec_buf_init(&op->data, sizeof(digest));
        tsec_buf_put(&op->data, digest, tsec_hash_len(op->scheme.hash));
        if (op->data.failed) {
            return CKR_HOST_MEMORY;
        }
    }
    *out = tsec_buf_span(&op->data);
    if (padding == P11_PSS && out->len != tsec_hash_len(op->scheme.hash)) {
        return CKR_DATA_LEN_RANGE;
    }
    /* ECDSA over a digest: which hash made it does not matter, but it is one's length. */
    if (op->object->public.type == CKK_EC
        && p11_hash_of_len(out->len) == (enum tsec_hash)TSEC_HASH_NONE) {
        return CKR_DATA_LEN_RANGE;
    }
    return CKR_OK;
}

void
p11_operation_end(struct p11_operation *op)
{
    if (op->object != NULL) {
        tsec_hasher_free(TSEC_TAKE(op->hasher));
        tsec_buf_done(&op->data);
        tsec_buf_done(&op->result);
        op->object = NULL;
    }
}

ck_rv_t
p11_operation_update(struct p11_operation *op, const unsigned char *part, unsigned long part_len)
{
    ck_rv_t rv;

    if (op->object == NULL) {
        return CKR_OPERATION_NOT_INITIALIZED;
    }
    rv = part == NULL && part_len > 0 ? CKR_ARGUMENTS_BAD
                                      : p11_operation_add(op, tsec_span(part, part_len));
    op->pieces = true;
    if (rv != CKR_OK) {
        p11_operation_end(op);
    }
    return rv;
}
