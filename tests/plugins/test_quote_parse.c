/* SPDX-License-Identifier: Apache-2.0 */
#include "quote_parse.h"

#include <string.h>

#include "tests/mint/mint_sgx.h"
#include "tests/test.h"

/* Where the lengths stand in what mint makes. */
enum {
    V3_DATA_LEN = 48 + QUOTE_SGX_REPORT_LEN,
    V3_AUTH_LEN = V3_DATA_LEN + 4 + 64 + 64 + QUOTE_SGX_REPORT_LEN + 64,
    V4_DATA_LEN = 48 + QUOTE_TD10_REPORT_LEN,
    V4_CERT_LEN = V4_DATA_LEN + 4 + 64 + 64 + 2,
    V4_AUTH_LEN = V4_CERT_LEN + 4 + QUOTE_SGX_REPORT_LEN + 64,
};

static struct quote quote;
static enum tsec_reason reason;

static tsec_rc
parse(const struct tsec_buf *bytes)
{
    return quote_parse(tsec_buf_span(bytes), &quote, &reason, NULL);
}

static void
make(bool tdx, struct tsec_buf *out)
{
    struct mint_sgx spec;

    mint_sgx_genuine(&spec, tdx);
    mint_sgx_quote(&spec, out);
}

#define BUF(name) TSEC_AUTO_BUF struct tsec_buf name = TSEC_BUF_INIT(MINT_SGX_MAX)

static void
its_parts_are_where_they_belong(void)
{
    BUF(bytes);

    make(false, &bytes);
    CU_ASSERT_FALSE_FATAL(tsec_failed(parse(&bytes)));
    CU_ASSERT_EQUAL(quote.version, 3);
    CU_ASSERT_EQUAL(quote.signed_bytes.len, V3_DATA_LEN);
    CU_ASSERT_EQUAL(quote.body.len, QUOTE_SGX_REPORT_LEN);
    CU_ASSERT_EQUAL(quote.body.ptr[SGX_MRSIGNER], 0x22);
    CU_ASSERT_TRUE(tsec_span_is(quote.qe_auth, "authentication data"));
    CU_ASSERT_TRUE(tsec_span_starts(quote.pck_chain, tsec_span_str("-----BEGIN CERT")));
}

static void
nested_certification_data_is_taken_apart(void)
{
    BUF(bytes);

    make(true, &bytes);
    CU_ASSERT_FALSE_FATAL(tsec_failed(parse(&bytes)));
    CU_ASSERT_TRUE(quote.tdx && !quote.td15);
    CU_ASSERT_EQUAL(quote.body.ptr[TD_MRTD], 0x33);
    CU_ASSERT_TRUE(tsec_span_is(quote.qe_auth, "authentication data"));
    CU_ASSERT_EQUAL(quote.pck_chain.ptr + quote.pck_chain.len, bytes.ptr + bytes.len);
}

static void
a_quote_cut_off_anywhere_is_malformed(void)
{
    for (int tdx = 0; tdx < 2; tdx++) {
        BUF(bytes);

        make(tdx == 1, &bytes);
        for (size_t len = 0; len < bytes.len; len += len < 1800 ? 1 : 97) {
            /* a copy of that length, so that a byte too far is seen by tools */
            BUF(cut);

            tsec_buf_put(&cut, bytes.ptr, len);
            CU_ASSERT_EQUAL(parse(&cut).code, TSEC_E_INVALID);
            CU_ASSERT_EQUAL(reason, TSEC_REASON_MALFORMED);
        }
    }
}

static void
an_authentication_length_past_the_end_is_malformed(void)
{
    BUF(bytes);

    make(false, &bytes);
    memset(bytes.ptr + V3_AUTH_LEN, 0xff, 2);
    CU_ASSERT_EQUAL(parse(&bytes).code, TSEC_E_INVALID);
    tsec_buf_reset(&bytes);
    make(true, &bytes);
    memset(bytes.ptr + V4_AUTH_LEN, 0xff, 2);
    CU_ASSERT_EQUAL(parse(&bytes).code, TSEC_E_INVALID);
}

static void
a_certification_length_past_the_end_is_malformed(void)
{
    static const uint8_t lens[][4] = { { 0xff, 0xff, 0xff, 0xff },
                                       { 0, 0, 0, 0x80 },
                                       { 0xff, 0xff, 0xff, 0x7f } };
    const size_t auth_len = strlen("authentication data");

    for (size_t i = 0; i < TSEC_ARRAY_LEN(lens); i++) {
        BUF(bytes);
        BUF(nested);

        make(false, &bytes);
        memcpy(bytes.ptr + V3_AUTH_LEN + 2 + auth_len + 2, lens[i], 4);
        CU_ASSERT_EQUAL(parse(&bytes).code, TSEC_E_INVALID);
        make(true, &nested);
        memcpy(nested.ptr + V4_CERT_LEN, lens[i], 4);
        CU_ASSERT_EQUAL(parse(&nested).code, TSEC_E_INVALID);
    }
}

