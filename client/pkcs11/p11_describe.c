/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_describe.h"

#include "crypto/hash.h"

enum { ID_LEN = 20 };

/** An object under way. */
struct writer {
    struct tsec_arena *arena;
    struct p11_object *object;
    bool failed;
};

static void
put(struct writer *w, ck_attribute_type_t type, struct tsec_span value)
{
    struct p11_object *object = w->object;
    char *copy =
        w->failed || object->len >= P11_ATTRIBUTES_MAX ? NULL : tsec_arena_dup(w->arena, value);

    if (copy == NULL) {
        w->failed = true;
        return;
    }
    object->attributes[object->len++] =
        (struct p11_attribute){ .type = type, .value = tsec_span(copy, value.len) };
}

static void
put_bool(struct writer *w, ck_attribute_type_t type, bool yes)
{
    const unsigned char value = yes ? 1 : 0;

    put(w, type, tsec_span(&value, 1));
}

static void
put_bools(struct writer *w, const ck_attribute_type_t *types, size_t n, bool yes)
{
    for (size_t i = 0; i < n; i++) {
        put_bool(w, types[i], yes);
    }
}

static void
put_ulong(struct writer *w, ck_attribute_type_t type, unsigned long value)
{
    put(w, type, tsec_span(&value, sizeof(value)));
}

static struct writer
begin(struct tsec_arena *arena, ck_object_class_t kind, const struct p11_view *view,
      struct tsec_span label)
{
    static const ck_attribute_type_t fixed[] = { CKA_MODIFIABLE, CKA_COPYABLE, CKA_DESTROYABLE };
    struct writer w = { .arena = arena,
                        .object = tsec_arena_alloc(arena, sizeof(struct p11_object)) };

    if (w.object == NULL) {
        w.failed = true;
        return w;
    }
    w.object->kind = kind;
    w.object->name = view->name;
    w.object->version = view->version;
    put_ulong(&w, CKA_CLASS, kind);
    put_bool(&w, CKA_TOKEN, true);
    put_bool(&w, CKA_PRIVATE, kind == CKO_PRIVATE_KEY && view->guarded);
    put_bools(&w, fixed, TSEC_ARRAY_LEN(fixed), false);
    put(&w, CKA_LABEL, label);
    return w;
}

/** The same for the three that belong together, and another with every version: who names an id
 *  means these very bytes of a key (RFC 7093 section 2, method 4). */
static void
put_id(struct writer *w, struct tsec_span spki)
{
    uint8_t digest[TSEC_SHA256_LEN];

    tsec_sha256(spki, digest);
    put(w, CKA_ID, tsec_span(digest, ID_LEN));
}

/** An OCTET STRING; `point` is shorter than 256 bytes. */
static void
put_point(struct writer *w, struct tsec_span point)
{
    uint8_t der[3 + UINT8_MAX];
    size_t at = 0;

    if (point.len > UINT8_MAX) {
        w->failed = true;
        return;
    }
    der[at++] = 0x04;
    if (point.len > 0x7f) {
        der[at++] = 0x81;
    }
    der[at++] = (uint8_t)point.len;
    memcpy(der + at, point.ptr, point.len);
    put(w, CKA_EC_POINT, tsec_span(der, at + point.len));
}

static void
put_key(struct writer *w, const struct p11_view *view)
{
    static const ck_attribute_type_t never[] = { CKA_DERIVE };
    const struct p11_public *public = &view->public;
    const ck_mechanism_type_t made_by = public->type == CKK_RSA  ? CKM_RSA_PKCS_KEY_PAIR_GEN
                                        : public->type == CKK_EC ? CKM_EC_KEY_PAIR_GEN
                                                                 : CKM_EC_EDWARDS_KEY_PAIR_GEN;

    put_ulong(w, CKA_KEY_TYPE, public->type);
    put_id(w, public->spki);
    put(w, CKA_SUBJECT, tsec_span(NULL, 0));
    put(w, CKA_START_DATE, tsec_span(NULL, 0));
    put(w, CKA_END_DATE, tsec_span(NULL, 0));
    put_bools(w, never, TSEC_ARRAY_LEN(never), false);
    put_bool(w, CKA_LOCAL, view->local);
    put_ulong(w, CKA_KEY_GEN_MECHANISM, view->local ? made_by : CK_UNAVAILABLE_INFORMATION);
    put(w, CKA_PUBLIC_KEY_INFO, public->spki);
    if (public->type == CKK_RSA) {
        put(w, CKA_MODULUS, public->modulus);
        put(w, CKA_PUBLIC_EXPONENT, public->exponent);
        put_ulong(w, CKA_MODULUS_BITS, (unsigned long)public->modulus.len * 8);
    } else {
        put(w, CKA_EC_PARAMS, public->params);
        put_point(w, public->point);
    }
}

