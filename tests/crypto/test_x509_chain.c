/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crypto/pki.h"

enum { LINKS = 4 };

/* Root, two intermediate CAs and a leaf, all good until a test changes the specification. */
struct bench {
    struct mint_key *key[LINKS];
    struct mint_cert_spec spec[LINKS];
    struct tsec_chain_rules rules;
    int64_t now;
    struct tsec_chain_result result;
};

static struct bench
good(void)
{
    struct bench b = {
        .spec = { pki_ca("root", NULL), pki_ca("first", "root"), pki_ca("second", "first"),
                  pki_leaf("leaf", "second") },
        .rules = { .algs = UINT32_C(1) << TSEC_CERT_ECDSA_SHA256,
                   .key_kinds = UINT32_C(1) << TSEC_PUBKEY_P256,
                   .ca_needs_key_usage = true },
        .now = PKI_NOW,
    };

    for (size_t i = 0; i < LINKS; i++) {
        b.key[i] = mint_key(TSEC_PUBKEY_P256);
    }
    return b;
}

static void
done(struct bench *b)
{
    for (size_t i = 0; i < LINKS; i++) {
        mint_key_free(b->key[i]);
    }
}

#define AUTO_BENCH __attribute__((cleanup(done)))

static tsec_rc
verify_certs(struct bench *b, struct tsec_cert *const *certs, size_t len)
{
    const struct tsec_cert *chain[LINKS + 1] = { NULL };

    for (size_t i = 0; i < len; i++) {
        chain[i] = certs[i];
    }
    return tsec_chain_verify(chain, len, &b->rules, b->now, &b->result, NULL);
}

static void
mint_all(const struct bench *b, struct tsec_cert *certs[LINKS])
{
    for (size_t i = 0; i < LINKS; i++) {
        certs[i] = pki_mint(&b->spec[i], b->key[i], b->key[i == 0 ? 0 : i - 1]);
    }
}

static void
free_all(struct tsec_cert *certs[LINKS])
{
    for (size_t i = 0; i < LINKS; i++) {
        tsec_cert_free(certs[i]);
    }
}

static tsec_rc
verify(struct bench *b)
{
    struct tsec_cert *certs[LINKS] = { NULL };

    mint_all(b, certs);

    const tsec_rc rc = verify_certs(b, certs, LINKS);

    free_all(certs);
    return rc;
}

static bool
passes(struct bench *b)
{
    return !tsec_failed(verify(b)) && b->result.fault == TSEC_CHAIN_OK;
}

static bool
fails(struct bench *b, enum tsec_chain_fault fault, size_t at)
{
    return verify(b).code == TSEC_E_DENIED && b->result.fault == fault && b->result.at == at;
}

static void
a_good_chain_passes_and_tells_its_window(void)
{
    AUTO_BENCH struct bench b = good();

    b.spec[1].not_before += 100;
    b.spec[3].not_after -= 50;
    CU_ASSERT_TRUE(passes(&b));
    CU_ASSERT_EQUAL(b.result.not_before, PKI_NOT_BEFORE + 100);
    CU_ASSERT_EQUAL(b.result.not_after, PKI_NOT_AFTER - 50);
}

static void
valid_to_the_second_at_both_ends(void)
{
    AUTO_BENCH struct bench b = good();

    for (size_t i = 0; i < LINKS; i++) {
        b.spec[i].not_after = PKI_NOW;
        b.now = PKI_NOW;
        CU_ASSERT_TRUE(passes(&b));
        b.now = PKI_NOW + 1;
        CU_ASSERT_TRUE(fails(&b, TSEC_CHAIN_EXPIRED, i));
        CU_ASSERT_EQUAL(b.result.not_after, PKI_NOW);
        b.spec[i].not_after = PKI_NOT_AFTER;

        b.spec[i].not_before = PKI_NOW;
        b.now = PKI_NOW;
        CU_ASSERT_TRUE(passes(&b));
        b.now = PKI_NOW - 1;
        CU_ASSERT_TRUE(fails(&b, TSEC_CHAIN_NOT_YET_VALID, i));
        CU_ASSERT_EQUAL(b.result.not_before, PKI_NOW);
        b.spec[i].not_before = PKI_NOT_BEFORE;
    }
}

