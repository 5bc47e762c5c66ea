/* SPDX-License-Identifier: Apache-2.0 */
#include "appraisal/binding.h"

#include <string.h>

#include "base/hex.h"
#include "tests/test.h"

/* The expected digests were computed by an independent implementation, from docs/formats.md. */

static uint8_t nonce_bytes[48];

static struct tsec_span
nonce(void)
{
    for (size_t i = 0; i < sizeof(nonce_bytes); i++) {
        nonce_bytes[i] = (uint8_t)i;
    }
    return tsec_span(nonce_bytes, sizeof(nonce_bytes));
}

static bool
is_hex(const uint8_t *bytes, size_t len, const char *hex)
{
    char text[2 * 64 + 1];

    tsec_hex_encode(tsec_span(bytes, len), text);
    return strcmp(text, hex) == 0;
}

static const char release_hex[] = "9e53f8d66c7319b33ddf537ec88805ec00d6e21837770de3e3fec7c5f0adc831"
                                  "4523f6f9dee915f4c6ccee3b8c0b6821";

static void
a_recipients_key_is_bound_as_documented(void)
{
    uint8_t out[TSEC_BINDING_HASH_LEN];

    tsec_binding_release(nonce(), tsec_span_str("spki"), out);
    CU_ASSERT_TRUE(is_hex(out, sizeof(out), release_hex));
}

static void
a_byte_that_moves_from_nonce_to_key_is_another_binding(void)
{
    uint8_t a[TSEC_BINDING_HASH_LEN];
    uint8_t b[TSEC_BINDING_HASH_LEN];

    tsec_binding_release(tsec_span_str("ab"), tsec_span_str("c"), a);
    tsec_binding_release(tsec_span_str("a"), tsec_span_str("bc"), b);
    CU_ASSERT_NOT_EQUAL(memcmp(a, b, sizeof(a)), 0);
    tsec_binding_release(tsec_span_str("ab"), tsec_span_str(""), b);
    CU_ASSERT_NOT_EQUAL(memcmp(a, b, sizeof(a)), 0);
}

static void
report_data_are_the_hash_and_zeros(void)
{
    static const char *const formats[] = { "snp", "sgx", "tdx", "sim-v1", "unheard-of" };
    const uint8_t zeros[16] = { 0 };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(formats); i++) {
        struct tsec_binding_expect e;

        tsec_binding_release_expect(formats[i], nonce(), tsec_span_str("spki"), &e);
        CU_ASSERT_TRUE(e.binding.ptr == e.own && e.binding.len == 64);
        CU_ASSERT_TRUE(is_hex(e.own, 48, release_hex));
        CU_ASSERT_EQUAL(memcmp(e.own + 48, zeros, sizeof(zeros)), 0);
        CU_ASSERT_PTR_NULL(e.nonce.ptr);
        CU_ASSERT_PTR_NULL(e.public_key.ptr);
    }
}

static void
a_vtpm_answers_with_the_first_half(void)
{
    struct tsec_binding_expect e;
    const uint8_t zeros[32] = { 0 };

    tsec_binding_release_expect("az-snp-vtpm", nonce(), tsec_span_str("spki"), &e);
    CU_ASSERT_TRUE(e.binding.ptr == e.own && e.binding.len == 32);
    CU_ASSERT_TRUE(
        is_hex(e.own, 32, "9e53f8d66c7319b33ddf537ec88805ec00d6e21837770de3e3fec7c5f0adc831"));
    CU_ASSERT_EQUAL(memcmp(e.own + 32, zeros, sizeof(zeros)), 0);
    CU_ASSERT_PTR_NULL(e.nonce.ptr);
}

static void
documents_that_have_the_fields_are_held_to_them(void)
{
    static const char *const formats[] = { "nitro", "maa" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(formats); i++) {
        struct tsec_binding_expect e;

        tsec_binding_release_expect(formats[i], nonce(), tsec_span_str("spki"), &e);
        CU_ASSERT_PTR_NULL(e.binding.ptr);
        CU_ASSERT_TRUE(tsec_span_equal(e.nonce, nonce()));
        CU_ASSERT_TRUE(tsec_span_is(e.public_key, "spki"));
    }
}

/* A NULL span in an expectation is one that is not checked. */
static void
nothing_given_is_still_expected(void)
{
    struct tsec_binding_expect e;
    const struct tsec_span none = { NULL, 0 };

    tsec_binding_release_expect("nitro", none, none, &e);
    CU_ASSERT_PTR_NOT_NULL(e.nonce.ptr);
    CU_ASSERT_PTR_NOT_NULL(e.public_key.ptr);
    tsec_binding_release_expect("snp", none, none, &e);
    CU_ASSERT_PTR_NOT_NULL(e.binding.ptr);
}

