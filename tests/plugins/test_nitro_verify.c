/* SPDX-License-Identifier: Apache-2.0 */
#include "attest-nitro/nitro_verify.h"

#include "attest-nitro/nitro_doc.h"
#include "tests/plugins/nitro_trial.h"
#include "tests/test.h"

/* ---- envelope ---- */

static void
a_genuine_document_is_genuine(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
    CU_ASSERT_STRING_EQUAL(t.claims.tee, "nitro");
    CU_ASSERT_STRING_EQUAL(t.claims.instance, t.spec.module_id);
    CU_ASSERT_FALSE(t.claims.debug);
    CU_ASSERT_FALSE(t.claims.revocation_checked);
    CU_ASSERT_EQUAL(t.claims.issued_at, MINT_NITRO_NOW);
    CU_ASSERT_EQUAL(t.claims.not_before, t.spec.certs[MINT_NITRO_LEAF].not_before);
    CU_ASSERT_EQUAL(t.claims.not_after, t.spec.certs[MINT_NITRO_LEAF].not_after);
}

static void
an_account_is_not_needed(void)
{
    static struct nitro_trial t;
    TSEC_AUTO_BUF struct tsec_buf document = TSEC_BUF_INIT(MINT_NITRO_MAX);

    nitro_trial_init(&t);
    mint_nitro(&t.spec, &document, t.root);
    t.expect.checks = NULL;
    CU_ASSERT_EQUAL(nitro_trial_verify(&t, tsec_buf_span(&document)).code, 0);
    t.now += 4 * 3600;
    CU_ASSERT_EQUAL(nitro_trial_verify(&t, tsec_buf_span(&document)).code, TSEC_E_DENIED);
    document.ptr[0] ^= 1;
    CU_ASSERT_EQUAL(nitro_trial_verify(&t, tsec_buf_span(&document)).code, TSEC_E_INVALID);
}

static void
an_algorithm_other_than_es384_is_refused(void)
{
    static const struct {
        const char *header;
        size_t len;
    } headers[] = {
        { "\xa1\x01\x26", 3 },         /* ES256 */
        { "\xa1\x01\x38\x23", 4 },     /* ES512 */
        { "\xa1\x01\x38\x25", 4 },     /* PS384 */
        { "\xa1\x01\x39\x01\x00", 5 }, /* RS256 */
        { "\xa1\x01\x00", 3 },         /* reserved */
        { "\xa1\x01\x05", 3 },         /* HMAC 256/256 */
    };
    static struct nitro_trial t;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(headers); i++) {
        nitro_trial_init(&t);
        t.spec.protected = tsec_span(headers[i].header, headers[i].len);
        CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_ALGORITHM, "algorithm"));
    }
}

static void
a_header_without_an_algorithm_is_refused(void)
{
    static const struct {
        const char *header;
        size_t len;
    } headers[] = {
        { "", 0 },
        { "\xa0", 1 },
        { "\xa1\x01\xf6", 3 },         /* null */
        { "\xa1\x01\x64none", 7 },     /* no name of COSE */
        { "\xa1\x04\x41\x00", 4 },     /* a key id and nothing else */
        { "\xa1\x01\x38\x22\x00", 5 }, /* and a byte behind it */
        { "\xbf\x01\x38\x22\xff", 5 }, /* indefinite */
    };
    static struct nitro_trial t;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(headers); i++) {
        nitro_trial_init(&t);
        t.spec.protected = tsec_span(headers[i].header, headers[i].len);
        CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_MALFORMED, "cose"));
    }
}

static void
a_critical_header_is_refused(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    t.spec.protected = tsec_span("\xa2\x01\x38\x22\x02\x81\x18\x2a", 8);
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_MALFORMED, "cose"));
}

static void
an_unprotected_header_is_refused(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    t.spec.unprotected = tsec_span("\xa1\x01\x38\x22", 4);
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_MALFORMED, "cose"));
    t.spec.unprotected = tsec_span("\xbf\xff", 2);
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_MALFORMED, "cose"));
    t.spec.protected = tsec_span("", 0);
    t.spec.unprotected = tsec_span("\xa1\x01\x38\x22", 4);
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_MALFORMED, "cose"));
}

static void
the_tag_of_cose_sign1_is_taken_once(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    t.spec.tags = 1;
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
    t.spec.tags = 2;
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_MALFORMED, "cose"));
    t.spec.tags = 1;
    t.spec.tag = 17; /* COSE_Mac0 */
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_MALFORMED, "cose"));
    t.spec.tag = 61; /* a CWT, which may stand around a COSE_Sign1 */
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_MALFORMED, "cose"));
}

static void
a_trailing_byte_is_refused(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    t.spec.tail = tsec_span("", 1);
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_MALFORMED, "cose"));
    nitro_trial_init(&t);
    t.spec.payload_tail = tsec_span("", 1);
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_MALFORMED, "document"));
    t.spec.indefinite = false;
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_MALFORMED, "document"));
}

static void
a_head_that_is_longer_than_needed_is_refused(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    t.spec.wide_array = true;
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_MALFORMED, "cose"));
    CU_ASSERT_TRUE(nitro_trial_says(&t, "shortest"));
}

static void
sixteen_kib_are_the_limit(void)
{
    static uint8_t zeroes[NITRO_EVIDENCE_MAX + 1];
    static struct nitro_trial t;

    nitro_trial_init(&t);
    CU_ASSERT_TRUE(
        nitro_trial_was_refused(&t, nitro_trial_verify(&t, tsec_span(zeroes, sizeof(zeroes))),
                                TSEC_REASON_MALFORMED, "size"));
    CU_ASSERT_TRUE(
        nitro_trial_was_refused(&t, nitro_trial_verify(&t, tsec_span(zeroes, sizeof(zeroes) - 1)),
                                TSEC_REASON_MALFORMED, "cose"));
    CU_ASSERT_TRUE(nitro_trial_was_refused(&t, nitro_trial_verify(&t, tsec_span(NULL, 0)),
                                           TSEC_REASON_MALFORMED, "cose"));
}

