/* SPDX-License-Identifier: Apache-2.0 */
/* What is found inside JSON. */
#include "collateral.h"

#include "base/base64.h"
#include "base/hex.h"
#include "codec/json_out.h"
#include "tests/mint/mint_cert.h"
#include "tests/plugins/collateral_rig.h"
#include "tests/test.h"

#define BUF(name) TSEC_AUTO_BUF struct tsec_buf name = TSEC_BUF_INIT((size_t)1 << 20)

static struct collateral *
set_of(struct tsec_span item)
{
    struct collateral *set = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(collateral_new(&set, NULL)));
    CU_ASSERT_FALSE(tsec_failed(collateral_add(set, item, NULL)));
    return set;
}

static void
a_bare_document_is_its_bytes_without_the_space_around_them(void)
{
    BUF(text);

    tsec_buf_printf(&text, " \n%s\r\n\n", rig_tcb_info);

    TSEC_AUTO(collateral_free) struct collateral *set = set_of(tsec_buf_span(&text));

    CU_ASSERT_EQUAL_FATAL(collateral_docs(set), 1);
    CU_ASSERT_TRUE(tsec_span_is(collateral_doc(set, 0)->body, rig_tcb_info));
    CU_ASSERT_EQUAL(collateral_doc(set, 0)->signature.len, 0);
}

static void
a_wrapped_document_is_a_slice_with_its_signature(void)
{
    static const char *const names[] = { "tcbInfo", "enclaveIdentity" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(names); i++) {
        /* space within the document is signed: it must stay as it is */
        const char *body = "{ \"id\" : \"QE\",\n \"version\": 2, "
                           "\"issueDate\":\"2026-01-01T00:00:00Z\", "
                           "\"nextUpdate\":\"2026-02-01T00:00:00Z\", \"tcbLevels\": [ ] }";
        BUF(text);

        tsec_buf_printf(&text, "{\"%s\": %s , \"signature\":\"%s\"}\n", names[i], body,
                        rig_signature_hex);

        TSEC_AUTO(collateral_free) struct collateral *set = set_of(tsec_buf_span(&text));

        CU_ASSERT_STRING_EQUAL_FATAL(rig_counts(set), "0 0 1 0");
        CU_ASSERT_TRUE(tsec_span_is(collateral_doc(set, 0)->body, body));
        CU_ASSERT_EQUAL(collateral_doc(set, 0)->signature.len, 64);
        CU_ASSERT_EQUAL(collateral_doc(set, 0)->signature.ptr[7], 0xef);
    }
}

static void
thim_s_answer_gives_its_certificates(void)
{
    BUF(leaf);
    BUF(chain);
    BUF(text);
    struct tsec_json_out out = tsec_json_out(&text);

    mint_pem("CERTIFICATE", rig_cert(0), &leaf);
    mint_pem("CERTIFICATE", rig_cert(1), &chain);
    mint_pem("CERTIFICATE", rig_cert(2), &chain);
    tsec_json_object(&out);
    tsec_json_put_span(&out, "vcekCert", tsec_buf_span(&leaf));
    tsec_json_put_str(&out, "tcbm", "0300000000000004");
    tsec_json_put_span(&out, "certificateChain", tsec_buf_span(&chain));
    tsec_json_put_int(&out, "cacheControl", 86400);
    tsec_json_object_end(&out);
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_buf_span(&text)), "3 0 0 0");
}

static void
put_pccs_members(struct tsec_json_out *out)
{
    BUF(chain);
    BUF(crl);

    mint_pem("CERTIFICATE", rig_cert(0), &chain);
    mint_pem("CERTIFICATE", rig_cert(1), &chain);
    tsec_hex_append(&crl, rig_crl());
    tsec_json_put_span(out, "tcb_info_issuer_chain", tsec_buf_span(&chain));
    tsec_json_put_str(out, "tcb_info", rig_tcb_info);
    tsec_json_put_str(out, "tcb_info_signature", rig_signature_hex);
    tsec_json_put_str(out, "qe_identity", rig_identity);
    tsec_json_put_str(out, "qe_identity_signature", rig_signature_hex);
    tsec_json_put_span(out, "root_ca_crl", tsec_buf_span(&crl));
}

static void
the_collateral_of_one_quote_comes_in_one_object(void)
{
    BUF(text);
    struct tsec_json_out out = tsec_json_out(&text);

    tsec_json_object(&out);
    put_pccs_members(&out);
    tsec_json_object_end(&out);

    TSEC_AUTO(collateral_free) struct collateral *set = set_of(tsec_buf_span(&text));

    CU_ASSERT_STRING_EQUAL_FATAL(rig_counts(set), "2 1 2 0");
    CU_ASSERT_TRUE(tsec_span_is(collateral_doc(set, 0)->body, rig_tcb_info));
    CU_ASSERT_EQUAL(collateral_doc(set, 0)->signature.len, 64);
    CU_ASSERT_TRUE(tsec_span_is(collateral_doc(set, 1)->body, rig_identity));
}