static struct p11_object *
end(struct writer *w, const struct p11_view *view)
{
    if (w->failed) {
        return NULL;
    }
    w->object->public = view->public;
    return w->object;
}

struct p11_object *
p11_describe_public(struct tsec_arena *arena, const struct p11_view *view)
{
    static const ck_attribute_type_t never[] = { CKA_VERIFY_RECOVER, CKA_WRAP, CKA_TRUSTED };
    struct writer w = begin(arena, CKO_PUBLIC_KEY, view, tsec_span_str(view->label));

    if (!w.failed) {
        put_key(&w, view);
        put_bool(&w, CKA_ENCRYPT, view->public.type == CKK_RSA);
        put_bool(&w, CKA_VERIFY, true);
        put_bools(&w, never, TSEC_ARRAY_LEN(never), false);
    }
    return end(&w, view);
}

struct p11_object *
p11_describe_private(struct tsec_arena *arena, const struct p11_view *view)
{
    static const ck_attribute_type_t never[] = { CKA_SIGN_RECOVER, CKA_UNWRAP, CKA_EXTRACTABLE,
                                                 CKA_WRAP_WITH_TRUSTED, CKA_ALWAYS_AUTHENTICATE };
    struct writer w = begin(arena, CKO_PRIVATE_KEY, view, tsec_span_str(view->label));

    if (!w.failed) {
        put_key(&w, view);
        put_bool(&w, CKA_DECRYPT, view->public.type == CKK_RSA);
        put_bool(&w, CKA_SIGN, true);
        put_bool(&w, CKA_SENSITIVE, true);
        put_bool(&w, CKA_ALWAYS_SENSITIVE, view->never_out);
        put_bool(&w, CKA_NEVER_EXTRACTABLE, view->never_out);
        put_bools(&w, never, TSEC_ARRAY_LEN(never), false);
    }
    return end(&w, view);
}

struct p11_object *
p11_describe_certificate(struct tsec_arena *arena, const struct p11_view *view,
                         const struct p11_certificate *cert, size_t at)
{
    enum { CATEGORY_UNSPECIFIED = 0, CATEGORY_AUTHORITY = 2 };
    const char *label =
        at == 0 ? view->label : tsec_arena_printf(arena, "%s issuer %zu", view->label, at);

    if (label == NULL) {
        return NULL;
    }
    struct writer w = begin(arena, CKO_CERTIFICATE, view, tsec_span_str(label));

    if (!w.failed) {
        put_ulong(&w, CKA_CERTIFICATE_TYPE, CKC_X_509);
        put_ulong(&w, CKA_CERTIFICATE_CATEGORY,
                  at == 0 ? CATEGORY_UNSPECIFIED : CATEGORY_AUTHORITY);
        put_bool(&w, CKA_TRUSTED, false);
        put_id(&w, cert->spki);
        put(&w, CKA_SUBJECT, cert->subject);
        put(&w, CKA_ISSUER, cert->issuer);
        put(&w, CKA_SERIAL_NUMBER, cert->serial);
        put(&w, CKA_VALUE, cert->der);
        put(&w, CKA_PUBLIC_KEY_INFO, cert->spki);
        put(&w, CKA_START_DATE, tsec_span(NULL, 0));
        put(&w, CKA_END_DATE, tsec_span(NULL, 0));
    }
    return end(&w, view);
}
