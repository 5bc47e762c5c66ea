/* SPDX-License-Identifier: Apache-2.0 */
#include "attest-nitro/nitro_chain.h"

#include "tests/plugins/nitro_trial.h"
#include "tests/test.h"

enum { ROOT = 0, REGION = 1, ZONE = 2, INSTANCE = 3, LEAF = MINT_NITRO_LEAF };

static bool
refused(struct nitro_trial *t, enum tsec_reason reason, const char *says)
{
    return nitro_trial_refused(t, reason, "chain") && nitro_trial_says(t, says);
}

/* ---- the root ---- */

static void
a_root_that_is_not_the_pinned_one_is_refused(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    t.spec.swapped_root = true; /* of the same name, at the head of the bundle */
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_CHAIN, "root"));
}

/* A whole chain of somebody else's making is no better. */
static void
a_chain_of_another_root_is_refused(void)
{
    static struct nitro_trial t;
    TSEC_AUTO_BUF struct tsec_buf document = TSEC_BUF_INIT(MINT_NITRO_MAX);

    nitro_trial_init(&t);
    mint_nitro(&t.spec, &document, NULL);
    memcpy(t.root, nitro_root_pinned, sizeof(t.root));
    CU_ASSERT_TRUE(nitro_trial_was_refused(&t, nitro_trial_verify(&t, tsec_buf_span(&document)),
                                           TSEC_REASON_CHAIN, "root"));
    CU_ASSERT_TRUE(nitro_trial_says(&t, "641a0321a3e2"));
}

static void
a_bundle_without_a_root_needs_it_beside(void)
{
    static struct nitro_trial t;
    TSEC_AUTO_BUF struct tsec_buf root = TSEC_BUF_INIT(MINT_NITRO_MAX);
    struct tsec_span items[2] = { { .ptr = NULL } };

    nitro_trial_init(&t);
    t.spec.no_root = true;
    mint_nitro_cert(&t.spec, ROOT, &root);
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_CHAIN, "root"));
    items[0] = tsec_span_str("something of another TEE");
    items[1] = tsec_buf_span(&root);
    t.expect.collateral = items;
    t.expect.collateral_len = 1;
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_CHAIN, "root"));
    t.expect.collateral_len = 2;
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
    t.expect.collateral_len = 0;
    t.kept_root = tsec_buf_span(&root);
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
    t.spec.no_root = false; /* then the bundle begins with a root that nobody knows */
    t.spec.swapped_root = true;
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_SIGNATURE, "chain"));
}

/* ---- what each certificate must be ---- */

static void
an_intermediate_that_is_no_ca_is_refused(void)
{
    static struct nitro_trial t;

    for (size_t i = ROOT; i < LEAF; i++) {
        nitro_trial_init(&t);
        t.spec.certs[i].ca = false;
        t.spec.certs[i].path_len = -1;
        CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_CHAIN, "chain"));
        t.spec.certs[i].basic_constraints = false;
        CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_CHAIN, "chain"));
    }
}

static void
a_path_length_that_does_not_suffice_is_refused(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    t.spec.certs[ZONE].path_len = 0;
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_CHAIN, "chain"));
    nitro_trial_init(&t);
    t.spec.certs[REGION].path_len = 1;
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_CHAIN, "chain"));
    nitro_trial_init(&t);
    t.spec.certs[ROOT].path_len = 3;
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
    t.spec.certs[ROOT].path_len = 2;
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_CHAIN, "chain"));
}

static void
a_ca_that_may_not_sign_certificates_is_refused(void)
{
    static struct nitro_trial t;

    for (size_t i = ROOT; i < LEAF; i++) {
        nitro_trial_init(&t);
        t.spec.certs[i].key_usage = MINT_KU_DIGITAL_SIGNATURE | MINT_KU_CRL_SIGN;
        CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_CHAIN, "chain"));
        t.spec.certs[i].key_usage = 0; /* no extension: it does not say so */
        CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_CHAIN, "chain"));
    }
}

static void
a_leaf_that_is_a_ca_is_refused(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    t.spec.certs[LEAF].ca = true;
    t.spec.certs[LEAF].key_usage = MINT_KU_CERT_SIGN | MINT_KU_DIGITAL_SIGNATURE;
    t.spec.certs[INSTANCE].path_len = 1;
    t.spec.certs[ZONE].path_len = 2;
    t.spec.certs[REGION].path_len = 3;
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_CHAIN, "chain"));
}