static void
who_issues_must_be_a_ca(void)
{
    for (size_t i = 0; i + 1 < LINKS; i++) {
        AUTO_BENCH struct bench b = good();

        b.spec[i].ca = false;
        CU_ASSERT_TRUE(fails(&b, TSEC_CHAIN_BROKEN, i));
        b.spec[i].basic_constraints = false;
        CU_ASSERT_TRUE(fails(&b, TSEC_CHAIN_BROKEN, i));
    }
}

static void
the_leaf_is_a_ca_only_where_it_may_be(void)
{
    AUTO_BENCH struct bench b = good();

    b.spec[3].ca = true;
    CU_ASSERT_TRUE(fails(&b, TSEC_CHAIN_BROKEN, 3));
    b.rules.leaf_is_ca = true;
    CU_ASSERT_TRUE(passes(&b));
    b.spec[3].ca = false; /* allowed, not required */
    CU_ASSERT_TRUE(passes(&b));
}

static void
path_lengths_count_the_cas_below(void)
{
    AUTO_BENCH struct bench b = good();

    b.spec[0].path_len = 2;
    b.spec[1].path_len = 1;
    b.spec[2].path_len = 0;
    CU_ASSERT_TRUE(passes(&b));
    b.spec[0].path_len = 1;
    CU_ASSERT_FALSE(passes(&b));
    CU_ASSERT_TRUE(fails(&b, TSEC_CHAIN_BROKEN, 0));
    b.spec[0].path_len = -1;
    b.spec[1].path_len = 0;
    CU_ASSERT_TRUE(fails(&b, TSEC_CHAIN_BROKEN, 1));
}

static void
a_self_issued_ca_does_not_count(void)
{
    AUTO_BENCH struct bench b = good();

    b.spec[1] = pki_ca("root", "root");
    b.spec[2] = pki_ca("second", "root");
    b.spec[0].path_len = 1;
    CU_ASSERT_TRUE(passes(&b));
    b.spec[0].path_len = 0;
    CU_ASSERT_TRUE(fails(&b, TSEC_CHAIN_BROKEN, 0));
}

static void
key_usage_must_allow_certificates(void)
{
    for (size_t i = 0; i + 1 < LINKS; i++) {
        AUTO_BENCH struct bench b = good();

        b.spec[i].key_usage = MINT_KU_CRL_SIGN | MINT_KU_DIGITAL_SIGNATURE;
        CU_ASSERT_TRUE(fails(&b, TSEC_CHAIN_BROKEN, i));
        b.spec[i].key_usage = 0;
        CU_ASSERT_TRUE(fails(&b, TSEC_CHAIN_BROKEN, i));
        b.rules.ca_needs_key_usage = false;
        CU_ASSERT_TRUE(passes(&b));
        b.spec[i].key_usage = MINT_KU_CRL_SIGN; /* what there is counts all the same */
        CU_ASSERT_TRUE(fails(&b, TSEC_CHAIN_BROKEN, i));
    }
}

static void
a_leaf_needs_no_key_usage(void)
{
    AUTO_BENCH struct bench b = good();

    b.spec[3].key_usage = 0;
    CU_ASSERT_TRUE(passes(&b));
}

static void
names_must_meet(void)
{
    for (size_t i = 1; i < LINKS; i++) {
        AUTO_BENCH struct bench b = good();

        b.spec[i].issuer_cn = "somebody";
        CU_ASSERT_TRUE(fails(&b, TSEC_CHAIN_BROKEN, i));
    }
}

/* Its trust is the caller's business. */
static void
the_root_may_be_issued_by_anybody(void)
{
    AUTO_BENCH struct bench b = good();

    b.spec[0].issuer_cn = "somebody";
    CU_ASSERT_TRUE(passes(&b));
}

