/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_object.h"

const struct p11_attribute *
p11_object_attribute(const struct p11_object *object, ck_attribute_type_t type)
{
    for (size_t i = 0; i < object->len; i++) {
        if (object->attributes[i].type == type) {
            return &object->attributes[i];
        }
    }
    return NULL;
}

bool
p11_object_matches(const struct p11_object *object, const struct ck_attribute *templ,
                   unsigned long count)
{
    for (unsigned long i = 0; i < count; i++) {
        const struct p11_attribute *own = p11_object_attribute(object, templ[i].type);

        if (own == NULL
            || !tsec_span_equal(own->value, tsec_span(templ[i].value, templ[i].value_len))) {
            return false;
        }
    }
    return true;
}

/** What a private key would have, were it not elsewhere (PKCS #11 2.40, 2.1.3 and 2.3.4). */
static bool
is_private_number(const struct p11_object *object, ck_attribute_type_t type)
{
    return object->kind == CKO_PRIVATE_KEY
           && (type == CKA_VALUE || (type >= CKA_PRIVATE_EXPONENT && type <= CKA_COEFFICIENT));
}

static ck_rv_t
get_one(const struct p11_object *object, struct ck_attribute *want)
{
    const struct p11_attribute *own = p11_object_attribute(object, want->type);
    const unsigned long room = want->value_len;

    want->value_len = CK_UNAVAILABLE_INFORMATION;
    if (own == NULL) {
        return is_private_number(object, want->type) ? CKR_ATTRIBUTE_SENSITIVE
                                                     : CKR_ATTRIBUTE_TYPE_INVALID;
    }
    if (want->value != NULL && room < own->value.len) {
        return CKR_BUFFER_TOO_SMALL;
    }
    if (want->value != NULL && own->value.len > 0) {
        memcpy(want->value, own->value.ptr, own->value.len);
    }
    want->value_len = own->value.len;
    return CKR_OK;
}

ck_rv_t
p11_object_get(const struct p11_object *object, struct ck_attribute *templ, unsigned long count)
{
    ck_rv_t rv = CKR_OK;

    for (unsigned long i = 0; i < count; i++) {
        const ck_rv_t one = get_one(object, &templ[i]);

        rv = rv == CKR_OK ? one : rv;
    }
    return rv;
}

bool
p11_object_equal(const struct p11_object *a, const struct p11_object *b)
{
    if (a->kind != b->kind || a->version != b->version || a->len != b->len
        || strcmp(a->name, b->name) != 0) {
        return false;
    }
    for (size_t i = 0; i < a->len; i++) {
        if (a->attributes[i].type != b->attributes[i].type
            || !tsec_span_equal(a->attributes[i].value, b->attributes[i].value)) {
            return false;
        }
    }
    return true;
}
