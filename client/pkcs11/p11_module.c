/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_module.h"

#include <stdlib.h>

#include "client/pkcs11/p11_say.h"
#include "crypto/crypto.h"

static pthread_mutex_t beginning = PTHREAD_MUTEX_INITIALIZER;
static _Atomic(struct p11_module *) present;
static _Atomic(struct p11_module *) of_parent; /* in a child that has not initialized */
static bool prepared;

/** Locks may be held by threads that the child does not have, so nothing of the parent's is
 *  touched but what is taken over. */
static void
on_fork(void)
{
    struct p11_module *before = atomic_load(&present);

    if (before != NULL) {
        atomic_store(&of_parent, before);
        atomic_store(&present, NULL);
    }
    (void)pthread_mutex_init(&beginning, NULL);
}

/** Once in a process. */
static tsec_rc
prepare(struct tsec_err *err)
{
    if (prepared) {
        return TSEC_OK;
    }
    TSEC_TRY(tsec_crypto_setup_guest(err));
    TSEC_TRY(cli_http_setup(err));
    if (pthread_atfork(NULL, NULL, on_fork) != 0) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory");
    }
    prepared = true;
    return TSEC_OK;
}

static void
module_free(struct p11_module *module)
{
    if (module != NULL) {
        p11_sessions_free(module->sessions);
        p11_catalog_free(module->catalog);
        p11_server_free(module->server);
        p11_settings_free(module->settings);
        free(module);
    }
}
TSEC_DEFINE_AUTO(struct p11_module, module_free)

/** The parent's catalog, sessions and connections are left alone. */
static void
take_from_parent(struct p11_module *module)
{
    struct p11_module *parent = atomic_exchange(&of_parent, NULL);

    if (parent != NULL) {
        module->settings = TSEC_TAKE(parent->settings);
        module->server = TSEC_TAKE(parent->server);
        p11_server_forked(module->server);
    }
}

static tsec_rc
fill(struct p11_module *module, const char *reserved, struct tsec_err *err)
{
    take_from_parent(module);
    if (module->settings == NULL) {
        TSEC_TRY(p11_settings_load(reserved, &module->settings, err));
        TSEC_TRY(p11_server_new(module->settings, &module->server, err));
    }
    TSEC_TRY(p11_catalog_new(module->settings, module->server, &tsec_clock_system, &module->catalog,
                             err));
    TSEC_TRY(p11_sessions_new(&module->sessions, err));
    module->transit.server = module->server;
    module->transit.mount = p11_settings_mount(module->settings);
    return TSEC_OK;
}

static tsec_rc
make(const char *reserved, struct p11_module **out, struct tsec_err *err)
{
    TSEC_AUTO(module_free) struct p11_module *module = calloc(1, sizeof(*module));

    if (module == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory");
    }
    TSEC_TRY(prepare(err));
    TSEC_TRY(fill(module, reserved, err));
    *out = TSEC_TAKE(module);
    return TSEC_OK;
}

ck_rv_t
p11_module_begin(const char *reserved)
{
    struct p11_module *module = NULL;
    struct tsec_err err = { 0 };
    ck_rv_t rv = CKR_CRYPTOKI_ALREADY_INITIALIZED;

    p11_say_setup();
    (void)pthread_mutex_lock(&beginning);
    if (atomic_load(&present) == NULL) {
        rv = p11_rv_of(make(reserved, &module, &err), &err);
        atomic_store(&present, module);
    }
    (void)pthread_mutex_unlock(&beginning);
    return rv;
}

ck_rv_t
p11_module_end(void)
{
    (void)pthread_mutex_lock(&beginning);
    struct p11_module *module = atomic_exchange(&present, NULL);

    (void)pthread_mutex_unlock(&beginning);
    module_free(module);
    return module == NULL ? CKR_CRYPTOKI_NOT_INITIALIZED : CKR_OK;
}

ck_rv_t
p11_module(struct p11_module **out)
{
    *out = atomic_load(&present);
    return *out == NULL ? CKR_CRYPTOKI_NOT_INITIALIZED : CKR_OK;
}

ck_rv_t
p11_module_session(ck_session_handle_t handle, struct p11_module **out,
                   struct p11_session **session)
{
    const ck_rv_t rv = p11_module(out);

    if (rv != CKR_OK) {
        return rv;
    }
    *session = p11_session_hold((*out)->sessions, handle);
    return *session == NULL ? CKR_SESSION_HANDLE_INVALID : CKR_OK;
}

ck_rv_t
p11_module_operation(ck_session_handle_t session, enum p11_slot_of what,
                     const struct ck_mechanism *mechanism, ck_object_handle_t key)
{
    static const struct {
        ck_flags_t use;
        ck_object_class_t kind; /* of the key's half that it takes */
    } needs[P11_OPS] = {
        [P11_OP_SIGN] = { CKF_SIGN, CKO_PRIVATE_KEY },
        [P11_OP_VERIFY] = { CKF_VERIFY, CKO_PUBLIC_KEY },
        [P11_OP_ENCRYPT] = { CKF_ENCRYPT, CKO_PUBLIC_KEY },
        [P11_OP_DECRYPT] = { CKF_DECRYPT, CKO_PRIVATE_KEY },
    };
    struct p11_module *module;
    struct p11_session *held;
    ck_rv_t rv = p11_module_session(session, &module, &held);

    if (rv != CKR_OK) {
        return rv;
    }
    const struct p11_object *object = p11_catalog_object(module->catalog, key);

    if (mechanism == NULL) {
        rv = CKR_ARGUMENTS_BAD;
    } else if (object == NULL || object->kind == CKO_CERTIFICATE) {
        rv = CKR_KEY_HANDLE_INVALID;
    } else if (object->kind != needs[what].kind) {
        rv = CKR_KEY_FUNCTION_NOT_PERMITTED;
    } else {
        rv = p11_operation_begin(&held->ops[what], needs[what].use, mechanism, object);
    }
    p11_session_let_go(module->sessions, held);
    return rv;
}
