/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "client/pkcs11/p11_call.h"
#include "client/pkcs11/p11_module.h"
#include "client/pkcs11/p11_say.h"

/** What the two templates of a new pair ask for. */
struct wish {
    struct tsec_span label;
    const char *type;
    bool rsa;
};

static bool
is_boolean(const struct ck_attribute *a, bool *yes)
{
    *yes = a->value_len == 1 && a->value != NULL && *(const unsigned char *)a->value != 0;
    return a->value_len == 1 && a->value != NULL;
}

/** What a new key cannot be: one that gets out, or that is gone with the session. */
static ck_rv_t
check_promise(const struct ck_attribute *a)
{
    bool yes = false;

    switch (a->type) {
    case CKA_TOKEN:
    case CKA_SENSITIVE:
        return is_boolean(a, &yes) && yes ? CKR_OK : CKR_TEMPLATE_INCONSISTENT;
    case CKA_EXTRACTABLE:
    case CKA_ALWAYS_AUTHENTICATE:
        return is_boolean(a, &yes) && !yes ? CKR_OK : CKR_TEMPLATE_INCONSISTENT;
    default:
        return CKR_OK;
    }
}

static ck_rv_t
read_attribute(const struct ck_attribute *a, struct wish *out)
{
    unsigned long bits = 0;

    if (a->value == NULL && a->value_len > 0) {
        return CKR_ARGUMENTS_BAD;
    }
    if (a->type == CKA_LABEL) {
        out->label = tsec_span(a->value, a->value_len);
    } else if (a->type == CKA_EC_PARAMS && !out->rsa) {
        out->type = p11_public_type_named(tsec_span(a->value, a->value_len));
        return out->type == NULL ? CKR_CURVE_NOT_SUPPORTED : CKR_OK;
    } else if (a->type == CKA_MODULUS_BITS && out->rsa) {
        if (a->value_len != sizeof(bits)) {
            return CKR_ATTRIBUTE_VALUE_INVALID;
        }
        memcpy(&bits, a->value, sizeof(bits));
        out->type = p11_public_type_sized(bits);
        return out->type == NULL ? CKR_KEY_SIZE_RANGE : CKR_OK;
    }
    return check_promise(a);
}

static ck_rv_t
read_template(const struct ck_attribute *templ, unsigned long count, struct wish *out)
{
    ck_rv_t rv = templ == NULL && count > 0 ? CKR_ARGUMENTS_BAD : CKR_OK;

    for (unsigned long i = 0; rv == CKR_OK && i < count; i++) {
        rv = read_attribute(&templ[i], out);
    }
    return rv;
}

static ck_rv_t
find_made(struct p11_module *module, struct tsec_span label, ck_object_class_t kind,
          ck_object_handle_t *out)
{
    const struct ck_attribute templ[] = {
        { CKA_CLASS, &kind, sizeof(kind) },
        { CKA_LABEL, (void *)(uintptr_t)label.ptr, label.len },
    };
    ck_object_handle_t *found = NULL;
    unsigned long len = 0;
    ck_rv_t rv = p11_catalog_find(module->catalog, templ, TSEC_ARRAY_LEN(templ), &found, &len);

    if (rv == CKR_OK && len == 0) {
        p11_say("the key was made, and is not among those that this token shows");
        rv = CKR_FUNCTION_FAILED;
    }
    *out = rv == CKR_OK ? found[0] : CK_INVALID_HANDLE;
    free(found);
    return rv;
}

static ck_rv_t
make(struct p11_module *module, const struct wish *wish, ck_object_handle_t *public_key,
     ck_object_handle_t *private_key)
{
    ck_rv_t rv = CKR_OK;

    if (wish->type == NULL || wish->label.len == 0) {
        p11_say("a new key needs a label, which is its name, and a curve or size");
        return CKR_TEMPLATE_INCOMPLETE;
    }
    if (!p11_settings_shows(module->settings, wish->label, p11_public_is_usual(wish->type))) {
        p11_say("a key of that name or kind would not be shown: name it by `keys` first");
        return CKR_TEMPLATE_INCONSISTENT;
    }
    rv = p11_transit_create(&module->transit, wish->label, wish->type);
    if (rv == CKR_OK) {
        rv = p11_catalog_refresh(module->catalog, true);
    }
    if (rv == CKR_OK) {
        rv = find_made(module, wish->label, CKO_PUBLIC_KEY, public_key);
    }
    if (rv == CKR_OK) {
        rv = find_made(module, wish->label, CKO_PRIVATE_KEY, private_key);
    }
    return rv;
}

ck_rv_t
p11_generate_key_pair(ck_session_handle_t session, struct ck_mechanism *mechanism,
                      struct ck_attribute *public_templ, unsigned long public_count,
                      struct ck_attribute *private_templ, unsigned long private_count,
                      ck_object_handle_t *public_key, ck_object_handle_t *private_key)
{
    struct p11_module *module;
    struct p11_session *held;
    ck_rv_t rv = p11_module_session(session, &module, &held);

    if (rv != CKR_OK) {
        return rv;
    }
    const struct p11_mechanism *known =
        mechanism == NULL ? NULL : p11_mechanism_find(mechanism->mechanism);
    struct wish wish = { .rsa = known != NULL && known->key == CKK_RSA };

    if (mechanism == NULL || public_key == NULL || private_key == NULL) {
        rv = CKR_ARGUMENTS_BAD;
    } else if (known == NULL || (known->flags & CKF_GENERATE_KEY_PAIR) == 0) {
        rv = CKR_MECHANISM_INVALID;
    } else if (!held->writable) {
        rv = CKR_SESSION_READ_ONLY;
    } else {
        rv = read_template(public_templ, public_count, &wish);
    }
    if (rv == CKR_OK) {
        rv = read_template(private_templ, private_count, &wish);
    }
    if (rv == CKR_OK) {
        rv = make(module, &wish, public_key, private_key);
    }
    p11_session_let_go(module->sessions, held);
    return rv;
}

ck_rv_t
p11_generate_random(ck_session_handle_t session, unsigned char *out, unsigned long len)
{
    struct p11_module *module;
    struct p11_session *held;
    ck_rv_t rv = p11_module_session(session, &module, &held);

    if (rv != CKR_OK) {
        return rv;
    }
    rv =
        out == NULL && len > 0 ? CKR_ARGUMENTS_BAD : p11_transit_random(&module->transit, out, len);
    p11_session_let_go(module->sessions, held);
    return rv;
}