static void
a_malformed_payload_is_refused_with_its_field(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    t.spec.edits[0] = (struct mint_nitro_edit){ .key = "digest", .value = tsec_span("\xf6", 1) };
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_MALFORMED, "document"));
    CU_ASSERT_TRUE(nitro_trial_says(&t, "digest: "));
}

/* ---- signature ---- */

static void
another_key_is_refused(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    t.spec.other_signer = true;
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_SIGNATURE, "signature"));
}

static void
a_signature_has_96_bytes(void)
{
    static const size_t lens[] = { 0, 95, 97, 192 };
    static struct nitro_trial t;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(lens); i++) {
        nitro_trial_init(&t);
        t.spec.signature_len = lens[i];
        CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_ALGORITHM, "algorithm"));
    }
    nitro_trial_init(&t);
    t.spec.sigalg = TSEC_SIG_ES384_DER;
    t.spec.signature_len = 96; /* cut to the length that a raw one has */
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_SIGNATURE, "signature"));
}

static void
a_changed_bit_is_refused(void)
{
    static struct nitro_trial t;
    TSEC_AUTO(tsec_memo_free) struct tsec_memo *memo = NULL;
    TSEC_AUTO_BUF struct tsec_buf document = TSEC_BUF_INIT(MINT_NITRO_MAX);
    size_t accepted = 0;

    nitro_trial_init(&t);
    CU_ASSERT_EQUAL_FATAL(nitro_memo_new(&memo, NULL).code, 0);
    t.chains = memo;
    mint_nitro(&t.spec, &document, t.root);
    CU_ASSERT_EQUAL(nitro_trial_verify(&t, tsec_buf_span(&document)).code, 0);
    for (size_t i = 0; i < document.len; i += 11) {
        document.ptr[i] ^= (uint8_t)(1u << i % 8);
        accepted += tsec_failed(nitro_trial_verify(&t, tsec_buf_span(&document))) ? 0 : 1;
        document.ptr[i] ^= (uint8_t)(1u << i % 8);
    }
    CU_ASSERT_EQUAL(accepted, 0);
    CU_ASSERT_EQUAL(nitro_trial_verify(&t, tsec_buf_span(&document)).code, 0);
}

static void
every_part_of_a_document_is_refused(void)
{
    static struct nitro_trial t;
    TSEC_AUTO_BUF struct tsec_buf document = TSEC_BUF_INIT(MINT_NITRO_MAX);
    size_t accepted = 0;

    nitro_trial_init(&t);
    mint_nitro(&t.spec, &document, t.root);
    for (size_t len = 0; len < document.len; len++) {
        accepted +=
            nitro_trial_verify(&t, tsec_span(document.ptr, len)).code == TSEC_E_INVALID ? 0 : 1;
    }
    CU_ASSERT_EQUAL(accepted, 0);
}

/* ---- reading without judging ---- */

static void
decoding_judges_nothing(void)
{
    static struct nitro_trial t;
    TSEC_AUTO_BUF struct tsec_buf document = TSEC_BUF_INIT(MINT_NITRO_MAX);

    nitro_trial_init(&t);
    t.spec.other_signer = true;
    t.spec.swapped_root = true;
    memset(t.spec.pcrs[0], 0, sizeof(t.spec.pcrs[0]));
    mint_nitro(&t.spec, &document, t.root);
    CU_ASSERT_EQUAL(nitro_decode(tsec_buf_span(&document), &t.claims, &t.err).code, 0);
    CU_ASSERT_STRING_EQUAL(t.claims.tee, "nitro");
    CU_ASSERT_TRUE(t.claims.debug);
    CU_ASSERT_EQUAL(t.claims.not_after, t.spec.certs[MINT_NITRO_LEAF].not_after);
    CU_ASSERT_EQUAL(nitro_decode(tsec_span(document.ptr, document.len - 1), &t.claims, &t.err).code,
                    TSEC_E_INVALID);
    (void)tsec_buf_extend(&document, NITRO_EVIDENCE_MAX);
    CU_ASSERT_EQUAL(nitro_decode(tsec_buf_span(&document), &t.claims, NULL).code, TSEC_E_INVALID);
}

static const struct test_case cases[] = {
    { "a genuine document is genuine", a_genuine_document_is_genuine },
    { "an account is not needed", an_account_is_not_needed },
    { "an algorithm other than ES384 is refused", an_algorithm_other_than_es384_is_refused },
    { "a header without an algorithm is refused", a_header_without_an_algorithm_is_refused },
    { "a critical header is refused", a_critical_header_is_refused },
    { "an unprotected header is refused", an_unprotected_header_is_refused },
    { "the tag of COSE_Sign1 is taken once", the_tag_of_cose_sign1_is_taken_once },
    { "a trailing byte is refused", a_trailing_byte_is_refused },
    { "a head that is longer than needed is refused",
      a_head_that_is_longer_than_needed_is_refused },
    { "16 KiB are the limit", sixteen_kib_are_the_limit },
    { "a malformed payload is refused with its field",
      a_malformed_payload_is_refused_with_its_field },
    { "another key is refused", another_key_is_refused },
    { "a signature has 96 bytes", a_signature_has_96_bytes },
    { "a changed bit is refused", a_changed_bit_is_refused },
    { "every part of a document is refused", every_part_of_a_document_is_refused },
    { "decoding judges nothing", decoding_judges_nothing },
};

TEST_MAIN("attest-nitro/nitro_verify", cases)
