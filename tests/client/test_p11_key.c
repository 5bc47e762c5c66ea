/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_key.h"

#include <stdio.h>

#include "crypto/crypto.h"
#include "tests/client/p11_leaf.h"
#include "tests/crypto/vector.h"

static TSEC_MUST_CHECK tsec_rc
read_key(const char *reply, bool all, bool guarded, struct p11_key **out)
{
    CU_ASSERT_FALSE(tsec_failed(tsec_crypto_setup(NULL)));
    const struct p11_key_reading how = { .all_versions = all, .guarded = guarded };

    return p11_key_read(tsec_span_str("k"), tsec_span_str(reply), &how, out, NULL);
}

/** A raw string of JSON out of text with line feeds. */
static const char *
quoted(const char *text)
{
    static char out[2][8192];
    static size_t turn;
    char *to = out[turn++ % 2];
    size_t n = 0;

    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\n') {
            to[n++] = '\\';
            to[n++] = 'n';
        } else {
            to[n++] = *c;
        }
    }
    to[n] = '\0';
    return to;
}

static const char *
describe(const char *settings, const char *chain)
{
    static char out[20000];

    (void)snprintf(out, sizeof(out),
                   "{\"data\":{\"type\":\"ecdsa-p256\",\"latest_version\":2,%s\"keys\":{"
                   "\"1\":{\"public_key\":\"ZHbC8yUG5AwMzKDJhctBz2Iq4lQT9PdIEnuvVI8qPRM=\"},"
                   "\"2\":{\"public_key\":\"%s\",\"certificate_chain\":\"%s\"}}}}",
                   settings, quoted(P11_LEAF_PUBLIC), quoted(chain));
    return out;
}

static bool
has(const struct p11_object *object, ck_attribute_type_t type, const char *text)
{
    const struct p11_attribute *a = p11_object_attribute(object, type);

    return a != NULL && tsec_span_is(a->value, text);
}

static bool
is(const struct p11_object *object, ck_attribute_type_t type, bool want)
{
    const struct p11_attribute *a = p11_object_attribute(object, type);

    return a != NULL && a->value.len == 1 && a->value.ptr[0] == (want ? 1 : 0);
}

static void
the_latest_version_is_a_private_and_a_public_key(void)
{
    TSEC_AUTO(p11_key_free) struct p11_key *key = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(read_key(describe("", ""), false, false, &key)));
    const struct p11_object *secret = p11_key_objects(key);

    CU_ASSERT_TRUE_FATAL(secret != NULL && secret->next != NULL && secret->next->next == NULL);
    const struct p11_object *public = secret->next;

    CU_ASSERT_EQUAL(secret->kind, CKO_PRIVATE_KEY);
    CU_ASSERT_EQUAL(secret->version, 2);
    CU_ASSERT_TRUE(has(secret, CKA_LABEL, "k"));
    CU_ASSERT_TRUE(is(secret, CKA_SENSITIVE, true) && is(secret, CKA_EXTRACTABLE, false));
    CU_ASSERT_TRUE(is(secret, CKA_NEVER_EXTRACTABLE, true) && is(secret, CKA_LOCAL, true));
    CU_ASSERT_TRUE(is(secret, CKA_SIGN, true) && is(secret, CKA_DECRYPT, false));
    CU_ASSERT_TRUE(is(secret, CKA_PRIVATE, false));
    CU_ASSERT_PTR_NULL(p11_object_attribute(secret, CKA_VALUE));
    CU_ASSERT_EQUAL(public->kind, CKO_PUBLIC_KEY);
    CU_ASSERT_TRUE(is(public, CKA_VERIFY, true) && is(public, CKA_ENCRYPT, false));
    CU_ASSERT_TRUE(
        vector_is(p11_object_attribute(public, CKA_EC_PARAMS)->value, "06082a8648ce3d030107"));
    CU_ASSERT_EQUAL(p11_object_attribute(public, CKA_EC_POINT)->value.len, 67);
    CU_ASSERT_EQUAL(p11_object_attribute(public, CKA_EC_POINT)->value.ptr[0], 0x04);
    CU_ASSERT_TRUE(tsec_span_equal(p11_object_attribute(public, CKA_ID)->value,
                                   p11_object_attribute(secret, CKA_ID)->value));
}

static void
all_versions_are_shown_when_asked_for_down_to_the_minimum(void)
{
    TSEC_AUTO(p11_key_free) struct p11_key *key = NULL;
    TSEC_AUTO(p11_key_free) struct p11_key *limited = NULL;
    const struct p11_object *last = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(read_key(describe("", ""), true, false, &key)));
    for (const struct p11_object *o = p11_key_objects(key); o != NULL; o = o->next) {
        last = o;
    }
    CU_ASSERT_PTR_NOT_NULL_FATAL(last);
    CU_ASSERT_EQUAL(last->version, 1);
    CU_ASSERT_TRUE(has(last, CKA_LABEL, "k:1"));
    CU_ASSERT_EQUAL(last->public.type, CKK_EC_EDWARDS);
    CU_ASSERT_FALSE_FATAL(tsec_failed(
        read_key(describe("\"min_encryption_version\":2,", ""), true, false, &limited)));
    CU_ASSERT_PTR_NULL(p11_key_objects(limited)->next->next);
}

