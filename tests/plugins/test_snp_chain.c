/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/plugins/snp_rig.h"

enum { DAY = 86400 };

static void
amds_chain_is_followed_to_the_pinned_roots(void)
{
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Milan", false, 3);
    snp_rig_endorse(&rig);
    SNP_GENUINE(&rig);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(snp_rig_detail(&rig, "chain"), "SEV-VCEK by SEV-Milan by ARK-Milan"));
    CU_ASSERT_EQUAL(rig.claims.not_before, rig.vek.not_before);
    CU_ASSERT_EQUAL(rig.claims.not_after, rig.vek.not_after);
    CU_ASSERT_FALSE(rig.claims.revocation_checked);
}

static void
a_missing_ask_or_ark_is_asked_for(void)
{
    for (unsigned which = 0; which < 2; which++) {
        SNP_AUTO_RIG struct snp_rig rig;
        TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(16384);

        snp_rig_init(&rig, "Milan", false, 3);
        snp_rig_add_vek(&rig, &rig.vek);
        SNP_REFUSED(&rig, NO_ENDORSEMENT, "chain");
        /* another one of the same name and key is not the one that is pinned */
        mint_snp_ca("Milan", MINT_SNP_ARK, NULL, &der);
        snp_rig_add(&rig, tsec_buf_span(&der));
        tsec_buf_reset(&der);
        mint_snp_ca("Milan", MINT_SNP_ASK, NULL, &der);
        snp_rig_add(&rig, tsec_buf_span(&der));
        SNP_REFUSED(&rig, NO_ENDORSEMENT, "chain");
        CU_ASSERT_PTR_NOT_NULL(
            strstr(snp_rig_detail(&rig, "chain"), "kdsintf.amd.com/vcek/v1/Milan/cert_chain"));
        snp_rig_add_roots(&rig, "Milan");
        SNP_GENUINE(&rig);
    }
}

/* Valid at t means not_before <= t <= not_after. */
static void
the_window_has_both_its_ends(void)
{
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Milan", false, 3);
    snp_rig_endorse(&rig);
    for (unsigned round = 0; round < 2; round++) {
        rig.cached = round == 1; /* what is remembered changes no verdict */
        rig.now = rig.vek.not_after;
        SNP_GENUINE(&rig);
        rig.now = rig.vek.not_after + 1;
        SNP_REFUSED(&rig, EXPIRED, "chain");
        rig.now = rig.vek.not_before;
        SNP_GENUINE(&rig);
        rig.now = rig.vek.not_before - 1;
        SNP_REFUSED(&rig, NOT_YET_VALID, "chain");
    }
    CU_ASSERT_EQUAL(tsec_memo_len(rig.cache.snp), 1);
}

static void
a_vek_that_the_ask_did_not_sign_is_refused(void)
{
    SNP_AUTO_RIG struct snp_rig rig;
    struct mint_snp_vek vek;

    snp_rig_init(&rig, "Milan", false, 3);
    snp_rig_add_roots(&rig, "Milan");
    vek = rig.vek;
    vek.signer = mint_snp_ca_key(MINT_SNP_ASVK);
    snp_rig_add_vek(&rig, &vek);
    SNP_REFUSED(&rig, CHAIN, "chain");
    rig.cached = true; /* a failure is not remembered as anything */
    SNP_REFUSED(&rig, CHAIN, "chain");
    CU_ASSERT_EQUAL(tsec_memo_len(rig.cache.snp), 0);
}

static void
other_algorithms_are_refused(void)
{
    for (unsigned i = 0; i < 2; i++) {
        SNP_AUTO_RIG struct snp_rig rig;
        struct mint_snp_vek vek;

        snp_rig_init(&rig, "Milan", false, 3);
        snp_rig_add_roots(&rig, "Milan");
        vek = rig.vek;
        vek.sha256 = i == 0;
        vek.pkcs1 = i == 1;
        snp_rig_add_vek(&rig, &vek);
        SNP_REFUSED(&rig, ALGORITHM, "chain");
    }
}

static void
a_key_on_another_curve_is_refused(void)
{
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Milan", false, 3);
    mint_key_free(rig.key);
    rig.key = mint_key(TSEC_PUBKEY_P256);
    snp_rig_endorse(&rig);
    SNP_REFUSED(&rig, ALGORITHM, "chain");
}

/* As if the pinned certificate were such a one: the rules stand beside the pins. */
static void
an_ask_that_is_no_ca_is_refused(void)
{
    static const struct {
        struct mint_snp_ca_wrong wrong;
        enum tsec_reason reason;
    } cases[] = {
        { { .not_ca = true }, TSEC_REASON_CHAIN },
        { { .no_key_usage = true }, TSEC_REASON_CHAIN },
        { { .sha256 = true }, TSEC_REASON_ALGORITHM },
        { { .pkcs1 = true }, TSEC_REASON_ALGORITHM },
        { { .not_after = MINT_SNP_NOW - 1 }, TSEC_REASON_EXPIRED },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(cases); i++) {
        SNP_AUTO_RIG struct snp_rig rig;
        TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(16384);

        snp_rig_init(&rig, "Milan", false, 3);
        snp_rig_endorse(&rig);
        mint_snp_ca("Milan", MINT_SNP_ASK, &cases[i].wrong, &der);
        tsec_sha256(tsec_buf_span(&der), rig.anchors.amd[0].ask);
        snp_rig_add(&rig, tsec_buf_span(&der));
        CU_ASSERT_TRUE(snp_rig_refused(&rig, snp_rig_run(&rig), cases[i].reason, "chain"));
    }
}

