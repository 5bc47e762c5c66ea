/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/plugins/snp_rig.h"

#include <stdio.h>
#include <stdlib.h>

#include "crypto/crypto.h"
#include "tests/plugins/account.h"

enum { DER_MAX = 16 * 1024 };

static const char *const products[] = { "Milan", "Genoa", "Turin" };

static void
must(tsec_rc rc, const struct tsec_err *err)
{
    if (tsec_failed(rc)) {
        (void)fprintf(stderr, "rig: %s\n", err->detail);
        abort();
    }
}

/* Certificates of the same keys and names are made once: a second one would differ in its salt. */
static struct tsec_span
root_der(size_t product, enum mint_snp_ca which)
{
    static uint8_t ders[TSEC_ARRAY_LEN(products)][3][4096];
    static size_t lens[TSEC_ARRAY_LEN(products)][3];

    if (lens[product][which] == 0) {
        TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(sizeof(ders[0][0]));

        mint_snp_ca(products[product], which, NULL, &der);
        memcpy(ders[product][which], der.ptr, der.len);
        lens[product][which] = der.len;
    }
    return tsec_span(ders[product][which], lens[product][which]);
}

void
snp_rig_init(struct snp_rig *rig, const char *product, bool vlek, unsigned version)
{
    struct tsec_err err = { 0 };

    memset(rig, 0, sizeof(*rig));
    must(tsec_crypto_setup(&err), &err);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(products); i++) {
        rig->anchors.amd[i].product = products[i];
        tsec_sha256(root_der(i, MINT_SNP_ARK), rig->anchors.amd[i].ark);
        tsec_sha256(root_der(i, MINT_SNP_ASK), rig->anchors.amd[i].ask);
        tsec_sha256(root_der(i, MINT_SNP_ASVK), rig->anchors.amd[i].asvk);
    }
    must(collateral_new(&rig->set, &err), &err);
    must(snp_memo_new(&rig->cache.snp, &err), &err);
    rig->key = mint_key(TSEC_PUBKEY_P384);
    rig->now = MINT_SNP_NOW;
    rig->expect.struct_size = sizeof(rig->expect);
    rig->expect.checks = &rig->checks;
    mint_snp_vek_init(&rig->vek, product, vlek);
    mint_snp_report(version, &rig->vek, rig->report);
    snp_rig_sign(rig);
}

void
snp_rig_done(struct snp_rig *rig)
{
    collateral_free(rig->set);
    tsec_memo_free(rig->cache.snp);
    mint_key_free(rig->key);
}

void
snp_rig_add(struct snp_rig *rig, struct tsec_span item)
{
    struct tsec_err err = { 0 };

    must(collateral_add(rig->set, item, &err), &err);
}

void
snp_rig_add_roots(struct snp_rig *rig, const char *product)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(products); i++) {
        for (unsigned which = 0; which < 3 && strcmp(products[i], product) == 0; which++) {
            snp_rig_add(rig, root_der(i, (enum mint_snp_ca)which));
        }
    }
}

void
snp_rig_add_vek(struct snp_rig *rig, const struct mint_snp_vek *vek)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(DER_MAX);

    mint_snp_vek_cert(vek, rig->key, &der);
    snp_rig_add(rig, tsec_buf_span(&der));
}

void
snp_rig_endorse(struct snp_rig *rig)
{
    snp_rig_add_roots(rig, rig->vek.product);
    snp_rig_add_vek(rig, &rig->vek);
}

void
snp_rig_sign(struct snp_rig *rig)
{
    mint_snp_sign(rig->key, rig->report);
}

static struct verifier_input
input(struct snp_rig *rig, struct tsec_span evidence)
{
    memset(&rig->checks, 0, sizeof(rig->checks));
    memset(&rig->claims, 0, sizeof(rig->claims));
    rig->checks.struct_size = sizeof(rig->checks);
    return (struct verifier_input){
        .anchors = &rig->anchors,
        .cache = rig->cached ? &rig->cache : NULL,
        .collateral = rig->set,
        .evidence = evidence,
        .expect = &rig->expect,
        .now = rig->now,
        .claims = &rig->claims,
    };
}

tsec_rc
snp_rig_verify(struct snp_rig *rig, struct tsec_span evidence)
{
    const struct verifier_input in = input(rig, evidence);

    return snp_verify(&in, NULL);
}

tsec_rc
snp_rig_verify_az(struct snp_rig *rig, struct tsec_span evidence)
{
    const struct verifier_input in = input(rig, evidence);

    return az_vtpm_verify(&in, NULL);
}

tsec_rc
snp_rig_run(struct snp_rig *rig)
{
    return snp_rig_verify(rig, tsec_span(rig->report, sizeof(rig->report)));
}

bool
snp_rig_refused(const struct snp_rig *rig, tsec_rc rc, enum tsec_reason reason, const char *check)
{
    return account_refused(&rig->checks, rc, reason, check);
}

bool
snp_rig_genuine(const struct snp_rig *rig, tsec_rc rc)
{
    return account_genuine(&rig->checks, rc);
}

const char *
snp_rig_detail(const struct snp_rig *rig, const char *check)
{
    for (size_t i = 0; i < rig->checks.len; i++) {
        if (strcmp(rig->checks.items[i].name, check) == 0) {
            return rig->checks.items[i].detail;
        }
    }
    return "";
}
