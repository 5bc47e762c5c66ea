/* SPDX-License-Identifier: Apache-2.0 */
#include "client/evidence_statement.h"

#include "base/base64.h"
#include "tests/test.h"

#define STATEMENT(origin, exportable)                                                           \
    "{\"type\":\"tee-secrets/key-attestation/1\",\"nonce\":\"AQID\",\"name\":\"k\\u001b[1m\","  \
    "\"key_type\":\"ecdsa-p256\",\"settings\":{\"exportable\":" exportable                      \
    ",\"allow_plaintext_backup\":false},\"versions\":[{\"version\":1,\"origin\":\"generated\"," \
    "\"public_key\":\"a2V5IG9uZQ==\"},{\"version\":2,\"origin\":\"" origin                      \
    "\",\"public_key\":\"a2V5IHR3bw==\"}]}"

static const uint8_t nonce[] = { 1, 2, 3 };

/* The result of reading and checking it, with what was found in `checks`. */
static int
check(const char *text, struct tsec_span with_nonce, const char *key, struct tsec_checks *checks)
{
    struct evidence_statement statement;
    tsec_rc rc;

    *checks = (struct tsec_checks){ .struct_size = sizeof(*checks) };
    evidence_statement_init(&statement);
    tsec_buf_put_str(&statement.bytes, text);
    rc = evidence_statement_read(&statement, NULL);
    statement.nonce = with_nonce;
    statement.public_key = key == NULL ? tsec_span(NULL, 0) : tsec_span_str(key);
    if (!tsec_failed(rc)) {
        rc = evidence_statement_check(&statement, checks, NULL);
    }
    evidence_statement_done(&statement);
    return (int)rc.code;
}

static void
what_it_states_is_told(void)
{
    const struct tsec_span none = { NULL, 0 };
    struct tsec_checks checks;

    CU_ASSERT_EQUAL(check(STATEMENT("generated", "false"), none, NULL, &checks), 0);
    CU_ASSERT_EQUAL_FATAL(checks.len, 1);
    CU_ASSERT_STRING_EQUAL(
        checks.items[0].detail,
        "key k?[1m, ecdsa-p256, 2 versions: generated there, not exportable now, "
        "no plain-text backup");
    CU_ASSERT_EQUAL(check(STATEMENT("imported", "true"), none, NULL, &checks), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(checks.items[0].detail, "in part imported, exportable"));
    CU_ASSERT_EQUAL(
        check("{\"type\":\"tee-secrets/key-attestation/1\",\"settings\":{\"exportable\":"
              "false,\"never_exportable\":true},\"versions\":[]}",
              none, NULL, &checks),
        0);
    CU_ASSERT_PTR_NOT_NULL(strstr(checks.items[0].detail, "never exportable"));
    /* What is not said to be forbidden is allowed. */
    CU_ASSERT_EQUAL(
        check("{\"type\":\"tee-secrets/key-attestation/1\",\"versions\":[]}", none, NULL, &checks),
        0);
    CU_ASSERT_PTR_NOT_NULL(strstr(checks.items[0].detail, "exportable, may be backed up"));
    CU_ASSERT_PTR_NULL(strstr(checks.items[0].detail, "not exportable"));
}

static void
nonce_and_key_must_be_in_it(void)
{
    const struct tsec_span none = { NULL, 0 };
    const struct tsec_span right = tsec_span(nonce, 3);
    const struct tsec_span wrong = tsec_span(nonce, 2);
    const char *text = STATEMENT("generated", "false");
    struct tsec_checks checks;

    CU_ASSERT_EQUAL(check(text, right, "key two", &checks), 0);
    CU_ASSERT_EQUAL(check(text, right, "key one", &checks), 0);
    CU_ASSERT_EQUAL(check(text, none, "key three", &checks), TSEC_E_DENIED);
    CU_ASSERT_EQUAL(checks.reason, TSEC_REASON_PUBLIC_KEY);
    CU_ASSERT_EQUAL(check(text, wrong, NULL, &checks), TSEC_E_DENIED);
    CU_ASSERT_EQUAL(checks.reason, TSEC_REASON_NONCE);
    CU_ASSERT_EQUAL(check("{\"type\":\"tee-secrets/key-attestation/1\"}", none, NULL, &checks),
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(checks.reason, TSEC_REASON_MALFORMED);
}

static void
what_is_no_statement_is_refused(void)
{
    static const char *const texts[] = {
        "",
        "{}",
        "[]",
        "{\"type\":\"tee-secrets/key-attestation/2\"}",
        "{\"type\":\"tee-secrets/key-attestation/1\"} x",
        "bm90IGpzb24=",
        "not base64 !",
    };
    struct tsec_checks checks;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(texts); i++) {
        CU_ASSERT_EQUAL(check(texts[i], tsec_span(NULL, 0), NULL, &checks), TSEC_E_INVALID);
    }
}

/* SHA-512("tee-secrets/key-attestation/1" 0x00 SHA-512(statement)), computed elsewhere. */
static void
the_binding_is_over_the_bytes(void)
{
    static const char text[] = "{\"type\":\"tee-secrets/key-attestation/1\"}";
    static const uint8_t first[] = { 0x77, 0xd8, 0x3d, 0x87, 0x19, 0x61, 0x4e, 0x77 };
    struct evidence_statement plain;
    struct evidence_statement armoured;
    struct evidence_statement other;

    evidence_statement_init(&plain);
    evidence_statement_init(&armoured);
    evidence_statement_init(&other);
    tsec_buf_put_str(&plain.bytes, text);
    tsec_base64_append(&armoured.bytes, TSEC_BASE64_STD, tsec_span_str(text));
    tsec_buf_put_str(&armoured.bytes, "\n");
    tsec_buf_put_str(&other.bytes, "{\"type\": \"tee-secrets/key-attestation/1\"}");
    CU_ASSERT_EQUAL(evidence_statement_read(&plain, NULL).code, 0);
    CU_ASSERT_EQUAL(evidence_statement_read(&armoured, NULL).code, 0);
    CU_ASSERT_EQUAL(evidence_statement_read(&other, NULL).code, 0);
    CU_ASSERT_TRUE(memcmp(plain.binding, armoured.binding, sizeof(plain.binding)) == 0);
    CU_ASSERT_TRUE(memcmp(plain.binding, other.binding, sizeof(plain.binding)) != 0);
    CU_ASSERT_TRUE(memcmp(plain.binding, first, sizeof(first)) == 0);
    evidence_statement_done(&plain);
    evidence_statement_done(&armoured);
    evidence_statement_done(&other);
}

static const struct test_case cases[] = {
    { "what it states is told", what_it_states_is_told },
    { "nonce and key must be in it", nonce_and_key_must_be_in_it },
    { "what is no statement is refused", what_is_no_statement_is_refused },
    { "the binding is over the bytes", the_binding_is_over_the_bytes },
};

TEST_MAIN("client/evidence_statement", cases)
