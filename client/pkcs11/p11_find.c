/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_call.h"
#include "client/pkcs11/p11_module.h"

static bool
is_template(const struct ck_attribute *templ, unsigned long count)
{
    for (unsigned long i = 0; templ != NULL && i < count; i++) {
        if (templ[i].value == NULL && templ[i].value_len != 0) {
            return false;
        }
    }
    return templ != NULL || count == 0;
}

ck_rv_t
p11_find_objects_init(ck_session_handle_t session, struct ck_attribute *templ, unsigned long count)
{
    struct p11_module *module;
    struct p11_session *held;
    ck_rv_t rv = p11_module_session(session, &module, &held);

    if (rv != CKR_OK) {
        return rv;
    }
    if (!is_template(templ, count)) {
        rv = CKR_ARGUMENTS_BAD;
    } else if (held->finding) {
        rv = CKR_OPERATION_ACTIVE;
    } else {
        rv = p11_catalog_refresh(module->catalog, false);
    }
    if (rv == CKR_OK) {
        rv = p11_catalog_find(module->catalog, templ, count, &held->found, &held->found_len);
        held->found_at = 0;
        held->finding = rv == CKR_OK;
    }
    p11_session_let_go(module->sessions, held);
    return rv;
}

ck_rv_t
p11_find_objects(ck_session_handle_t session, ck_object_handle_t *objects, unsigned long max,
                 unsigned long *count)
{
    struct p11_module *module;
    struct p11_session *held;
    ck_rv_t rv = p11_module_session(session, &module, &held);

    if (rv != CKR_OK) {
        return rv;
    }
    if (count == NULL || (objects == NULL && max > 0)) {
        rv = CKR_ARGUMENTS_BAD;
    } else if (!held->finding) {
        rv = CKR_OPERATION_NOT_INITIALIZED;
    } else {
        for (*count = 0; *count < max && held->found_at < held->found_len; (*count)++) {
            objects[*count] = held->found[held->found_at++];
        }
    }
    p11_session_let_go(module->sessions, held);
    return rv;
}

ck_rv_t
p11_find_objects_final(ck_session_handle_t session)
{
    struct p11_module *module;
    struct p11_session *held;
    ck_rv_t rv = p11_module_session(session, &module, &held);

    if (rv != CKR_OK) {
        return rv;
    }
    rv = held->finding ? CKR_OK : CKR_OPERATION_NOT_INITIALIZED;
    p11_session_found_none(held);
    p11_session_let_go(module->sessions, held);
    return rv;
}

/** The object, when the session is one. */
static ck_rv_t
look_up(ck_session_handle_t session, ck_object_handle_t handle, const struct p11_object **out)
{
    struct p11_module *module;
    struct p11_session *held;
    const ck_rv_t rv = p11_module_session(session, &module, &held);

    if (rv != CKR_OK) {
        return rv;
    }
    *out = p11_catalog_object(module->catalog, handle);
    p11_session_let_go(module->sessions, held);
    return *out == NULL ? CKR_OBJECT_HANDLE_INVALID : CKR_OK;
}

ck_rv_t
p11_get_attribute_value(ck_session_handle_t session, ck_object_handle_t object,
                        struct ck_attribute *templ, unsigned long count)
{
    const struct p11_object *found = NULL;
    const ck_rv_t rv = look_up(session, object, &found);

    if (rv != CKR_OK) {
        return rv;
    }
    return templ == NULL ? CKR_ARGUMENTS_BAD : p11_object_get(found, templ, count);
}

ck_rv_t
p11_get_object_size(ck_session_handle_t session, ck_object_handle_t object, unsigned long *size)
{
    const struct p11_object *found = NULL;
    const ck_rv_t rv = look_up(session, object, &found);

    if (rv != CKR_OK) {
        return rv;
    }
    if (size == NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    *size = CK_UNAVAILABLE_INFORMATION;
    return CKR_OK;
}
