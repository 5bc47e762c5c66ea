/* SPDX-License-Identifier: Apache-2.0 */
#include "attest-nitro/nitro_doc.h"

#include <stdio.h>

#include "codec/cose.h"
#include "tests/mint/mint_cbor.h"
#include "tests/mint/mint_nitro.h"
#include "tests/test.h"

/* What of a minted document is the payload; borrows from `document`. */
static tsec_rc
parse(const struct mint_nitro_spec *spec, struct tsec_buf *document, struct nitro_doc *doc,
      struct tsec_err *err)
{
    struct tsec_cose_sign1 cose;

    tsec_buf_reset(document);
    mint_nitro(spec, document, NULL);
    CU_ASSERT_EQUAL_FATAL(tsec_cose_sign1_parse(tsec_buf_span(document), &cose, NULL).code, 0);
    return nitro_doc_parse(cose.payload, doc, err);
}

static bool
is_taken(const struct mint_nitro_spec *spec)
{
    TSEC_AUTO_BUF struct tsec_buf document = TSEC_BUF_INIT(MINT_NITRO_MAX);
    struct tsec_err err = { .code = 0 };
    struct nitro_doc doc;

    if (tsec_failed(parse(spec, &document, &doc, &err))) {
        (void)fprintf(stderr, "%s\n", err.detail);
        return false;
    }
    return true;
}

static bool
is_refused(const struct mint_nitro_spec *spec, const char *says)
{
    TSEC_AUTO_BUF struct tsec_buf document = TSEC_BUF_INIT(MINT_NITRO_MAX);
    struct tsec_err err = { .code = 0 };
    struct nitro_doc doc;
    const tsec_rc rc = parse(spec, &document, &doc, &err);

    if (rc.code != TSEC_E_INVALID || strstr(err.detail, says) == NULL) {
        (void)fprintf(stderr, "wanted \"%s\", got %d: %s\n", says, rc.code, err.detail);
        return false;
    }
    return true;
}

/* The genuine document but for one value. */
static bool
value_is_refused(const char *key, const char *cbor, size_t len, const char *says)
{
    struct mint_nitro_spec spec;

    mint_nitro_genuine(&spec);
    spec.edits[0] = (struct mint_nitro_edit){ .key = key, .value = tsec_span(cbor, len) };
    return is_refused(&spec, says);
}

static void
all_fields_are_read(void)
{
    TSEC_AUTO_BUF struct tsec_buf document = TSEC_BUF_INIT(MINT_NITRO_MAX);
    struct mint_nitro_spec spec;
    struct nitro_doc doc;

    mint_nitro_genuine(&spec);
    CU_ASSERT_EQUAL_FATAL(parse(&spec, &document, &doc, NULL).code, 0);
    CU_ASSERT_FALSE(doc.tpm);
    CU_ASSERT_TRUE(tsec_span_is(doc.module_id, spec.module_id));
    CU_ASSERT_EQUAL(doc.timestamp_ms, (uint64_t)spec.timestamp_ms);
    for (size_t i = 0; i < NITRO_PCRS; i++) {
        CU_ASSERT_TRUE(i < 16 ? tsec_span_equal(doc.pcrs[i], tsec_span(spec.pcrs[i], 48))
                              : doc.pcrs[i].ptr == NULL);
    }
    CU_ASSERT_EQUAL(doc.cabundle_len, 4);
    CU_ASSERT_TRUE(doc.certificate.len > 0);
    CU_ASSERT_TRUE(tsec_span_equal(doc.public_key, spec.public_key));
    CU_ASSERT_TRUE(tsec_span_equal(doc.user_data, spec.user_data));
    CU_ASSERT_TRUE(tsec_span_equal(doc.nonce, spec.nonce));
}

