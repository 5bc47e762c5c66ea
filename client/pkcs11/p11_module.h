/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/pkcs11/p11_module.h
 * @brief The one instance of the module in a process, from C_Initialize to C_Finalize.
 *
 * After a fork the child has none until it initializes: that takes over the settings and the token
 * of the parent, so that a worker that gave up its rights and its environment still reaches the
 * server, and nothing else.
 */
#ifndef TSEC_CLIENT_P11_MODULE_H
#define TSEC_CLIENT_P11_MODULE_H

#include <stdatomic.h>

#include "client/pkcs11/p11_catalog.h"
#include "client/pkcs11/p11_session.h"
#include "client/pkcs11/p11_transit.h"

enum { P11_SLOT = 0 };

struct p11_module {
    struct p11_settings *settings;
    struct p11_server *server;
    struct p11_catalog *catalog;
    struct p11_sessions *sessions;
    struct p11_transit transit;
    atomic_bool logged_in;
};

TSEC_MUST_CHECK ck_rv_t p11_module_begin(const char *reserved);
TSEC_MUST_CHECK ck_rv_t p11_module_end(void);
/** CKR_CRYPTOKI_NOT_INITIALIZED. */
TSEC_MUST_CHECK ck_rv_t p11_module(struct p11_module **out);
/** The module and a session of it, which is held: p11_session_let_go() after use. */
TSEC_MUST_CHECK ck_rv_t p11_module_session(ck_session_handle_t handle, struct p11_module **out,
                                           struct p11_session **session);
/** What all of C_SignInit, C_VerifyInit, C_EncryptInit and C_DecryptInit do. */
TSEC_MUST_CHECK ck_rv_t p11_module_operation(ck_session_handle_t session, enum p11_slot_of what,
                                             const struct ck_mechanism *mechanism,
                                             ck_object_handle_t key);

#endif