static void
the_order_is_root_first(void)
{
    AUTO_BENCH struct bench b = good();
    struct tsec_cert *certs[LINKS] = { NULL };

    mint_all(&b, certs);
    for (size_t i = 0; i + 1 < LINKS; i++) {
        struct tsec_cert *swapped[LINKS];

        memcpy(swapped, certs, sizeof(certs));
        swapped[i] = certs[i + 1];
        swapped[i + 1] = certs[i];
        CU_ASSERT_EQUAL(verify_certs(&b, swapped, LINKS).code, TSEC_E_DENIED);
        CU_ASSERT_EQUAL(b.result.fault, TSEC_CHAIN_BROKEN);
    }
    CU_ASSERT_EQUAL(verify_certs(&b, certs, 2).code, TSEC_E_DENIED); /* ends in a CA */

    struct tsec_cert *gap[] = { certs[0], certs[2], certs[3] };

    CU_ASSERT_EQUAL(verify_certs(&b, gap, 3).code, TSEC_E_DENIED);
    CU_ASSERT_FALSE(tsec_failed(verify_certs(&b, certs + 2, 2))); /* any part hangs together */
    free_all(certs);
}

static void
each_signature_must_hold(void)
{
    for (size_t i = 1; i < LINKS; i++) {
        AUTO_BENCH struct bench b = good();
        TSEC_AUTO(mint_key_free) struct mint_key *stranger = mint_key(TSEC_PUBKEY_P256);
        struct tsec_cert *certs[LINKS] = { NULL };

        mint_all(&b, certs);
        tsec_cert_free(certs[i]);
        certs[i] = pki_mint(&b.spec[i], b.key[i], stranger);
        CU_ASSERT_EQUAL(verify_certs(&b, certs, LINKS).code, TSEC_E_DENIED);
        CU_ASSERT_EQUAL(b.result.fault, TSEC_CHAIN_SIGNATURE);
        CU_ASSERT_EQUAL(b.result.at, i);
        free_all(certs);
    }
}

static void
only_the_algorithms_of_the_rules(void)
{
    for (size_t i = 1; i < LINKS; i++) {
        AUTO_BENCH struct bench b = good();

        b.spec[i].md = "SHA384";
        CU_ASSERT_TRUE(fails(&b, TSEC_CHAIN_ALG, i));
        b.spec[i].md = "SHA1";
        CU_ASSERT_TRUE(fails(&b, TSEC_CHAIN_ALG, i));
    }

    AUTO_BENCH struct bench b = good();

    b.rules.algs = UINT32_C(1) << TSEC_CERT_PSS_SHA384;
    CU_ASSERT_TRUE(fails(&b, TSEC_CHAIN_ALG, 1));
    b.rules.algs = 0;
    CU_ASSERT_TRUE(fails(&b, TSEC_CHAIN_ALG, 1));
}

static void
only_the_curves_of_the_rules(void)
{
    for (size_t i = 0; i < LINKS; i++) {
        AUTO_BENCH struct bench b = good();

        mint_key_free(b.key[i]);
        b.key[i] = mint_key(TSEC_PUBKEY_P384);
        if (i + 1 < LINKS) {
            b.spec[i + 1].md = "SHA384";
            b.rules.algs |= UINT32_C(1) << TSEC_CERT_ECDSA_SHA384;
        }
        CU_ASSERT_TRUE(fails(&b, TSEC_CHAIN_ALG, i));
        b.rules.key_kinds |= UINT32_C(1) << TSEC_PUBKEY_P384;
        CU_ASSERT_TRUE(passes(&b));
        b.rules.key_kinds = 0; /* any */
        CU_ASSERT_TRUE(passes(&b));
    }
}