static void
null_and_absent_and_empty_are_empty(void)
{
    TSEC_AUTO_BUF struct tsec_buf document = TSEC_BUF_INIT(MINT_NITRO_MAX);
    struct mint_nitro_spec spec;
    struct nitro_doc doc;

    mint_nitro_genuine(&spec);
    spec.public_key = tsec_span(NULL, 0);
    spec.user_data = tsec_span_str("");
    spec.edits[0] = (struct mint_nitro_edit){ .key = "nonce", .drop = true };
    CU_ASSERT_EQUAL_FATAL(parse(&spec, &document, &doc, NULL).code, 0);
    CU_ASSERT_EQUAL(doc.public_key.len, 0);
    CU_ASSERT_EQUAL(doc.user_data.len, 0);
    CU_ASSERT_EQUAL(doc.nonce.len, 0);
}

static void
a_payload_map_is_definite_or_not_and_in_any_order(void)
{
    struct mint_nitro_spec spec;

    for (unsigned i = 0; i < 4; i++) {
        mint_nitro_genuine(&spec);
        spec.indefinite = (i & 1) != 0;
        spec.reversed = (i & 2) != 0;
        CU_ASSERT_TRUE(is_taken(&spec));
    }
}

static void
anything_else_of_indefinite_length_is_refused(void)
{
    struct mint_nitro_spec spec;

    mint_nitro_genuine(&spec);
    spec.indefinite_pcrs = true;
    CU_ASSERT_TRUE(is_refused(&spec, "pcrs: CBOR: indefinite length"));
    mint_nitro_genuine(&spec);
    spec.indefinite_cabundle = true;
    CU_ASSERT_TRUE(is_refused(&spec, "cabundle: CBOR: indefinite length"));
    CU_ASSERT_TRUE(value_is_refused("nonce", "\x5f\x41\x00\xff", 4, "nonce: CBOR: indefinite"));
    CU_ASSERT_TRUE(value_is_refused("digest", "\x7f\x66SHA384\xff", 9, "digest: CBOR: indefinite"));
    CU_ASSERT_TRUE(
        value_is_refused("certificate", "\x5f\x41\x00\xff", 4, "certificate: CBOR: indefinite"));
}

static void
a_key_that_is_there_twice_is_refused(void)
{
    static const char *const keys[] = { "module_id",  "digest",      "timestamp",
                                        "pcrs",       "certificate", "cabundle",
                                        "public_key", "user_data",   "nonce" };
    struct mint_nitro_spec spec;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(keys); i++) {
        mint_nitro_genuine(&spec);
        spec.edits[0] = (struct mint_nitro_edit){ .key = keys[i], .again = true };
        CU_ASSERT_TRUE(is_refused(&spec, "there twice") || is_refused(&spec, "CBOR"));
        spec.edits[1] =
            (struct mint_nitro_edit){ .key = i == 8 ? "user_data" : "nonce", .drop = true };
        CU_ASSERT_TRUE(is_refused(&spec, "there twice")); /* as many as there should be */
    }
}

static void
a_pcr_that_is_there_twice_is_refused(void)
{
    struct mint_nitro_spec spec;

    mint_nitro_genuine(&spec);
    spec.pcr_again = 0;
    CU_ASSERT_TRUE(is_refused(&spec, "PCR0 is there twice"));
    spec.pcr_again = 15;
    CU_ASSERT_TRUE(is_refused(&spec, "PCR15 is there twice"));
}

static void
a_key_that_is_missing_is_refused(void)
{
    static const char *const keys[] = { "module_id", "digest",      "timestamp",
                                        "pcrs",      "certificate", "cabundle" };
    struct mint_nitro_spec spec;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(keys); i++) {
        for (unsigned indefinite = 0; indefinite < 2; indefinite++) {
            mint_nitro_genuine(&spec);
            spec.indefinite = indefinite != 0;
            spec.edits[0] = (struct mint_nitro_edit){ .key = keys[i], .drop = true };
            CU_ASSERT_TRUE(is_refused(&spec, "missing"));
        }
    }
}