static void
what_a_tee_is_asked_for_is_what_its_evidence_is_held_to(void)
{
    static const struct {
        const char *tee;
        const char *format;
    } pairs[] = { { "sim", "sim-v1" }, { "snp", "snp" }, { "sgx", "sgx" }, { "tdx", "tdx" } };
    struct tsec_evidence_request request;
    struct tsec_binding_expect e;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(pairs); i++) {
        tsec_binding_release_request(pairs[i].tee, nonce(), tsec_span_str("spki"), &request);
        tsec_binding_release_expect(pairs[i].format, nonce(), tsec_span_str("spki"), &e);
        CU_ASSERT_EQUAL(request.struct_size, sizeof(request));
        CU_ASSERT_EQUAL(memcmp(request.binding, e.own, sizeof(e.own)), 0);
        CU_ASSERT_EQUAL(request.nonce.len, 0);
        CU_ASSERT_EQUAL(request.public_key.len, 0);
    }
    tsec_binding_release_request("azure-cvm", nonce(), tsec_span_str("spki"), &request);
    tsec_binding_release_expect("az-snp-vtpm", nonce(), tsec_span_str("spki"), &e);
    CU_ASSERT_EQUAL(memcmp(request.binding, e.own, sizeof(e.own)), 0);
    tsec_binding_release_request("nitro", nonce(), tsec_span_str("spki"), &request);
    CU_ASSERT_TRUE(tsec_span_equal(request.nonce, nonce()));
    CU_ASSERT_TRUE(tsec_span_is(request.public_key, "spki"));
}

static void
a_server_is_bound_as_documented(void)
{
    uint8_t digest[48];
    uint8_t out[64];
    struct tsec_server_binding parts = {
        .nonce = nonce(),
        .config_digest = tsec_span(digest, sizeof(digest)),
        .vkey = tsec_span_str("vkey"),
        .identity = tsec_span_str("id"),
        .tls = tsec_span_str("tls"),
    };

    memset(digest, 0x11, sizeof(digest));
    tsec_binding_server(&parts, out);
    CU_ASSERT_TRUE(is_hex(out, sizeof(out),
                          "af5674077b10655f37ca4f608f9302aaff5575a72e224c3919ce06e87cd68b0c"
                          "bb2865f87ab6e57b9cdbab76428b0940f798d7163c1c2f0637714f1f7ea218fa"));
    parts.tls = tsec_span(NULL, 0);
    tsec_binding_server(&parts, out);
    CU_ASSERT_TRUE(is_hex(out, sizeof(out),
                          "c90c0ea573ea28938fe9ce384238b3988d48385ef1a456827a85676ecdea67bb"
                          "b593c278d73b4636490c1b0d16a6528dd8c4b53683d3ee2e26ab147234fb2238"));
}

static void
a_statement_is_bound_under_its_tag(void)
{
    uint8_t a[64];
    uint8_t b[64];

    tsec_binding_statement("tag/1", tsec_span_str("{}"), a);
    CU_ASSERT_TRUE(is_hex(a, sizeof(a),
                          "5cbf4a130aa5d9ceb0715aff4769e092468141533f10817c631e8c33fe84dce6"
                          "d40a53e9feb9d5ad3b1ab48ce05785037dd6c6cae764497a83c062c405a3d54b"));
    tsec_binding_statement("tag/2", tsec_span_str("{}"), b);
    CU_ASSERT_NOT_EQUAL(memcmp(a, b, sizeof(a)), 0);
}

static const struct test_case cases[] = {
    { "a recipient's key is bound as documented", a_recipients_key_is_bound_as_documented },
    { "a byte that moves from nonce to key is another binding",
      a_byte_that_moves_from_nonce_to_key_is_another_binding },
    { "report data are the hash and zeros", report_data_are_the_hash_and_zeros },
    { "a vTPM answers with the first half", a_vtpm_answers_with_the_first_half },
    { "documents that have the fields are held to them",
      documents_that_have_the_fields_are_held_to_them },
    { "nothing given is still expected", nothing_given_is_still_expected },
    { "what a TEE is asked for is what its evidence is held to",
      what_a_tee_is_asked_for_is_what_its_evidence_is_held_to },
    { "a server is bound as documented", a_server_is_bound_as_documented },
    { "a statement is bound under its tag", a_statement_is_bound_under_its_tag },
};

TEST_MAIN("appraisal/binding", cases)
