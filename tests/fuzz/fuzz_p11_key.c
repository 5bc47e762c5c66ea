/* SPDX-License-Identifier: Apache-2.0 */
/* A server's description of a key as objects of a token.  Each object matches what it shows, can be
 * read attribute by attribute into buffers of just that length, and shows no private number,
 * whatever the description says; a key that is shown is one that can be parsed again. */
#include "client/pkcs11/p11_key.h"

#include <stdlib.h>

#include "crypto/crypto.h"
#include "tests/fuzz/fuzz.h"

enum { OBJECTS_MAX = 100000 };

static const ck_attribute_type_t private_numbers[] = {
    CKA_VALUE,      CKA_PRIVATE_EXPONENT, CKA_PRIME_1,     CKA_PRIME_2,
    CKA_EXPONENT_1, CKA_EXPONENT_2,       CKA_COEFFICIENT,
};

static void
attribute_is_read(const struct p11_object *object, const struct p11_attribute *attribute)
{
    const size_t len = attribute->value.len;
    uint8_t *room = malloc(len == 0 ? 1 : len);
    struct ck_attribute measured = { attribute->type, NULL, 0 };
    struct ck_attribute read = { attribute->type, room, len };
    struct ck_attribute small = { attribute->type, room, len - 1 };

    FUZZ_ASSERT(room != NULL);
    FUZZ_ASSERT(p11_object_get(object, &measured, 1) == CKR_OK && measured.value_len == len);
    FUZZ_ASSERT(p11_object_get(object, &read, 1) == CKR_OK && read.value_len == len);
    FUZZ_ASSERT(tsec_span_equal(tsec_span(room, len), attribute->value));
    FUZZ_ASSERT(p11_object_matches(object, &read, 1));
    if (len > 0) {
        FUZZ_ASSERT(p11_object_get(object, &small, 1) == CKR_BUFFER_TOO_SMALL);
    }
    free(room);
}

static void
private_numbers_are_elsewhere(const struct p11_object *object)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(private_numbers); i++) {
        uint8_t room[8];
        struct ck_attribute wish = { private_numbers[i], room, sizeof(room) };

        FUZZ_ASSERT(p11_object_get(object, &wish, 1) == CKR_ATTRIBUTE_SENSITIVE);
        FUZZ_ASSERT(wish.value_len == CK_UNAVAILABLE_INFORMATION);
    }
}

static void
object_is_sound(const struct p11_object *object)
{
    const struct p11_attribute *spki = p11_object_attribute(object, CKA_PUBLIC_KEY_INFO);
    struct p11_public again;

    for (size_t i = 0; i < object->len; i++) {
        attribute_is_read(object, &object->attributes[i]);
        for (size_t j = 0; j < i; j++) {
            FUZZ_ASSERT(object->attributes[i].type != object->attributes[j].type);
        }
    }
    FUZZ_ASSERT(p11_object_attribute(object, CKA_LABEL) != NULL && spki != NULL);
    if (object->kind == CKO_CERTIFICATE) {
        return;
    }
    FUZZ_ASSERT(!tsec_failed(p11_public_parse(spki->value, &again, NULL)));
    FUZZ_ASSERT(again.kind == object->public.kind);
    if (object->kind == CKO_PRIVATE_KEY) {
        private_numbers_are_elsewhere(object);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (unsigned flags = 0; flags < 8; flags++) {
        const struct p11_key_reading how = { .all_versions = (flags & 1) != 0,
                                             .guarded = (flags & 2) != 0,
                                             .usual_only = (flags & 4) != 0 };
        TSEC_AUTO(p11_key_free) struct p11_key *key = NULL;
        size_t n = 0;

        FUZZ_ASSERT(!tsec_failed(tsec_crypto_setup(NULL)));
        if (tsec_failed(
                p11_key_read(tsec_span_str("k"), tsec_span(data, size), &how, &key, NULL))) {
            FUZZ_ASSERT(key == NULL);
            continue;
        }
        for (const struct p11_object *o = p11_key_objects(key); o != NULL; o = o->next) {
            FUZZ_ASSERT(++n < OBJECTS_MAX);
            FUZZ_ASSERT(how.all_versions || o->version == p11_key_objects(key)->version);
            FUZZ_ASSERT(!how.usual_only || o->public.usual);
            object_is_sound(o);
        }
    }
    return 0;
}