static void
a_signature_data_length_that_does_not_fit_is_malformed(void)
{
    BUF(bytes);

    make(false, &bytes);
    memset(bytes.ptr + V3_DATA_LEN, 0xff, 4);
    CU_ASSERT_EQUAL(parse(&bytes).code, TSEC_E_INVALID);
    tsec_buf_reset(&bytes);
    make(false, &bytes);
    bytes.ptr[V3_DATA_LEN]--; /* shorter than what it holds */
    CU_ASSERT_EQUAL(parse(&bytes).code, TSEC_E_INVALID);
    tsec_buf_reset(&bytes);
    make(false, &bytes);
    bytes.ptr[V3_DATA_LEN]++; /* longer, with a byte for it */
    tsec_buf_put_byte(&bytes, 0);
    CU_ASSERT_EQUAL(parse(&bytes).code, TSEC_E_INVALID);
}

static void
bodies_fit_their_tee_and_version(void)
{
    static const struct {
        bool tdx;
        unsigned version;
        unsigned type;
        bool good;
    } rows[] = {
        { false, 3, 1, true },  { true, 3, 2, false },  { false, 4, 1, true },
        { true, 4, 2, true },   { false, 5, 1, true },  { true, 5, 2, true },
        { true, 5, 3, true },   { false, 5, 2, false }, { false, 5, 3, false },
        { true, 5, 1, false },  { true, 5, 4, false },  { false, 5, 0, false },
        { false, 2, 1, false }, { false, 6, 1, false },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        struct mint_sgx spec;
        BUF(bytes);

        mint_sgx_genuine(&spec, rows[i].tdx);
        spec.version = rows[i].version;
        spec.body_type = rows[i].type;
        mint_sgx_quote(&spec, &bytes);
        CU_ASSERT_EQUAL(!tsec_failed(parse(&bytes)), rows[i].good);
    }
}

static void
a_body_length_other_than_its_type_s_is_malformed(void)
{
    struct mint_sgx spec;
    BUF(bytes);

    mint_sgx_genuine(&spec, true);
    spec.version = 5;
    mint_sgx_quote(&spec, &bytes);
    bytes.ptr[50]++;
    CU_ASSERT_EQUAL(parse(&bytes).code, TSEC_E_INVALID);
}

static void
refusals_that_are_not_of_form_say_so(void)
{
    struct mint_sgx spec;
    BUF(key);
    BUF(cert);

    mint_sgx_genuine(&spec, false);
    spec.key_type = 3;
    mint_sgx_quote(&spec, &key);
    CU_ASSERT_EQUAL(parse(&key).code, TSEC_E_DENIED);
    CU_ASSERT_EQUAL(reason, TSEC_REASON_ALGORITHM);
    spec.key_type = 2;
    spec.cert_type = 1;
    mint_sgx_quote(&spec, &cert);
    CU_ASSERT_EQUAL(parse(&cert).code, TSEC_E_DENIED);
    CU_ASSERT_EQUAL(reason, TSEC_REASON_NO_ENDORSEMENT);
}

static void
an_evidence_header_names_what_follows_exactly(void)
{
    struct mint_sgx spec;
    BUF(bytes);

    mint_sgx_genuine(&spec, false);
    spec.wrapped = true;
    mint_sgx_quote(&spec, &bytes);
    CU_ASSERT_FALSE(tsec_failed(parse(&bytes)));
    CU_ASSERT_TRUE(quote.wrapped);
    bytes.ptr[8]++;
    CU_ASSERT_EQUAL(parse(&bytes).code, TSEC_E_INVALID);
    bytes.ptr[8]--;
    bytes.ptr[12] = 1;
    CU_ASSERT_EQUAL(parse(&bytes).code, TSEC_E_INVALID);
}

static void
only_zero_bytes_may_follow(void)
{
    BUF(bytes);

    make(true, &bytes);
    (void)tsec_buf_extend(&bytes, 100);
    CU_ASSERT_FALSE(tsec_failed(parse(&bytes)));
    CU_ASSERT_EQUAL(quote.padding, 100);
    bytes.ptr[bytes.len - 1] = 1;
    CU_ASSERT_EQUAL(parse(&bytes).code, TSEC_E_INVALID);
}

static const struct test_case cases[] = {
    { "its parts are where they belong", its_parts_are_where_they_belong },
    { "nested certification data is taken apart", nested_certification_data_is_taken_apart },
    { "a quote cut off anywhere is malformed", a_quote_cut_off_anywhere_is_malformed },
    { "an authentication length past the end is malformed",
      an_authentication_length_past_the_end_is_malformed },
    { "a certification length past the end is malformed",
      a_certification_length_past_the_end_is_malformed },
    { "a signature data length that does not fit is malformed",
      a_signature_data_length_that_does_not_fit_is_malformed },
    { "bodies fit their TEE and version", bodies_fit_their_tee_and_version },
    { "a body length other than its type's is malformed",
      a_body_length_other_than_its_type_s_is_malformed },
    { "refusals that are not of form say so", refusals_that_are_not_of_form_say_so },
    { "an evidence header names what follows exactly",
      an_evidence_header_names_what_follows_exactly },
    { "only zero bytes may follow", only_zero_bytes_may_follow },
};

TEST_MAIN("plugins/quote_parse", cases)
