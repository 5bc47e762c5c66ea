/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_call.h"
#include "client/pkcs11/p11_module.h"
#include "client/pkcs11/p11_say.h"
#include "crypto/crypto.h"

enum { OAEP_OVERHEAD = 2 * TSEC_SHA256_LEN + 2 }; /* RFC 8017 section 7.1.1 */

ck_rv_t
p11_encrypt_init(ck_session_handle_t session, struct ck_mechanism *mechanism,
                 ck_object_handle_t key)
{
    return p11_module_operation(session, P11_OP_ENCRYPT, mechanism, key);
}

ck_rv_t
p11_decrypt_init(ck_session_handle_t session, struct ck_mechanism *mechanism,
                 ck_object_handle_t key)
{
    return p11_module_operation(session, P11_OP_DECRYPT, mechanism, key);
}

static ck_rv_t
encrypt_here(struct p11_operation *op, struct tsec_span data)
{
    const struct p11_public *public = &op->object->public;
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    struct tsec_err err = { 0 };

    if (data.len > public->modulus.len - OAEP_OVERHEAD) {
        return CKR_DATA_LEN_RANGE;
    }
    tsec_crypto_enter();
    tsec_rc rc = tsec_pair_from_spki(public->kind, public->spki, &pair, &err);

    if (!tsec_failed(rc)) {
        rc = tsec_pair_encrypt(pair, op->scheme.hash, tsec_span(NULL, 0), data, &op->result, &err);
    }
    tsec_crypto_leave();
    return p11_rv_of(rc, &err);
}

static ck_rv_t
decrypt_there(const struct p11_module *module, struct p11_operation *op, struct tsec_span sealed)
{
    if (sealed.len != op->object->public.modulus.len) {
        return CKR_ENCRYPTED_DATA_LEN_RANGE;
    }
    return p11_transit_decrypt(&module->transit, op->object, sealed, &op->result);
}

/** A plaintext's length is known when it is there only: until then it is the longest. */
static ck_rv_t
hand_over(struct p11_operation *op, unsigned char *out, unsigned long *out_len)
{
    const unsigned long room = *out_len;

    *out_len = op->result.len;
    if (room < op->result.len) {
        return CKR_BUFFER_TOO_SMALL;
    }
    if (op->result.len > 0) {
        memcpy(out, op->result.ptr, op->result.len);
    }
    return CKR_OK;
}

static ck_rv_t
run(const struct p11_module *module, struct p11_operation *op, bool decrypting,
    struct tsec_span data, unsigned char *out, unsigned long *out_len)
{
    ck_rv_t rv = CKR_OK;

    if (out == NULL) {
        *out_len = op->done     ? op->result.len
                   : decrypting ? op->object->public.modulus.len - OAEP_OVERHEAD
                                : op->object->public.modulus.len;
        return CKR_OK;
    }
    if (!op->done) {
        rv = decrypting ? decrypt_there(module, op, data) : encrypt_here(op, data);
        op->done = rv == CKR_OK;
    }
    if (rv == CKR_OK) {
        rv = hand_over(op, out, out_len);
    }
    if (rv != CKR_BUFFER_TOO_SMALL) {
        p11_operation_end(op);
    }
    return rv;
}

static ck_rv_t
crypt_one(ck_session_handle_t session, bool decrypting, struct tsec_span data, unsigned char *out,
          unsigned long *out_len)
{
    struct p11_module *module;
    struct p11_session *held;
    ck_rv_t rv = p11_module_session(session, &module, &held);

    if (rv != CKR_OK) {
        return rv;
    }
    struct p11_operation *op = &held->ops[decrypting ? P11_OP_DECRYPT : P11_OP_ENCRYPT];

    if (op->object == NULL) {
        rv = CKR_OPERATION_NOT_INITIALIZED;
    } else if (out_len == NULL || (data.ptr == NULL && data.len > 0)) {
        p11_operation_end(op);
        rv = CKR_ARGUMENTS_BAD;
    } else {
        rv = run(module, op, decrypting, data, out, out_len);
    }
    p11_session_let_go(module->sessions, held);
    return rv;
}

ck_rv_t
p11_encrypt(ck_session_handle_t session, unsigned char *data, unsigned long data_len,
            unsigned char *sealed, unsigned long *sealed_len)
{
    return crypt_one(session, false, tsec_span(data, data_len), sealed, sealed_len);
}

ck_rv_t
p11_decrypt(ck_session_handle_t session, unsigned char *sealed, unsigned long sealed_len,
            unsigned char *data, unsigned long *data_len)
{
    return crypt_one(session, true, tsec_span(sealed, sealed_len), data, data_len);
}