static void
another_curve_is_refused(void)
{
    static const enum tsec_pubkey_kind kinds[] = { TSEC_PUBKEY_P256, TSEC_PUBKEY_P521,
                                                   TSEC_PUBKEY_RSA };
    static struct nitro_trial t;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        nitro_trial_init(&t);
        t.spec.kinds[INSTANCE] = kinds[i];
        CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_ALGORITHM, "chain"));
    }
    nitro_trial_init(&t);
    t.spec.kinds[LEAF] = TSEC_PUBKEY_P256;
    t.spec.sigalg = TSEC_SIG_ES256;
    t.spec.signature_len = 96;
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_ALGORITHM, "chain"));
}

static void
another_hash_is_refused(void)
{
    static const char *const hashes[] = { "SHA256", "SHA512", "SHA1" };
    static struct nitro_trial t;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(hashes); i++) {
        nitro_trial_init(&t);
        t.spec.certs[LEAF].md = hashes[i];
        CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_ALGORITHM, "chain"));
    }
}

static void
a_broken_link_is_refused(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    t.spec.other_issuer = true;
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_SIGNATURE, "chain"));
    nitro_trial_init(&t);
    t.spec.certs[LEAF].issuer_cn = "somebody else";
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_CHAIN, "chain"));
}

static void
an_unknown_critical_extension_is_refused(void)
{
    static const struct mint_extension extensions[] = {
        { .oid = "1.3.6.1.4.1.99999.1", .critical = true, .value = { (const uint8_t *)"\x05", 2 } },
        { .oid = NULL },
    };
    static struct nitro_trial t;

    nitro_trial_init(&t);
    t.spec.certs[INSTANCE].extensions = extensions;
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_CHAIN, "chain"));
}

static void
what_is_no_certificate_is_refused(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    t.spec.edits[0] =
        (struct mint_nitro_edit){ .key = "certificate", .value = tsec_span("\x43\x30\x01\x00", 4) };
    CU_ASSERT_TRUE(refused(&t, TSEC_REASON_CHAIN, "certificate 5 of 5 cannot be read"));
}

/* ---- time ---- */

static void
a_chain_that_expired_a_second_ago_is_refused(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    t.now = t.spec.certs[LEAF].not_after + 1;
    CU_ASSERT_TRUE(refused(&t, TSEC_REASON_EXPIRED, "certificate 5 of 5"));
    CU_ASSERT_EQUAL(t.claims.not_after, t.now - 1);
    nitro_trial_init(&t);
    t.spec.certs[ZONE].not_after = MINT_NITRO_NOW - 1;
    CU_ASSERT_TRUE(refused(&t, TSEC_REASON_EXPIRED, "certificate 3 of 5"));
}

static void
a_chain_holds_in_its_last_second(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    t.now = t.spec.certs[LEAF].not_after;
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
    nitro_trial_init(&t);
    t.spec.certs[ZONE].not_after = MINT_NITRO_NOW;
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
}

static void
a_chain_that_is_not_valid_yet_is_refused(void)
{
    static struct nitro_trial t;

    nitro_trial_init(&t);
    t.now = t.spec.certs[LEAF].not_before;
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
    t.now--;
    CU_ASSERT_TRUE(refused(&t, TSEC_REASON_NOT_YET_VALID, "certificate 5 of 5"));
    nitro_trial_init(&t);
    t.spec.certs[REGION].not_before = MINT_NITRO_NOW + 1;
    CU_ASSERT_TRUE(refused(&t, TSEC_REASON_NOT_YET_VALID, "certificate 2 of 5"));
}

/* ---- what is remembered ---- */

