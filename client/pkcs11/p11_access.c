/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_call.h"
#include "client/pkcs11/p11_module.h"
#include "client/pkcs11/p11_say.h"

ck_rv_t
p11_open_session(ck_slot_id_t slot, ck_flags_t flags, void *application, ck_notify_t notify,
                 ck_session_handle_t *session)
{
    struct p11_module *module;
    const ck_rv_t rv = p11_module(&module);

    (void)application; /* nothing is ever notified */
    (void)notify;
    if (rv != CKR_OK) {
        return rv;
    }
    if (slot != P11_SLOT) {
        return CKR_SLOT_ID_INVALID;
    }
    if (session == NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    if ((flags & CKF_SERIAL_SESSION) == 0) {
        return CKR_SESSION_PARALLEL_NOT_SUPPORTED;
    }
    return p11_session_open(module->sessions, (flags & CKF_RW_SESSION) != 0, session);
}

/** Who logged in with a PIN is logged out with the last session (PKCS #11 2.40, 5.6). */
static void
forget_login(struct p11_module *module)
{
    if (atomic_exchange(&module->logged_in, false)) {
        p11_server_use_own(module->server);
        p11_catalog_forget(module->catalog);
    }
}

ck_rv_t
p11_close_session(ck_session_handle_t session)
{
    struct p11_module *module;
    unsigned long left = 0;
    unsigned long writable = 0;
    ck_rv_t rv = p11_module(&module);

    if (rv == CKR_OK) {
        rv = p11_session_close(module->sessions, session);
    }
    if (rv == CKR_OK) {
        p11_sessions_count(module->sessions, &left, &writable);
        if (left == 0) {
            forget_login(module);
        }
    }
    return rv;
}

ck_rv_t
p11_close_all_sessions(ck_slot_id_t slot)
{
    struct p11_module *module;
    const ck_rv_t rv = p11_module(&module);

    if (rv != CKR_OK || slot != P11_SLOT) {
        return rv != CKR_OK ? rv : CKR_SLOT_ID_INVALID;
    }
    p11_session_close_all(module->sessions);
    forget_login(module);
    return CKR_OK;
}

ck_rv_t
p11_get_session_info(ck_session_handle_t session, struct ck_session_info *info)
{
    struct p11_module *module;
    struct p11_session *held;
    const ck_rv_t rv = p11_module_session(session, &module, &held);

    if (rv != CKR_OK) {
        return rv;
    }
    const bool in = atomic_load(&module->logged_in);
    const bool writable = held->writable;

    p11_session_let_go(module->sessions, held);
    if (info == NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    *info = (struct ck_session_info){
        .slot_id = P11_SLOT,
        .state = writable ? (in ? CKS_RW_USER_FUNCTIONS : CKS_RW_PUBLIC_SESSION)
                          : (in ? CKS_RO_USER_FUNCTIONS : CKS_RO_PUBLIC_SESSION),
        .flags = CKF_SERIAL_SESSION | (writable ? CKF_RW_SESSION : 0),
    };
    return CKR_OK;
}

/** The PIN is a token of the server's, and is good when the keys can be seen with it. */
static ck_rv_t
try_pin(struct p11_module *module, struct tsec_span pin)
{
    ck_rv_t rv = CKR_OK;

    if (pin.len > 0) {
        rv = p11_server_use(module->server, pin);
    } else if (p11_server_is_trusted(module->server)) {
        p11_server_use_own(module->server);
    } else {
        rv = CKR_PIN_INCORRECT;
    }
    if (rv == CKR_OK) {
        rv = p11_catalog_refresh(module->catalog, true);
    }
    if (rv != CKR_OK) {
        p11_server_use_own(module->server);
    }
    return rv == CKR_USER_NOT_LOGGED_IN ? CKR_PIN_INCORRECT : rv;
}

ck_rv_t
p11_login(ck_session_handle_t session, ck_user_type_t user, unsigned char *pin,
          unsigned long pin_len)
{
    struct p11_module *module;
    struct p11_session *held;
    ck_rv_t rv = p11_module_session(session, &module, &held);

    if (rv != CKR_OK) {
        return rv;
    }
    if (user == CKU_SO) {
        rv = CKR_USER_TYPE_INVALID;
    } else if (user == CKU_CONTEXT_SPECIFIC) {
        rv = CKR_OPERATION_NOT_INITIALIZED; /* no key asks for it */
    } else if (user != CKU_USER) {
        rv = CKR_USER_TYPE_INVALID;
    } else if (atomic_load(&module->logged_in)) {
        rv = CKR_USER_ALREADY_LOGGED_IN;
    } else {
        rv = try_pin(module, tsec_span(pin, pin == NULL ? 0 : pin_len));
        atomic_store(&module->logged_in, rv == CKR_OK);
    }
    p11_session_let_go(module->sessions, held);
    return rv;
}

ck_rv_t
p11_logout(ck_session_handle_t session)
{
    struct p11_module *module;
    struct p11_session *held;
    ck_rv_t rv = p11_module_session(session, &module, &held);

    if (rv != CKR_OK) {
        return rv;
    }
    if (atomic_load(&module->logged_in)) {
        forget_login(module);
    } else {
        rv = CKR_USER_NOT_LOGGED_IN;
    }
    p11_session_let_go(module->sessions, held);
    return rv;
}