static void
a_key_that_is_unknown_is_refused(void)
{
    struct mint_nitro_spec spec;

    mint_nitro_genuine(&spec);
    spec.edits[0] = (struct mint_nitro_edit){ .key = "pcr", .value = tsec_span("\xf6", 1) };
    CU_ASSERT_TRUE(is_refused(&spec, "\"pcr\" is not one"));
    spec.edits[0].key = "Nonce";
    CU_ASSERT_TRUE(is_refused(&spec, "\"Nonce\" is not one"));
    spec.edits[0].key = "\x1b[2J"; /* is not repeated to a terminal */
    CU_ASSERT_TRUE(is_refused(&spec, "\"\" is not one"));
    spec.edits[1] = (struct mint_nitro_edit){ .key = "nonce", .drop = true };
    CU_ASSERT_TRUE(is_refused(&spec, "is not one"));
}

static void
pcrs_of_both_kinds_or_of_none_are_refused(void)
{
    static const char three[] = "\xa1\x00\x58\x30" /* PCR0, 48 zeroes */
                                "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    struct mint_nitro_spec spec;

    mint_nitro_genuine(&spec);
    spec.edits[0] = (struct mint_nitro_edit){ .key = "nitrotpm_pcrs",
                                              .value = tsec_span(three, sizeof(three) - 1) };
    CU_ASSERT_TRUE(is_refused(&spec, "there twice")); /* PCR0 of the one, PCR0 of the other */
    spec.has &= ~UINT64_C(1);
    CU_ASSERT_TRUE(is_refused(&spec, "both"));
    mint_nitro_genuine_tpm(&spec);
    spec.edits[0] = (struct mint_nitro_edit){ .key = "nitrotpm_pcrs", .drop = true };
    CU_ASSERT_TRUE(is_refused(&spec, "missing"));
}

static void
an_enclave_has_pcr0_pcr1_and_pcr2(void)
{
    struct mint_nitro_spec spec;

    mint_nitro_genuine(&spec);
    spec.has = 7;
    CU_ASSERT_TRUE(is_taken(&spec));
    for (unsigned i = 0; i < 3; i++) {
        spec.has = UINT64_C(0xffff) & ~(UINT64_C(1) << i);
        CU_ASSERT_TRUE(is_refused(&spec, "is missing"));
    }
    spec.has = 0;
    CU_ASSERT_TRUE(is_refused(&spec, "PCR0 is missing"));
}

static void
an_instance_has_pcr4_pcr7_and_pcr12(void)
{
    struct mint_nitro_spec spec;

    mint_nitro_genuine_tpm(&spec);
    CU_ASSERT_TRUE(is_taken(&spec));
    spec.has = UINT64_C(0xffffff) & ~(UINT64_C(1) << 4);
    CU_ASSERT_TRUE(is_refused(&spec, "nitrotpm_pcrs: PCR4 is missing"));
    spec.has = UINT64_C(0xffffff) & ~(UINT64_C(1) << 7);
    CU_ASSERT_TRUE(is_refused(&spec, "nitrotpm_pcrs: PCR7 is missing"));
    spec.has = UINT64_C(0xffffff) & ~(UINT64_C(1) << 12);
    CU_ASSERT_TRUE(is_refused(&spec, "nitrotpm_pcrs: PCR12 is missing"));
}

static void
a_pcr_has_48_bytes_and_an_index_below_32(void)
{
    static const size_t lens[] = { 0, 32, 47, 49, 64 };
    struct mint_nitro_spec spec;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(lens); i++) {
        mint_nitro_genuine(&spec);
        spec.pcr_len = lens[i];
        CU_ASSERT_TRUE(is_refused(&spec, "48 bytes expected"));
    }
    mint_nitro_genuine(&spec);
    spec.has = UINT64_C(0xffffffff);
    CU_ASSERT_TRUE(is_taken(&spec));
    CU_ASSERT_TRUE(value_is_refused("pcrs", "\xa1\x18\x20\x40", 4, "PCR32 found"));
    CU_ASSERT_TRUE(value_is_refused("pcrs", "\xa1\x20\x40", 3, "not an unsigned integer"));
    CU_ASSERT_TRUE(value_is_refused("pcrs", "\xa1\x61\x30\x40", 4, "not an unsigned integer"));
    CU_ASSERT_TRUE(value_is_refused("pcrs", "\xa0", 1, "PCR0 is missing"));
    CU_ASSERT_TRUE(value_is_refused("pcrs", "\x80", 1, "pcrs: "));
}

