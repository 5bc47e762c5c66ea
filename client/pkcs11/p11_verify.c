/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_call.h"
#include "client/pkcs11/p11_module.h"
#include "client/pkcs11/p11_say.h"
#include "crypto/crypto.h"

/* A public key is at hand: what needs no more is done here, without the server. */

ck_rv_t
p11_verify_init(ck_session_handle_t session, struct ck_mechanism *mechanism, ck_object_handle_t key)
{
    return p11_module_operation(session, P11_OP_VERIFY, mechanism, key);
}

static struct tsec_signing
signing_of(const struct p11_operation *op, size_t input_len)
{
    const enum p11_padding padding = op->scheme.mechanism->padding;

    return (struct tsec_signing){
        .hash = op->object->public.type == CKK_EC ? p11_hash_of_len(input_len) : op->scheme.hash,
        .prehashed = op->object->public.type != CKK_EC_EDWARDS,
        .scheme = padding == P11_PKCS1 ? TSEC_SCHEME_PKCS1 : TSEC_SCHEME_PSS,
        .form = TSEC_FORM_RAW,
        .salt_len = op->scheme.salt_len,
    };
}

static ck_rv_t
check(struct p11_operation *op, struct tsec_span signature)
{
    const struct p11_public *public = &op->object->public;
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    struct tsec_err err = { 0 };
    struct tsec_span input;
    ck_rv_t rv = p11_operation_input(op, &input);

    if (rv != CKR_OK) {
        return rv;
    }
    const struct tsec_signing how = signing_of(op, input.len);

    tsec_crypto_enter();
    tsec_rc rc = tsec_pair_from_spki(public->kind, public->spki, &pair, &err);
    const bool usable = !tsec_failed(rc);

    if (usable) {
        rc = tsec_pair_verify(pair, &how, input, signature, &err);
    }
    tsec_crypto_leave();
    return usable && (rc.code == TSEC_E_DENIED || rc.code == TSEC_E_INVALID) ? CKR_SIGNATURE_INVALID
                                                                             : p11_rv_of(rc, &err);
}

static ck_rv_t
finish(struct p11_operation *op, struct tsec_span last, struct tsec_span signature)
{
    ck_rv_t rv = CKR_OK;

    if (signature.ptr == NULL) {
        rv = CKR_ARGUMENTS_BAD;
    } else if (signature.len != op->object->public.signature_len) {
        rv = CKR_SIGNATURE_LEN_RANGE;
    } else {
        rv = p11_operation_add(op, last);
    }
    if (rv == CKR_OK) {
        rv = check(op, signature);
    }
    p11_operation_end(op);
    return rv;
}

ck_rv_t
p11_verify(ck_session_handle_t session, unsigned char *data, unsigned long data_len,
           unsigned char *signature, unsigned long signature_len)
{
    struct p11_module *module;
    struct p11_session *held;
    ck_rv_t rv = p11_module_session(session, &module, &held);

    if (rv != CKR_OK) {
        return rv;
    }
    struct p11_operation *op = &held->ops[P11_OP_VERIFY];

    if (op->object == NULL) {
        rv = CKR_OPERATION_NOT_INITIALIZED;
    } else if (op->pieces) {
        rv = CKR_OPERATION_ACTIVE;
    } else if (data == NULL && data_len > 0) {
        p11_operation_end(op);
        rv = CKR_ARGUMENTS_BAD;
    } else {
        rv = finish(op, tsec_span(data, data_len), tsec_span(signature, signature_len));
    }
    p11_session_let_go(module->sessions, held);
    return rv;
}

ck_rv_t
p11_verify_update(ck_session_handle_t session, unsigned char *part, unsigned long part_len)
{
    struct p11_module *module;
    struct p11_session *held;
    ck_rv_t rv = p11_module_session(session, &module, &held);

    if (rv != CKR_OK) {
        return rv;
    }
    rv = p11_operation_update(&held->ops[P11_OP_VERIFY], part, part_len);
    p11_session_let_go(module->sessions, held);
    return rv;
}

ck_rv_t
p11_verify_final(ck_session_handle_t session, unsigned char *signature, unsigned long signature_len)
{
    struct p11_module *module;
    struct p11_session *held;
    ck_rv_t rv = p11_module_session(session, &module, &held);

    if (rv != CKR_OK) {
        return rv;
    }
    struct p11_operation *op = &held->ops[P11_OP_VERIFY];

    rv = op->object == NULL ? CKR_OPERATION_NOT_INITIALIZED
                            : finish(op, tsec_span(NULL, 0), tsec_span(signature, signature_len));
    p11_session_let_go(module->sessions, held);
    return rv;
}