static void
a_chain_as_amd_signs_it(void)
{
    struct mint_cert_spec root = pki_ca("ARK", NULL);
    struct mint_cert_spec ask = pki_ca("SEV", "ARK");
    struct mint_cert_spec leaf = pki_leaf("SEV-VCEK", "SEV");
    AUTO_BENCH struct bench b = good();
    TSEC_AUTO(mint_key_free) struct mint_key *vcek = mint_key(TSEC_PUBKEY_P384);

    ask.md = leaf.md = "SHA384";
    ask.pss = leaf.pss = true;
    leaf.serial = 0;
    b.rules.algs = UINT32_C(1) << TSEC_CERT_PSS_SHA384;
    b.rules.key_kinds = UINT32_C(1) << TSEC_PUBKEY_RSA | UINT32_C(1) << TSEC_PUBKEY_P384;

    struct tsec_cert *certs[] = {
        pki_mint(&root, mint_rsa(2048, 0), mint_rsa(2048, 0)),
        pki_mint(&ask, mint_rsa(2048, 1), mint_rsa(2048, 0)),
        pki_mint(&leaf, vcek, mint_rsa(2048, 1)),
    };

    CU_ASSERT_FALSE(tsec_failed(verify_certs(&b, certs, 3)));
    for (size_t i = 0; i < 3; i++) {
        tsec_cert_free(certs[i]);
    }
}

static void
an_unknown_critical_extension_breaks_any_link(void)
{
    const struct mint_extension critical[] = { { "1.2.3.4", true, tsec_span_str("x") },
                                               { .oid = NULL } };
    const struct mint_extension harmless[] = { { "1.2.3.4", false, tsec_span_str("x") },
                                               { .oid = NULL } };

    for (size_t i = 0; i < LINKS; i++) {
        AUTO_BENCH struct bench b = good();

        b.spec[i].extensions = harmless;
        CU_ASSERT_TRUE(passes(&b));
        b.spec[i].extensions = critical;
        CU_ASSERT_TRUE(fails(&b, TSEC_CHAIN_BROKEN, i));
    }
}

static void
a_chain_has_a_beginning_and_an_end(void)
{
    const struct tsec_cert *chain[TSEC_CHAIN_MAX + 1] = { NULL };
    AUTO_BENCH struct bench b = good();
    struct tsec_cert *certs[LINKS] = { NULL };

    mint_all(&b, certs);
    CU_ASSERT_EQUAL(tsec_chain_verify(chain, 0, &b.rules, b.now, &b.result, NULL).code,
                    TSEC_E_DENIED);
    CU_ASSERT_EQUAL(b.result.fault, TSEC_CHAIN_BROKEN);
    for (size_t i = 0; i <= TSEC_CHAIN_MAX; i++) {
        chain[i] = certs[3];
    }
    CU_ASSERT_EQUAL(
        tsec_chain_verify(chain, TSEC_CHAIN_MAX + 1, &b.rules, b.now, &b.result, NULL).code,
        TSEC_E_DENIED);
    CU_ASSERT_FALSE(tsec_failed(tsec_chain_verify(chain, 1, &b.rules, b.now, &b.result, NULL)));
    free_all(certs);
}

static const struct test_case cases[] = {
    { "a good chain passes and tells its window", a_good_chain_passes_and_tells_its_window },
    { "valid to the second at both ends", valid_to_the_second_at_both_ends },
    { "who issues must be a CA", who_issues_must_be_a_ca },
    { "the leaf is a CA only where it may be", the_leaf_is_a_ca_only_where_it_may_be },
    { "path lengths count the CAs below", path_lengths_count_the_cas_below },
    { "a self-issued CA does not count", a_self_issued_ca_does_not_count },
    { "key usage must allow certificates", key_usage_must_allow_certificates },
    { "a leaf needs no key usage", a_leaf_needs_no_key_usage },
    { "names must meet", names_must_meet },
    { "the root may be issued by anybody", the_root_may_be_issued_by_anybody },
    { "the order is root first", the_order_is_root_first },
    { "each signature must hold", each_signature_must_hold },
    { "only the algorithms of the rules", only_the_algorithms_of_the_rules },
    { "only the curves of the rules", only_the_curves_of_the_rules },
    { "a chain as AMD signs it", a_chain_as_amd_signs_it },
    { "an unknown critical extension breaks any link",
      an_unknown_critical_extension_breaks_any_link },
    { "a chain has a beginning and an end", a_chain_has_a_beginning_and_an_end },
};

TEST_MAIN("crypto/x509_chain", cases)
