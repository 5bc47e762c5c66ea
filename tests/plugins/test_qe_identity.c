/* SPDX-License-Identifier: Apache-2.0 */
#include "qe_identity.h"

#include <string.h>

#include "quote_parse.h"
#include "tests/mint/mint_sgx.h"
#include "tests/test.h"

static struct mint_sgx spec;

static struct qe_identity *
parse_spec(bool tdx)
{
    struct qe_identity *identity = NULL;
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(MINT_SGX_MAX);

    mint_sgx_genuine(&spec, tdx);
    mint_sgx_identity(&spec, &body);
    CU_ASSERT_FALSE_FATAL(tsec_failed(qe_identity_parse(tsec_buf_span(&body), &identity, NULL)));
    return identity;
}

static bool
matches(const struct qe_identity *identity)
{
    return !tsec_failed(
        qe_identity_match(identity, tsec_span(spec.qe_report, sizeof(spec.qe_report)), NULL));
}

static void
an_identity_matches_its_enclave(void)
{
    for (int tdx = 0; tdx < 2; tdx++) {
        TSEC_AUTO(qe_identity_free) struct qe_identity *identity = parse_spec(tdx == 1);

        CU_ASSERT_TRUE(matches(identity));
        CU_ASSERT_EQUAL(identity->prod_id, tdx + 1);
        CU_ASSERT_EQUAL(identity->levels.len, 3);
    }
}

static void
what_the_mask_leaves_out_does_not_count(void)
{
    TSEC_AUTO(qe_identity_free) struct qe_identity *identity = parse_spec(false);

    spec.qe_report[SGX_ATTRIBUTES] |= 0x04;     /* MODE64: not under FB */
    spec.qe_report[SGX_ATTRIBUTES + 8] |= 0xe7; /* XFRM: not under 00 */
    CU_ASSERT_TRUE(matches(identity));
    spec.qe_report[SGX_ATTRIBUTES] |= 0x20;
    CU_ASSERT_FALSE(matches(identity));
}

static void
each_difference_is_refused(void)
{
    static const size_t at[] = { SGX_MISCSELECT,     SGX_MISCSELECT + 3, SGX_ATTRIBUTES,
                                 SGX_ATTRIBUTES + 7, SGX_MRSIGNER,       SGX_MRSIGNER + 31,
                                 SGX_PROD_ID,        SGX_PROD_ID + 1 };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(at); i++) {
        TSEC_AUTO(qe_identity_free) struct qe_identity *identity = parse_spec(false);

        spec.qe_report[at[i]] ^= 1;
        CU_ASSERT_FALSE(matches(identity));
    }
}

/* miscselect is written from its highest byte */
static void
a_number_in_hex_is_turned_round(void)
{
    TSEC_AUTO(qe_identity_free) struct qe_identity *identity = NULL;
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(MINT_SGX_MAX);

    mint_sgx_genuine(&spec, false);
    mint_sgx_identity(&spec, &body);
    memcpy(memmem(body.ptr, body.len, "\"miscselect\":\"00000000", 22), "\"miscselect\":\"00000001",
           22);
    CU_ASSERT_FALSE_FATAL(tsec_failed(qe_identity_parse(tsec_buf_span(&body), &identity, NULL)));
    CU_ASSERT_FALSE(matches(identity));
    spec.qe_report[SGX_MISCSELECT] = 1;
    CU_ASSERT_TRUE(matches(identity));
}

static void
an_identity_that_lacks_something_is_refused(void)
{
    static const char *const names[] = { "\"miscselect\"", "\"miscselectMask\"",
                                         "\"attributes\"", "\"attributesMask\"",
                                         "\"mrsigner\"",   "\"isvprodid\"",
                                         "\"tcbLevels\"" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(names); i++) {
        TSEC_AUTO(qe_identity_free) struct qe_identity *identity = NULL;
        TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(MINT_SGX_MAX);
        uint8_t *at;

        mint_sgx_genuine(&spec, false);
        mint_sgx_identity(&spec, &body);
        at = memmem(body.ptr, body.len, names[i], strlen(names[i]));
        CU_ASSERT_PTR_NOT_NULL_FATAL(at);
        at[1] = '_';
        CU_ASSERT_EQUAL(qe_identity_parse(tsec_buf_span(&body), &identity, NULL).code,
                        TSEC_E_INVALID);
    }
}

static void
without_an_identity_intel_s_signer_is_known(void)
{
    for (int tdx = 0; tdx < 2; tdx++) {
        const struct tsec_span report = tsec_span(spec.qe_report, sizeof(spec.qe_report));

        mint_sgx_genuine(&spec, tdx == 1);
        CU_ASSERT_FALSE(tsec_failed(qe_identity_match_intel(tdx == 1, report, NULL)));
        CU_ASSERT_TRUE(tsec_failed(qe_identity_match_intel(tdx == 0, report, NULL)));
        spec.qe_report[SGX_PROD_ID] ^= 4;
        CU_ASSERT_TRUE(tsec_failed(qe_identity_match_intel(tdx == 1, report, NULL)));
        spec.qe_report[SGX_PROD_ID] ^= 4;
        spec.qe_report[SGX_ATTRIBUTES] |= 2;
        CU_ASSERT_TRUE(tsec_failed(qe_identity_match_intel(tdx == 1, report, NULL)));
    }
}

static const struct test_case cases[] = {
    { "an identity matches its enclave", an_identity_matches_its_enclave },
    { "what the mask leaves out does not count", what_the_mask_leaves_out_does_not_count },
    { "each difference is refused", each_difference_is_refused },
    { "a number in hex is turned round", a_number_in_hex_is_turned_round },
    { "an identity that lacks something is refused", an_identity_that_lacks_something_is_refused },
    { "without an identity Intel's signer is known", without_an_identity_intel_s_signer_is_known },
};

TEST_MAIN("plugins/qe_identity", cases)
