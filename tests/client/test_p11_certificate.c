/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_certificate.h"

#include "codec/pem.h"
#include "tests/client/p11_leaf.h"
#include "tests/crypto/vector.h"

static struct tsec_span
leaf(struct tsec_buf *der)
{
    struct tsec_span text = tsec_span_str(P11_LEAF);
    struct tsec_span label;
    bool found = false;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pem_next(&text, &label, der, &found, NULL)) || !found);
    return tsec_buf_span(der);
}

static void
the_parts_stand_by_themselves(void)
{
    static const char name[] = "300f310d300b06035504030c046c656166";
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(4096);
    struct p11_certificate cert;

    CU_ASSERT_FALSE_FATAL(tsec_failed(p11_certificate_parse(leaf(&der), &cert, NULL)));
    CU_ASSERT_TRUE(vector_is(cert.serial, "0214634e435e5bb578cc596b4fceded6027376994ba0"));
    CU_ASSERT_TRUE(vector_is(cert.subject, name));
    CU_ASSERT_TRUE(vector_is(cert.issuer, name));
    CU_ASSERT_EQUAL(cert.spki.len, 91);
    CU_ASSERT_TRUE(tsec_span_equal(cert.der, tsec_buf_span(&der)));
}

static void
what_is_cut_off_or_goes_on_is_none(void)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(4096);
    const struct tsec_span whole = leaf(&der);
    struct p11_certificate cert;

    for (size_t n = 0; n < whole.len; n++) {
        CU_ASSERT_EQUAL(p11_certificate_parse(tsec_span(whole.ptr, n), &cert, NULL).code,
                        TSEC_E_INVALID);
    }
    tsec_buf_put_byte(&der, 0);
    CU_ASSERT_EQUAL(p11_certificate_parse(tsec_buf_span(&der), &cert, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(p11_certificate_parse(tsec_span_str("0\002\005"), &cert, NULL).code,
                    TSEC_E_INVALID);
}

static const struct test_case cases[] = {
    { "the parts stand by themselves", the_parts_stand_by_themselves },
    { "what is cut off or goes on is none", what_is_cut_off_or_goes_on_is_none },
};
TEST_MAIN("PKCS #11: certificates", cases)
