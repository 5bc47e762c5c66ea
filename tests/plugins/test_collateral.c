/* SPDX-License-Identifier: Apache-2.0 */
#include "collateral.h"

#include <tsec/attest.h>

#include "tests/mint/mint_cert.h"
#include "tests/plugins/collateral_rig.h"
#include "tests/test.h"

static struct collateral *
new_set(void)
{
    struct collateral *set = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(collateral_new(&set, NULL)));
    return set;
}

static void
add(struct collateral *set, struct tsec_span item)
{
    CU_ASSERT_FALSE(tsec_failed(collateral_add(set, item, NULL)));
}

static void
no_set_is_an_empty_one(void)
{
    CU_ASSERT_STRING_EQUAL(rig_counts(NULL), "0 0 0 0");
    collateral_free(NULL);
}

static void
what_is_there_already_is_passed_over(void)
{
    TSEC_AUTO(collateral_free) struct collateral *set = new_set();

    for (int i = 0; i < 2; i++) {
        add(set, rig_cert(0));
        add(set, rig_crl());
        add(set, tsec_span_str(rig_tcb_info));
        add(set, tsec_span_str(rig_signature_hex));
    }
    add(set, rig_cert(1));
    CU_ASSERT_STRING_EQUAL(rig_counts(set), "2 1 1 1");
}

static void
a_document_with_a_signature_and_one_without_are_two(void)
{
    TSEC_AUTO(collateral_free) struct collateral *set = new_set();
    TSEC_AUTO_BUF struct tsec_buf wrapped = TSEC_BUF_INIT(4096);

    tsec_buf_printf(&wrapped, "{\"tcbInfo\":%s,\"signature\":\"%s\"}", rig_tcb_info,
                    rig_signature_hex);
    add(set, tsec_span_str(rig_tcb_info));
    add(set, tsec_buf_span(&wrapped));
    CU_ASSERT_STRING_EQUAL(rig_counts(set), "0 0 2 0");
    CU_ASSERT_EQUAL(collateral_doc(set, 0)->signature.len, 0);
    CU_ASSERT_EQUAL(collateral_doc(set, 1)->signature.len, 64);
}

static void
what_is_in_is_as_it_was_given(void)
{
    TSEC_AUTO(collateral_free) struct collateral *set = new_set();
    uint8_t digest[TSEC_SHA256_LEN];

    add(set, rig_cert(0));
    add(set, rig_crl());
    add(set, tsec_span_str(rig_tcb_info));
    add(set, tsec_span_str(rig_signature_hex));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_cert_der(collateral_cert(set, 0)), rig_cert(0)));
    tsec_sha256(rig_crl(), digest);
    CU_ASSERT_EQUAL(memcmp(collateral_crl_sha256(set, 0), digest, sizeof(digest)), 0);
    CU_ASSERT_PTR_NOT_NULL(collateral_crl(set, 0));
    CU_ASSERT_TRUE(tsec_span_is(collateral_doc(set, 0)->body, rig_tcb_info));
    CU_ASSERT_EQUAL(collateral_signature(set, 0).len, 64);
    CU_ASSERT_EQUAL(collateral_signature(set, 0).ptr[0], 0x01);
}

static void
joined_sets_share_what_they_hold(void)
{
    TSEC_AUTO(collateral_free) struct collateral *a = new_set();
    TSEC_AUTO(collateral_free) struct collateral *b = new_set();
    TSEC_AUTO(collateral_free) struct collateral *both = NULL;
    const struct tsec_cert *cert;

    add(a, rig_cert(0));
    add(a, rig_crl());
    add(b, rig_cert(0));
    add(b, rig_cert(1));
    add(b, tsec_span_str(rig_identity));
    CU_ASSERT_FALSE_FATAL(tsec_failed(collateral_join(a, b, &both, NULL)));
    CU_ASSERT_STRING_EQUAL(rig_counts(both), "2 1 1 0");
    cert = collateral_cert(a, 0);
    CU_ASSERT_PTR_EQUAL(collateral_cert(both, 0), cert);
    collateral_free(TSEC_TAKE(a));
    collateral_free(TSEC_TAKE(b));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_cert_der(collateral_cert(both, 0)), rig_cert(0)));
    CU_ASSERT_TRUE(tsec_span_is(collateral_doc(both, 0)->body, rig_identity));
}