static void
settings_of_the_key_and_of_the_token_show(void)
{
    TSEC_AUTO(p11_key_free) struct p11_key *exportable = NULL;
    TSEC_AUTO(p11_key_free) struct p11_key *imported = NULL;

    CU_ASSERT_FALSE_FATAL(
        tsec_failed(read_key(describe("\"exportable\":true,", ""), false, true, &exportable)));
    CU_ASSERT_TRUE(is(p11_key_objects(exportable), CKA_NEVER_EXTRACTABLE, false));
    CU_ASSERT_TRUE(is(p11_key_objects(exportable), CKA_EXTRACTABLE, false));
    CU_ASSERT_TRUE(is(p11_key_objects(exportable), CKA_PRIVATE, true));
    CU_ASSERT_TRUE(is(p11_key_objects(exportable)->next, CKA_PRIVATE, false));
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(read_key(describe("\"imported_key\":true,", ""), false, false, &imported)));
    CU_ASSERT_TRUE(is(p11_key_objects(imported), CKA_LOCAL, false));
    CU_ASSERT_TRUE(is(p11_key_objects(imported), CKA_ALWAYS_SENSITIVE, false));
}

static void
a_chain_gives_certificates_under_the_id_of_the_key(void)
{
    TSEC_AUTO(p11_key_free) struct p11_key *key = NULL;
    TSEC_AUTO(p11_key_free) struct p11_key *broken = NULL;

    CU_ASSERT_FALSE_FATAL(
        tsec_failed(read_key(describe("", P11_LEAF P11_LEAF), false, false, &key)));
    const struct p11_object *secret = p11_key_objects(key);
    const struct p11_object *leaf = secret->next->next;

    CU_ASSERT_TRUE_FATAL(leaf != NULL && leaf->next != NULL && leaf->next->next == NULL);
    CU_ASSERT_EQUAL(leaf->kind, CKO_CERTIFICATE);
    CU_ASSERT_TRUE(has(leaf, CKA_LABEL, "k"));
    CU_ASSERT_TRUE(has(leaf->next, CKA_LABEL, "k issuer 1"));
    CU_ASSERT_TRUE(tsec_span_equal(p11_object_attribute(leaf, CKA_ID)->value,
                                   p11_object_attribute(secret, CKA_ID)->value));
    CU_ASSERT_TRUE(vector_is(p11_object_attribute(leaf, CKA_SERIAL_NUMBER)->value,
                             "0214634e435e5bb578cc596b4fceded6027376994ba0"));
    CU_ASSERT_FALSE_FATAL(tsec_failed(
        read_key(describe("", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
                 false, false, &broken)));
    CU_ASSERT_PTR_NULL(p11_key_objects(broken)->next->next);
}

static void
an_unusual_kind_is_left_out_when_only_the_usual_are_wanted(void)
{
    const struct p11_key_reading how = { .all_versions = true, .usual_only = true };
    TSEC_AUTO(p11_key_free) struct p11_key *key = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(
        p11_key_read(tsec_span_str("k"), tsec_span_str(describe("", "")), &how, &key, NULL)));
    const struct p11_object *first = p11_key_objects(key);

    CU_ASSERT_TRUE(first != NULL && first->public.kind == TSEC_PAIR_P256);
    CU_ASSERT_TRUE(first->next != NULL && first->next->next == NULL); /* without Ed25519 */
}

static void
keys_that_are_for_the_server_only_have_no_objects(void)
{
    static const char *const none[] = {
        "{\"data\":{\"latest_version\":1,\"keys\":{\"1\":1795335426}}}",
        ("{\"data\":{\"latest_version\":1,\"derived\":true,\"keys\":{\"1\":{\"public_key\":"
         "\"ZHbC8yUG5AwMzKDJhctBz2Iq4lQT9PdIEnuvVI8qPRM=\"}}}}"),
        "{\"data\":{\"latest_version\":1,\"keys\":{\"1\":{\"public_key\":\"AAAA\"}}}}",
        "{\"data\":{\"latest_version\":3,\"keys\":{\"1\":{}}}}",
    };
    static const char *const bad[] = { "",
                                       "[]",
                                       "{}",
                                       "{\"data\":{}}",
                                       "{\"data\":[]}",
                                       "{\"data\":{\"latest_version\":0,\"keys\":{}}}",
                                       "{\"data\":{\"latest_version\":1,\"keys\":[]}}" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(none); i++) {
        TSEC_AUTO(p11_key_free) struct p11_key *key = NULL;

        CU_ASSERT_FALSE_FATAL(tsec_failed(read_key(none[i], true, false, &key)));
        CU_ASSERT_PTR_NULL(p11_key_objects(key));
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        TSEC_AUTO(p11_key_free) struct p11_key *key = NULL;

        CU_ASSERT_EQUAL(read_key(bad[i], false, false, &key).code, TSEC_E_INVALID);
        CU_ASSERT_PTR_NULL(key);
    }
}

static const struct test_case cases[] = {
    { "the latest version is a private and a public key",
      the_latest_version_is_a_private_and_a_public_key },
    { "all versions are shown when asked for, down to the minimum",
      all_versions_are_shown_when_asked_for_down_to_the_minimum },
    { "settings of the key and of the token show", settings_of_the_key_and_of_the_token_show },
    { "a chain gives certificates under the id of the key",
      a_chain_gives_certificates_under_the_id_of_the_key },
    { "an unusual kind is left out when only the usual are wanted",
      an_unusual_kind_is_left_out_when_only_the_usual_are_wanted },
    { "keys that are for the server only have no objects",
      keys_that_are_for_the_server_only_have_no_objects },
};
TEST_MAIN("PKCS #11: keys", cases)
