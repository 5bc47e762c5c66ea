/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_call.h"
#include "client/pkcs11/p11_module.h"

ck_rv_t
p11_sign_init(ck_session_handle_t session, struct ck_mechanism *mechanism, ck_object_handle_t key)
{
    return p11_module_operation(session, P11_OP_SIGN, mechanism, key);
}

/** The signature over what was added and `last`.  A program that only asks for the length, or has
 *  no room, may come again. */
static ck_rv_t
finish(struct p11_module *module, struct p11_operation *op, struct tsec_span last,
       unsigned char *out, unsigned long *out_len)
{
    TSEC_AUTO_BUF struct tsec_buf signature = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
    struct tsec_span input;

    if (out_len == NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    const unsigned long room = *out_len;

    *out_len = op->object->public.signature_len;
    if (out == NULL) {
        return CKR_OK;
    }
    if (room < *out_len) {
        return CKR_BUFFER_TOO_SMALL;
    }
    ck_rv_t rv = p11_operation_add(op, last);

    if (rv == CKR_OK) {
        rv = p11_operation_input(op, &input);
    }
    if (rv == CKR_OK) {
        rv = p11_transit_sign(&module->transit, op->object, &op->scheme, input, &signature);
    }
    if (rv == CKR_OK) {
        memcpy(out, signature.ptr, signature.len);
    }
    p11_operation_end(op);
    return rv;
}

ck_rv_t
p11_sign(ck_session_handle_t session, unsigned char *data, unsigned long data_len,
         unsigned char *signature, unsigned long *signature_len)
{
    struct p11_module *module;
    struct p11_session *held;
    ck_rv_t rv = p11_module_session(session, &module, &held);

    if (rv != CKR_OK) {
        return rv;
    }
    struct p11_operation *op = &held->ops[P11_OP_SIGN];

    if (op->object == NULL) {
        rv = CKR_OPERATION_NOT_INITIALIZED;
    } else if (op->pieces) {
        rv = CKR_OPERATION_ACTIVE;
    } else if (data == NULL && data_len > 0) {
        rv = CKR_ARGUMENTS_BAD;
    } else {
        rv = finish(module, op, tsec_span(data, data_len), signature, signature_len);
    }
    p11_session_let_go(module->sessions, held);
    return rv;
}

ck_rv_t
p11_sign_update(ck_session_handle_t session, unsigned char *part, unsigned long part_len)
{
    struct p11_module *module;
    struct p11_session *held;
    ck_rv_t rv = p11_module_session(session, &module, &held);

    if (rv != CKR_OK) {
        return rv;
    }
    rv = p11_operation_update(&held->ops[P11_OP_SIGN], part, part_len);
    p11_session_let_go(module->sessions, held);
    return rv;
}

ck_rv_t
p11_sign_final(ck_session_handle_t session, unsigned char *signature, unsigned long *signature_len)
{
    struct p11_module *module;
    struct p11_session *held;
    ck_rv_t rv = p11_module_session(session, &module, &held);

    if (rv != CKR_OK) {
        return rv;
    }
    struct p11_operation *op = &held->ops[P11_OP_SIGN];

    rv = op->object == NULL ? CKR_OPERATION_NOT_INITIALIZED
                            : finish(module, op, tsec_span(NULL, 0), signature, signature_len);
    p11_session_let_go(module->sessions, held);
    return rv;
}
