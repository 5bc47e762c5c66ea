/* SPDX-License-Identifier: Apache-2.0 */
/* Which forms collateral may come in. */
#include "collateral.h"

#include "base/base64.h"
#include "base/hex.h"
#include "codec/pct.h"
#include "tests/mint/mint_cert.h"
#include "tests/plugins/collateral_rig.h"
#include "tests/test.h"

#define BUF(name) TSEC_AUTO_BUF struct tsec_buf name = TSEC_BUF_INIT((size_t)1 << 20)

static void
der_is_a_certificate_or_a_crl(void)
{
    CU_ASSERT_STRING_EQUAL(rig_counts_of(rig_cert(0)), "1 0 0 0");
    CU_ASSERT_STRING_EQUAL(rig_counts_of(rig_crl()), "0 1 0 0");
}

static void
der_with_a_byte_more_or_less_is_refused(void)
{
    BUF(longer);

    tsec_buf_put_span(&longer, rig_cert(0));
    tsec_buf_put_byte(&longer, 0x7f);
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_buf_span(&longer)), "refused");
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_span(rig_cert(0).ptr, rig_cert(0).len - 1)),
                           "refused");
}

static void
pem_may_have_many_blocks_and_text_around_them(void)
{
    BUF(pem);

    tsec_buf_put_str(&pem, "Subject: rig\n");
    mint_pem("CERTIFICATE", rig_cert(0), &pem);
    mint_pem("X509 CRL", rig_crl(), &pem);
    tsec_buf_put_str(&pem, "and another\n");
    mint_pem("CERTIFICATE", rig_cert(1), &pem);
    tsec_buf_put_byte(&pem, '\0');
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_buf_span(&pem)), "2 1 0 0");
}

static void
pem_of_anything_else_is_refused(void)
{
    BUF(pem);
    BUF(half);

    mint_pem("CERTIFICATE", rig_cert(0), &pem);
    tsec_buf_put(&half, pem.ptr, pem.len / 2);
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_buf_span(&half)), "refused");
    mint_pem("PRIVATE KEY", rig_cert(0), &pem);
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_buf_span(&pem)), "refused");
}

static void
pem_may_come_percent_encoded_as_in_a_header(void)
{
    BUF(pem);
    BUF(encoded);

    mint_pem("CERTIFICATE", rig_cert(0), &pem);
    mint_pem("CERTIFICATE", rig_cert(1), &pem);
    tsec_pct_encode(&encoded, tsec_buf_span(&pem), false);
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_buf_span(&encoded)), "2 0 0 0");
}

static void
der_may_come_as_hex_or_base64_with_line_breaks(void)
{
    BUF(hex);
    BUF(base64);
    BUF(lines);

    tsec_hex_append(&hex, rig_crl());
    tsec_buf_put_str(&hex, "\r\n");
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_buf_span(&hex)), "0 1 0 0");
    tsec_base64_append(&base64, TSEC_BASE64_STD, rig_cert(0));
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_buf_span(&base64)), "1 0 0 0");
    for (size_t i = 0; i < base64.len; i++) {
        if (i % 64 == 0) {
            tsec_buf_put_byte(&lines, '\n');
        }
        tsec_buf_put_byte(&lines, base64.ptr[i]);
    }
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_buf_span(&lines)), "1 0 0 0");
}

static void
a_document_may_come_in_hex(void)
{
    BUF(hex);

    tsec_hex_append(&hex, tsec_span_str(rig_tcb_info));
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_buf_span(&hex)), "0 0 1 0");
}

static void
sixty_four_bytes_are_a_signature(void)
{
    uint8_t raw[64];
    BUF(base64);
    BUF(hex);

    memset(raw, 0x30, sizeof(raw)); /* as DER begins, and as the digit 0 */
    raw[40] = 0xfe;
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_span(raw, sizeof(raw))), "0 0 0 1");
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_span_str(rig_signature_hex)), "0 0 0 1");
    tsec_base64_append(&base64, TSEC_BASE64_STD, tsec_span(raw, sizeof(raw)));
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_buf_span(&base64)), "0 0 0 1");
    memcpy(raw, "{\"", 2); /* as JSON begins */
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_span(raw, sizeof(raw))), "0 0 0 1");
    tsec_hex_append(&hex, tsec_span(raw, sizeof(raw)));
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_buf_span(&hex)), "0 0 0 1");
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_span(raw, 63)), "refused");
    /* 64 digits are 32 bytes: a digest perhaps */
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_span(rig_signature_hex, 64)), "refused");
}

static void
anything_else_is_not_collateral(void)
{
    static const char *const texts[] = { "",        " \n",  "hello world",
                                         "abcdef0", "====", "30",
                                         "3000",    "MII=", "-----BEGIN CERTIFICATE-----\n" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(texts); i++) {
        CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_span_str(texts[i])), "refused");
    }
    CU_ASSERT_STRING_EQUAL(rig_counts_of(tsec_span("\0\0\0", 3)), "refused");
}

static const struct test_case cases[] = {
    { "DER is a certificate or a CRL", der_is_a_certificate_or_a_crl },
    { "DER with a byte more or less is refused", der_with_a_byte_more_or_less_is_refused },
    { "PEM may have many blocks and text around them",
      pem_may_have_many_blocks_and_text_around_them },
    { "PEM of anything else is refused", pem_of_anything_else_is_refused },
    { "PEM may come percent-encoded, as in a header", pem_may_come_percent_encoded_as_in_a_header },
    { "DER may come as hex or base64, with line breaks",
      der_may_come_as_hex_or_base64_with_line_breaks },
    { "a document may come in hex", a_document_may_come_in_hex },
    { "64 bytes are a signature", sixty_four_bytes_are_a_signature },
    { "anything else is not collateral", anything_else_is_not_collateral },
};

TEST_MAIN("plugins/collateral_form", cases)