static void
documents_may_be_strings_of_wrapped_ones(void)
{
    BUF(wrapped);
    BUF(text);
    struct tsec_json_out out = tsec_json_out(&text);

    tsec_buf_printf(&wrapped, "{\"tcbInfo\":%s,\"signature\":\"%s\"}", rig_tcb_info,
                    rig_signature_hex);
    tsec_json_object(&out);
    tsec_json_put_span(&out, "tcb_info", tsec_buf_span(&wrapped));
    tsec_json_object_end(&out);

    TSEC_AUTO(collateral_free) struct collateral *set = set_of(tsec_buf_span(&text));

    CU_ASSERT_STRING_EQUAL_FATAL(rig_counts(set), "0 0 1 0");
    CU_ASSERT_TRUE(tsec_span_is(collateral_doc(set, 0)->body, rig_tcb_info));
    CU_ASSERT_EQUAL(collateral_doc(set, 0)->signature.len, 64);
}

static void
it_may_be_nested_in_objects_and_lists(void)
{
    BUF(text);
    BUF(base64);
    struct tsec_json_out out = tsec_json_out(&text);

    tsec_base64_append(&base64, TSEC_BASE64_STD, rig_cert(3));
    tsec_json_object(&out);
    tsec_json_key(&out, "platforms");
    tsec_json_array(&out);
    tsec_json_object(&out);
    put_pccs_members(&out);
    tsec_json_object_end(&out);
    tsec_json_span(&out, tsec_buf_span(&base64));
    tsec_json_array_end(&out);
    tsec_json_object_end(&out);
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_buf_span(&text)), "3 1 2 0");
}

static void
a_signature_that_no_document_takes_is_a_loose_one(void)
{
    BUF(text);

    tsec_buf_printf(&text, "{\"tcbInfoSignature\":\"%s\"}", rig_signature_hex);
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_buf_span(&text)), "0 0 0 1");
    tsec_buf_reset(&text);
    tsec_buf_printf(&text, "{\"digest\":\"%s\"}", rig_signature_hex);
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_buf_span(&text)), "refused");
}

static void
an_identity_of_another_enclave_is_left_aside(void)
{
    BUF(text);

    tsec_buf_put_str(&text, "{\"enclaveIdentity\":{\"id\":\"QVE\",\"version\":2,"
                            "\"issueDate\":\"2026-01-01T00:00:00Z\","
                            "\"nextUpdate\":\"2026-02-01T00:00:00Z\",\"tcbLevels\":[]}}");
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_buf_span(&text)), "0 0 0 0");
}

static void
json_of_anything_else_is_refused(void)
{
    static const char *const texts[] = {
        "{}",
        "[]",
        "{\"keys\":[]}",
        "{\"tcbLevels\":[]}",
        "{\"a\":",
        "{\"a\":1,\"a\":2}",
        "{\"tcbInfo\":{\"tcbLevels\":[]}}",
        "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]",
        "{\"tcb_info\":\"{\\\"tcbInfo\\\":1}\"}",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(texts); i++) {
        CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_span_str(texts[i])), "refused");
    }
}

static void
a_member_that_is_broken_pem_or_der_is_refused(void)
{
    BUF(text);
    BUF(hex);

    tsec_hex_append(&hex, tsec_span(rig_crl().ptr, rig_crl().len - 1));
    tsec_buf_printf(&text, "{\"root_ca_crl\":\"%.*s\"}", (int)hex.len, (const char *)hex.ptr);
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_buf_span(&text)), "refused");
    tsec_buf_reset(&text);
    tsec_buf_printf(&text, "{\"chain\":\"-----BEGIN CERTIFICATE-----\\n%.*s\\n\"}", (int)hex.len,
                    (const char *)hex.ptr);
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_buf_span(&text)), "refused");
}

static const struct test_case cases[] = {
    { "a bare document is its bytes without the space around them",
      a_bare_document_is_its_bytes_without_the_space_around_them },
    { "a wrapped document is a slice, with its signature",
      a_wrapped_document_is_a_slice_with_its_signature },
    { "THIM's answer gives its certificates", thim_s_answer_gives_its_certificates },
    { "the collateral of one quote comes in one object",
      the_collateral_of_one_quote_comes_in_one_object },
    { "documents may be strings of wrapped ones", documents_may_be_strings_of_wrapped_ones },
    { "it may be nested in objects and lists", it_may_be_nested_in_objects_and_lists },
    { "a signature that no document takes is a loose one",
      a_signature_that_no_document_takes_is_a_loose_one },
    { "an identity of another enclave is left aside",
      an_identity_of_another_enclave_is_left_aside },
    { "JSON of anything else is refused", json_of_anything_else_is_refused },
    { "a member that is broken PEM or DER is refused",
      a_member_that_is_broken_pem_or_der_is_refused },
};

TEST_MAIN("plugins/collateral_json", cases)