static void
a_length_is_never_believed(void)
{
    /* 1 GiB of entries, of certificates, of bytes, and what a length may be at most */
    CU_ASSERT_TRUE(value_is_refused("cabundle", "\x9a\x40\x00\x00\x00", 5, "cabundle: CBOR"));
    CU_ASSERT_TRUE(value_is_refused("pcrs", "\xba\x40\x00\x00\x00", 5, "pcrs: CBOR"));
    CU_ASSERT_TRUE(value_is_refused("certificate", "\x5a\x40\x00\x00\x00", 5, "certificate: CBOR"));
    CU_ASSERT_TRUE(value_is_refused("nonce", "\x5b\xff\xff\xff\xff\xff\xff\xff\xff", 9, "nonce: "));
    CU_ASSERT_TRUE(value_is_refused("module_id", "\x7b\x7f\xff\xff\xff\xff\xff\xff\xff", 9,
                                    "module_id: CBOR"));
    CU_ASSERT_TRUE(
        value_is_refused("cabundle", "\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 9, "cabundle: CBOR"));
}

static void
a_head_that_is_longer_than_needed_is_refused(void)
{
    CU_ASSERT_TRUE(value_is_refused("nonce", "\x58\x01\x00", 3, "shortest"));
    CU_ASSERT_TRUE(value_is_refused("timestamp", "\x1b\0\0\0\0\0\0\0\1", 9, "shortest"));
    CU_ASSERT_TRUE(value_is_refused("digest", "\x78\x06SHA384", 8, "shortest"));
    CU_ASSERT_TRUE(value_is_refused("cabundle", "\x98\x01\x41\x00", 4, "shortest"));
}

static void
each_value_is_of_its_kind(void)
{
    CU_ASSERT_TRUE(value_is_refused("module_id", "\x60", 1, "module_id: 1 to"));
    CU_ASSERT_TRUE(value_is_refused("module_id", "\x43i-0", 4, "module_id: CBOR"));
    CU_ASSERT_TRUE(value_is_refused("module_id", "\x62i\n", 3, "module_id: 1 to"));
    CU_ASSERT_TRUE(value_is_refused("module_id", "\x62\xc3\xa9", 3, "module_id: 1 to"));
    CU_ASSERT_TRUE(value_is_refused("digest", "\x66SHA512", 7, "digest: \"SHA384\" expected"));
    CU_ASSERT_TRUE(value_is_refused("digest", "\x66sha384", 7, "digest: \"SHA384\" expected"));
    CU_ASSERT_TRUE(value_is_refused("timestamp", "\x00", 1, "timestamp: "));
    CU_ASSERT_TRUE(value_is_refused("timestamp", "\x20", 1, "timestamp: "));
    CU_ASSERT_TRUE(value_is_refused("timestamp", "\xfb\x42\x7a\0\0\0\0\0\0", 9, "timestamp: CBOR"));
    CU_ASSERT_TRUE(value_is_refused("certificate", "\x40", 1, "certificate: 1 to"));
    CU_ASSERT_TRUE(value_is_refused("certificate", "\xf6", 1, "certificate: "));
    CU_ASSERT_TRUE(value_is_refused("cabundle", "\x80", 1, "cabundle: it is empty"));
    CU_ASSERT_TRUE(value_is_refused("cabundle", "\x81\x40", 2, "cabundle: 1 to"));
    CU_ASSERT_TRUE(value_is_refused("cabundle", "\xf6", 1, "cabundle: "));
    CU_ASSERT_TRUE(value_is_refused("cabundle", "\x87\x41\0\x41\0\x41\0\x41\0\x41\0\x41\0\x41\0",
                                    15, "cabundle: CBOR"));
    CU_ASSERT_TRUE(value_is_refused("nonce", "\x60", 1, "nonce: CBOR"));
    CU_ASSERT_TRUE(value_is_refused("nonce", "\xf7", 1, "nonce: CBOR")); /* undefined */
    CU_ASSERT_TRUE(value_is_refused("user_data", "\xf4", 1, "user_data: CBOR"));
    CU_ASSERT_TRUE(value_is_refused("public_key", "\xc2\x41\x01", 3, "public_key: CBOR"));
}

static void
fields_have_at_most_1024_bytes(void)
{
    static const uint8_t bytes[NITRO_FIELD_MAX + 1];
    struct mint_nitro_spec spec;

    mint_nitro_genuine(&spec);
    spec.public_key = tsec_span(bytes, NITRO_FIELD_MAX);
    spec.user_data = tsec_span(bytes, NITRO_FIELD_MAX);
    spec.nonce = tsec_span(bytes, NITRO_FIELD_MAX);
    CU_ASSERT_TRUE(is_taken(&spec));
    spec.nonce.len++;
    CU_ASSERT_TRUE(is_refused(&spec, "nonce: at most 1024 bytes expected, 1025 found"));
    spec.nonce.len--;
    spec.user_data.len++;
    CU_ASSERT_TRUE(is_refused(&spec, "user_data: at most"));
    spec.user_data.len--;
    spec.public_key.len++;
    CU_ASSERT_TRUE(is_refused(&spec, "public_key: at most"));
}

static void
a_certificate_has_at_most_1024_bytes(void)
{
    static uint8_t value[3 + NITRO_CERT_MAX + 1] = { 0x59, 0x04, 0x00 };
    struct mint_nitro_spec spec;

    mint_nitro_genuine(&spec);
    spec.edits[0] = (struct mint_nitro_edit){ .key = "certificate",
                                              .value = tsec_span(value, sizeof(value) - 1) };
    CU_ASSERT_TRUE(is_taken(&spec)); /* this long; what it is, the chain finds out */
    value[2] = 1;
    spec.edits[0].value.len++;
    CU_ASSERT_TRUE(is_refused(&spec, "certificate: 1 to 1024 bytes expected, 1025 found"));
}

static const struct test_case cases[] = {
    { "all fields are read", all_fields_are_read },
    { "null and absent and empty are empty", null_and_absent_and_empty_are_empty },
    { "a payload map is definite or not and in any order",
      a_payload_map_is_definite_or_not_and_in_any_order },
    { "anything else of indefinite length is refused",
      anything_else_of_indefinite_length_is_refused },
    { "a key that is there twice is refused", a_key_that_is_there_twice_is_refused },
    { "a PCR that is there twice is refused", a_pcr_that_is_there_twice_is_refused },
    { "a key that is missing is refused", a_key_that_is_missing_is_refused },
    { "a key that is unknown is refused", a_key_that_is_unknown_is_refused },
    { "PCRs of both kinds or of none are refused", pcrs_of_both_kinds_or_of_none_are_refused },
    { "an enclave has PCR0, PCR1 and PCR2", an_enclave_has_pcr0_pcr1_and_pcr2 },
    { "an instance has PCR4, PCR7 and PCR12", an_instance_has_pcr4_pcr7_and_pcr12 },
    { "a PCR has 48 bytes and an index below 32", a_pcr_has_48_bytes_and_an_index_below_32 },
    { "a length is never believed", a_length_is_never_believed },
    { "a head that is longer than needed is refused",
      a_head_that_is_longer_than_needed_is_refused },
    { "each value is of its kind", each_value_is_of_its_kind },
    { "fields have at most 1024 bytes", fields_have_at_most_1024_bytes },
    { "a certificate has at most 1024 bytes", a_certificate_has_at_most_1024_bytes },
};

TEST_MAIN("attest-nitro/nitro_doc", cases)
