/* SPDX-License-Identifier: Apache-2.0 */
#include "amc/proof.h"

#include "crypto/crypto.h"
#include "tests/amc/kat.h"
#include "tests/amc/peers.h"

#define OK(expr) CU_ASSERT_FALSE_FATAL(tsec_failed(expr))

static void
evidence_is_sealed_as_it_is_known(void)
{
    TSEC_AUTO_BUF struct tsec_buf prk = hex_bytes(KAT_PRK);
    TSEC_AUTO_BUF struct tsec_buf th1 = hex_bytes(KAT_TH1);
    TSEC_AUTO_BUF struct tsec_buf th2 = hex_bytes(KAT_TH2);
    TSEC_AUTO_BUF struct tsec_buf r = TSEC_BUF_INIT(256);
    TSEC_AUTO_BUF struct tsec_buf i = TSEC_BUF_INIT(256);
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(256);

    OK(amc_proof_seal(prk.ptr, AMC_RESPONDER, th1.ptr, tsec_span_str(KAT_ER), &r, NULL));
    OK(amc_proof_seal(prk.ptr, AMC_INITIATOR, th2.ptr, tsec_span_str(KAT_EI), &i, NULL));
    CU_ASSERT_TRUE(equals_hex(tsec_buf_span(&r), KAT_ENC_R));
    CU_ASSERT_TRUE(equals_hex(tsec_buf_span(&i), KAT_ENC_I));
    OK(amc_proof_open(prk.ptr, AMC_RESPONDER, th1.ptr, tsec_buf_span(&r), &out, NULL));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&out), KAT_ER));
}

static void
evidence_of_another_role_or_transcript_does_not_open(void)
{
    TSEC_AUTO_BUF struct tsec_buf prk = hex_bytes(KAT_PRK);
    TSEC_AUTO_BUF struct tsec_buf th1 = hex_bytes(KAT_TH1);
    TSEC_AUTO_BUF struct tsec_buf th2 = hex_bytes(KAT_TH2);
    TSEC_AUTO_BUF struct tsec_buf sealed = hex_bytes(KAT_ENC_R);
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(256);

    CU_ASSERT_EQUAL(
        amc_proof_open(prk.ptr, AMC_INITIATOR, th1.ptr, tsec_buf_span(&sealed), &out, NULL).code,
        TSEC_E_DENIED);
    CU_ASSERT_EQUAL(
        amc_proof_open(prk.ptr, AMC_RESPONDER, th2.ptr, tsec_buf_span(&sealed), &out, NULL).code,
        TSEC_E_DENIED);
    CU_ASSERT_EQUAL(
        amc_proof_open(prk.ptr, AMC_RESPONDER, th1.ptr, tsec_span(sealed.ptr, 16), &out, NULL).code,
        TSEC_E_DENIED);
    CU_ASSERT_EQUAL(out.len, 0);
}

static void
macs_are_known(void)
{
    TSEC_AUTO_BUF struct tsec_buf prk = hex_bytes(KAT_PRK);
    TSEC_AUTO_BUF struct tsec_buf th3 = hex_bytes(KAT_TH3);
    uint8_t fin_i[AMC_HASH_LEN];
    uint8_t fin_r[AMC_HASH_LEN];

    OK(amc_proof_fin_i(prk.ptr, th3.ptr, fin_i, NULL));
    CU_ASSERT_TRUE(equals_hex(tsec_span(fin_i, sizeof(fin_i)), KAT_FIN_I));
    OK(amc_proof_fin_r(prk.ptr, th3.ptr, fin_i, tsec_span_str(KAT_S), fin_r, NULL));
    CU_ASSERT_TRUE(equals_hex(tsec_span(fin_r, sizeof(fin_r)), KAT_FIN_R));
}

static void
a_signature_is_of_one_role_key_and_transcript(void)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;
    TSEC_AUTO(tsec_key_free) struct tsec_key *p256 = NULL;
    TSEC_AUTO_BUF struct tsec_buf th2 = hex_bytes(KAT_TH2);
    TSEC_AUTO_BUF struct tsec_buf th3 = hex_bytes(KAT_TH3);
    TSEC_AUTO_BUF struct tsec_buf other = hex_bytes(KAT_SPKI_ID);
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(256);
    TSEC_AUTO_BUF struct tsec_buf spki256 = TSEC_BUF_INIT(256);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(256);
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(256);

    OK(tsec_crypto_setup(NULL));
    OK(tsec_key_generate(TSEC_KEY_P384, &key, NULL));
    OK(tsec_key_spki(key, &spki, NULL));
    OK(tsec_key_generate(TSEC_KEY_P256, &p256, NULL));
    OK(tsec_key_spki(p256, &spki256, NULL));
    amc_proof_text(AMC_RESPONDER, th2.ptr, &text);
    OK(tsec_sign(key, TSEC_SHA384, tsec_buf_span(&text), &sig, NULL));

    const struct {
        enum amc_role role;
        const uint8_t *th;
        struct tsec_span id;
        size_t len;
        bool holds;
    } rows[] = {
        { AMC_RESPONDER, th2.ptr, tsec_buf_span(&spki), AMC_SIG_LEN, true },
        { AMC_INITIATOR, th2.ptr, tsec_buf_span(&spki), AMC_SIG_LEN, false },
        { AMC_RESPONDER, th3.ptr, tsec_buf_span(&spki), AMC_SIG_LEN, false },
        { AMC_RESPONDER, th2.ptr, tsec_buf_span(&other), AMC_SIG_LEN, false },
        { AMC_RESPONDER, th2.ptr, tsec_buf_span(&spki256), AMC_SIG_LEN, false },
        { AMC_RESPONDER, th2.ptr, tsec_buf_span(&spki), AMC_SIG_LEN - 1, false },
    };

    for (size_t n = 0; n < TSEC_ARRAY_LEN(rows); n++) {
        CU_ASSERT_EQUAL(tsec_failed(amc_proof_verify(rows[n].role, rows[n].th, rows[n].id,
                                                     tsec_span(sig.ptr, rows[n].len), NULL)),
                        !rows[n].holds);
    }
}

static const struct test_case cases[] = {
    { "evidence is sealed as it is known", evidence_is_sealed_as_it_is_known },
    { "evidence of another role or transcript does not open",
      evidence_of_another_role_or_transcript_does_not_open },
    { "MACs are known", macs_are_known },
    { "a signature is of one role, key and transcript",
      a_signature_is_of_one_role_key_and_transcript },
};

TEST_MAIN("amc/proof", cases)