static void
a_chain_is_remembered_and_its_time_is_not(void)
{
    static struct nitro_trial t;
    TSEC_AUTO(tsec_memo_free) struct tsec_memo *memo = NULL;

    nitro_trial_init(&t);
    CU_ASSERT_EQUAL_FATAL(nitro_memo_new(&memo, NULL).code, 0);
    t.chains = memo;
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
    CU_ASSERT_EQUAL(tsec_memo_len(memo), 1);
    t.spec.nonce = tsec_span_str("another document of the same enclave");
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
    CU_ASSERT_EQUAL(t.claims.not_after, t.spec.certs[LEAF].not_after);
    CU_ASSERT_EQUAL(tsec_memo_len(memo), 1);
    t.now = t.spec.certs[LEAF].not_after + 1;
    CU_ASSERT_TRUE(refused(&t, TSEC_REASON_EXPIRED, "certificate 5 of 5"));
    t.now = t.spec.certs[LEAF].not_before - 1;
    CU_ASSERT_TRUE(refused(&t, TSEC_REASON_NOT_YET_VALID, "certificate 5 of 5"));
    t.now = MINT_NITRO_NOW;
    CU_ASSERT_TRUE(nitro_trial_genuine(&t));
    CU_ASSERT_EQUAL(tsec_memo_len(memo), 1);
}

static void
a_chain_that_failed_is_not_remembered(void)
{
    static struct nitro_trial t;
    TSEC_AUTO(tsec_memo_free) struct tsec_memo *memo = NULL;

    nitro_trial_init(&t);
    CU_ASSERT_EQUAL_FATAL(nitro_memo_new(&memo, NULL).code, 0);
    t.chains = memo;
    t.spec.other_issuer = true;
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_SIGNATURE, "chain"));
    CU_ASSERT_TRUE(nitro_trial_refused(&t, TSEC_REASON_SIGNATURE, "chain"));
    CU_ASSERT_EQUAL(tsec_memo_len(memo), 0);
}

/* The account of a repeat is that of the first time. */
static void
what_is_remembered_changes_no_account(void)
{
    static struct nitro_trial t;
    static struct tsec_checks first;
    TSEC_AUTO(tsec_memo_free) struct tsec_memo *memo = NULL;
    TSEC_AUTO_BUF struct tsec_buf document = TSEC_BUF_INIT(MINT_NITRO_MAX);

    nitro_trial_init(&t);
    CU_ASSERT_EQUAL_FATAL(nitro_memo_new(&memo, NULL).code, 0);
    t.chains = memo;
    mint_nitro(&t.spec, &document, t.root);
    CU_ASSERT_EQUAL(nitro_trial_verify(&t, tsec_buf_span(&document)).code, 0);
    first = t.checks;
    CU_ASSERT_EQUAL(nitro_trial_verify(&t, tsec_buf_span(&document)).code, 0);
    CU_ASSERT_EQUAL(first.len, t.checks.len);
    CU_ASSERT_TRUE(
        tsec_span_equal(tsec_span(&first, sizeof(first)), tsec_span(&t.checks, sizeof(t.checks))));
}

static const struct test_case cases[] = {
    { "a root that is not the pinned one is refused",
      a_root_that_is_not_the_pinned_one_is_refused },
    { "a chain of another root is refused", a_chain_of_another_root_is_refused },
    { "a bundle without a root needs it beside", a_bundle_without_a_root_needs_it_beside },
    { "an intermediate that is no CA is refused", an_intermediate_that_is_no_ca_is_refused },
    { "a path length that does not suffice is refused",
      a_path_length_that_does_not_suffice_is_refused },
    { "a CA that may not sign certificates is refused",
      a_ca_that_may_not_sign_certificates_is_refused },
    { "a leaf that is a CA is refused", a_leaf_that_is_a_ca_is_refused },
    { "another curve is refused", another_curve_is_refused },
    { "another hash is refused", another_hash_is_refused },
    { "a broken link is refused", a_broken_link_is_refused },
    { "an unknown critical extension is refused", an_unknown_critical_extension_is_refused },
    { "what is no certificate is refused", what_is_no_certificate_is_refused },
    { "a chain that expired a second ago is refused",
      a_chain_that_expired_a_second_ago_is_refused },
    { "a chain holds in its last second", a_chain_holds_in_its_last_second },
    { "a chain that is not valid yet is refused", a_chain_that_is_not_valid_yet_is_refused },
    { "a chain is remembered and its time is not", a_chain_is_remembered_and_its_time_is_not },
    { "a chain that failed is not remembered", a_chain_that_failed_is_not_remembered },
    { "what is remembered changes no account", what_is_remembered_changes_no_account },
};

TEST_MAIN("attest-nitro/nitro_chain", cases)
