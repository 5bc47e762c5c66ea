/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/pkcs11/p11_object.h
 * @brief An object of the token: what it is, and the attributes that it shows.
 *
 * Immutable once described.  A private key's object holds no private number: there is none on this
 * side, and who asks for one is told that it is sensitive.
 */
#ifndef TSEC_CLIENT_P11_OBJECT_H
#define TSEC_CLIENT_P11_OBJECT_H

#include "client/pkcs11/p11_public.h"

enum { P11_ATTRIBUTES_MAX = 40 };

struct p11_attribute {
    ck_attribute_type_t type;
    struct tsec_span value;
};

struct p11_object {
    struct p11_object *next; /* of the same key */
    ck_object_handle_t handle;
    ck_object_class_t kind;
    const char *name; /* of the transit key */
    int64_t version;
    struct p11_public public; /* of keys */
    size_t len;
    struct p11_attribute attributes[P11_ATTRIBUTES_MAX];
};

/** NULL: it has none of that type. */
const struct p11_attribute *p11_object_attribute(const struct p11_object *object,
                                                 ck_attribute_type_t type);
/** Whether it has every attribute of the template, with that value. */
bool p11_object_matches(const struct p11_object *object, const struct ck_attribute *templ,
                        unsigned long count);
/** As C_GetAttributeValue: fills what can be had, and gives the code of what cannot. */
TSEC_MUST_CHECK ck_rv_t p11_object_get(const struct p11_object *object, struct ck_attribute *templ,
                                       unsigned long count);
/** Whether both are the same to whoever looks. */
bool p11_object_equal(const struct p11_object *a, const struct p11_object *b);

#endif