static void
a_set_joined_with_none_is_as_it_was(void)
{
    TSEC_AUTO(collateral_free) struct collateral *a = new_set();
    TSEC_AUTO(collateral_free) struct collateral *left = NULL;
    TSEC_AUTO(collateral_free) struct collateral *right = NULL;

    add(a, rig_cert(0));
    CU_ASSERT_FALSE_FATAL(tsec_failed(collateral_join(a, NULL, &left, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(collateral_join(NULL, a, &right, NULL)));
    CU_ASSERT_STRING_EQUAL(rig_counts(left), "1 0 0 0");
    CU_ASSERT_STRING_EQUAL(rig_counts(right), "1 0 0 0");
}

static void
a_refused_item_leaves_nothing_behind(void)
{
    TSEC_AUTO(collateral_free) struct collateral *set = new_set();
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(65536);

    add(set, rig_cert(0));
    mint_pem("CERTIFICATE", rig_cert(1), &pem);
    mint_pem("CERTIFICATE", tsec_span_str("no certificate"), &pem);
    CU_ASSERT_EQUAL(collateral_add(set, tsec_buf_span(&pem), NULL).code, TSEC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(rig_counts(set), "1 0 0 0");
}

static void
a_set_has_room_for_so_much_and_no_more(void)
{
    TSEC_AUTO(collateral_free) struct collateral *set = new_set();
    uint8_t signature[64] = { 0xff };
    tsec_rc rc = TSEC_OK;
    unsigned n = 0;

    while (!tsec_failed(rc) && n < 1000) {
        signature[1] = (uint8_t)n;
        signature[2] = (uint8_t)(n >> 8);
        rc = collateral_add(set, tsec_span(signature, sizeof(signature)), NULL);
        n++;
    }
    CU_ASSERT_EQUAL(rc.code, TSEC_E_TOO_LARGE);
    CU_ASSERT_EQUAL(collateral_signatures(set), n - 1);
    add(set, rig_cert(0)); /* other things still have theirs */
}

static void
fill(struct collateral *set, uint8_t first)
{
    uint8_t signature[64] = { 0xff, first };

    for (unsigned n = 0;; n++) {
        signature[2] = (uint8_t)n;
        if (tsec_failed(collateral_add(set, tsec_span(signature, sizeof(signature)), NULL))) {
            return;
        }
    }
}

static void
two_full_sets_can_be_joined(void)
{
    TSEC_AUTO(collateral_free) struct collateral *a = new_set();
    TSEC_AUTO(collateral_free) struct collateral *b = new_set();
    TSEC_AUTO(collateral_free) struct collateral *both = NULL;
    TSEC_AUTO(collateral_free) struct collateral *all = NULL;
    TSEC_AUTO(collateral_free) struct collateral *same = NULL;

    fill(a, 1);
    fill(b, 2);
    CU_ASSERT_FALSE_FATAL(tsec_failed(collateral_join(a, b, &both, NULL)));
    CU_ASSERT_EQUAL(collateral_signatures(both), 2 * collateral_signatures(a));
    CU_ASSERT_FALSE_FATAL(tsec_failed(collateral_join(both, b, &same, NULL)));
    CU_ASSERT_EQUAL(collateral_signatures(same), collateral_signatures(both));
    collateral_free(TSEC_TAKE(b));
    b = new_set();
    fill(b, 3);
    CU_ASSERT_EQUAL(collateral_join(both, b, &all, NULL).code, TSEC_E_TOO_LARGE);
}

static void
an_item_past_the_limit_is_refused_unread(void)
{
    TSEC_AUTO(collateral_free) struct collateral *set = new_set();
    static uint8_t big[TSEC_COLLATERAL_MAX + 1];

    CU_ASSERT_EQUAL(collateral_add(set, tsec_span(big, sizeof(big)), NULL).code, TSEC_E_TOO_LARGE);
    CU_ASSERT_EQUAL(collateral_add(set, tsec_span(big, sizeof(big) - 1), NULL).code,
                    TSEC_E_INVALID);
}

static const struct test_case cases[] = {
    { "no set is an empty one", no_set_is_an_empty_one },
    { "what is there already is passed over", what_is_there_already_is_passed_over },
    { "a document with a signature and one without are two",
      a_document_with_a_signature_and_one_without_are_two },
    { "what is in is as it was given", what_is_in_is_as_it_was_given },
    { "joined sets share what they hold", joined_sets_share_what_they_hold },
    { "a set joined with none is as it was", a_set_joined_with_none_is_as_it_was },
    { "a refused item leaves nothing behind", a_refused_item_leaves_nothing_behind },
    { "a set has room for so much and no more", a_set_has_room_for_so_much_and_no_more },
    { "two full sets can be joined", two_full_sets_can_be_joined },
    { "an item past the limit is refused unread", an_item_past_the_limit_is_refused_unread },
};

TEST_MAIN("plugins/collateral", cases)