static void
add_crl(struct snp_rig *rig, const char *product, bool revoked, int64_t from, int64_t to)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(16384);

    mint_snp_crl(product, revoked, from, to, &der);
    snp_rig_add(rig, tsec_buf_span(&der));
}

static void
a_current_list_is_asked_and_narrows_the_window(void)
{
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Milan", false, 3);
    snp_rig_endorse(&rig);
    rig.expect.require_revocation = true;
    SNP_REFUSED(&rig, COLLATERAL, "revocation");
    add_crl(&rig, "Genoa", false, rig.now - DAY, rig.now + DAY);
    SNP_REFUSED(&rig, COLLATERAL, "revocation");
    add_crl(&rig, "Milan", false, rig.now - 2 * DAY, rig.now - DAY);
    SNP_REFUSED(&rig, COLLATERAL, "revocation");
    add_crl(&rig, "Milan", false, rig.now + DAY, rig.now + 2 * DAY);
    SNP_REFUSED(&rig, COLLATERAL, "revocation");
    add_crl(&rig, "Milan", false, rig.now, rig.now + DAY);
    rig.cached = true;
    for (unsigned i = 0; i < 2; i++) {
        SNP_GENUINE(&rig);
        CU_ASSERT_TRUE(rig.claims.revocation_checked);
        CU_ASSERT_EQUAL(rig.claims.not_before, rig.now);
        CU_ASSERT_EQUAL(rig.claims.not_after, rig.now + DAY);
    }
    rig.now += 2 * DAY + 1;
    SNP_REFUSED(&rig, COLLATERAL, "revocation");
}

/* Also by a list that is no longer current: what was revoked stays so. */
static void
a_revoked_ask_is_refused(void)
{
    for (unsigned vlek = 0; vlek < 2; vlek++) {
        SNP_AUTO_RIG struct snp_rig rig;

        snp_rig_init(&rig, "Milan", vlek == 1, 3);
        snp_rig_endorse(&rig);
        add_crl(&rig, "Genoa", true, rig.now - DAY, rig.now + DAY);
        SNP_GENUINE(&rig);
        rig.cached = vlek == 1;
        add_crl(&rig, "Milan", true, rig.now - 2 * DAY, rig.now - DAY);
        SNP_REFUSED(&rig, REVOKED, "revocation");
        SNP_REFUSED(&rig, REVOKED, "revocation");
    }
}

/* Anybody can write a list that names the ARK as its issuer. */
static void
a_list_that_the_ark_did_not_sign_counts_for_nothing(void)
{
    SNP_AUTO_RIG struct snp_rig rig;
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(16384);
    const uint64_t serials[] = { 0x1001, 0x1002, 0x1003 };
    const struct mint_crl_spec spec = {
        .issuer_cn = "ARK-Milan",
        .this_update = MINT_SNP_NOW - 1,
        .next_update = MINT_SNP_NOW + 1,
        .revoked = serials,
        .revoked_len = TSEC_ARRAY_LEN(serials),
        .md = "SHA384",
        .pss = true,
    };

    snp_rig_init(&rig, "Milan", false, 3);
    snp_rig_endorse(&rig);
    mint_crl(&spec, mint_snp_ca_key(MINT_SNP_ASK), &der);
    snp_rig_add(&rig, tsec_buf_span(&der));
    SNP_GENUINE(&rig);
    CU_ASSERT_FALSE(rig.claims.revocation_checked);
}

static const struct test_case cases[] = {
    { "AMD's chain is followed to the pinned roots", amds_chain_is_followed_to_the_pinned_roots },
    { "a missing ASK or ARK is asked for", a_missing_ask_or_ark_is_asked_for },
    { "the window has both its ends", the_window_has_both_its_ends },
    { "a VEK that the ASK did not sign is refused", a_vek_that_the_ask_did_not_sign_is_refused },
    { "other algorithms are refused", other_algorithms_are_refused },
    { "a key on another curve is refused", a_key_on_another_curve_is_refused },
    { "an ASK that is no CA is refused", an_ask_that_is_no_ca_is_refused },
    { "a current list is asked, and narrows the window",
      a_current_list_is_asked_and_narrows_the_window },
    { "a revoked ASK is refused", a_revoked_ask_is_refused },
    { "a list that the ARK did not sign counts for nothing",
      a_list_that_the_ark_did_not_sign_counts_for_nothing },
};

TEST_MAIN("snp_chain", cases)
