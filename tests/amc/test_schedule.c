/* SPDX-License-Identifier: Apache-2.0 */
#include "amc/schedule.h"

#include "crypto/crypto.h"
#include "tests/amc/kat.h"
#include "tests/amc/peers.h"

#define SPAN(array) tsec_span((array), sizeof(array))

static struct vector48 {
    uint8_t bytes[AMC_HASH_LEN];
} hash_of(const char *hex)
{
    struct vector48 v;

    CU_ASSERT_TRUE_FATAL(tsec_hex_decode(tsec_span_str(hex), v.bytes, sizeof(v.bytes)));
    return v;
}

static void
counted(uint8_t out[AMC_NONCE_LEN], uint8_t first)
{
    for (uint8_t i = 0; i < AMC_NONCE_LEN; i++) {
        out[i] = (uint8_t)(first + i);
    }
}

static void
transcript_hashes_are_known(void)
{
    uint8_t th1[AMC_HASH_LEN];
    uint8_t th2[AMC_HASH_LEN];
    uint8_t th3[AMC_HASH_LEN];

    amc_th1(tsec_span_str(KAT_B1), tsec_span_str(KAT_B2), th1);
    amc_th2(th1, tsec_span_str(KAT_ER), th2);
    amc_th3(th2, tsec_span_str(KAT_EI), th3);
    CU_ASSERT_TRUE(equals_hex(SPAN(th1), KAT_TH1));
    CU_ASSERT_TRUE(equals_hex(SPAN(th2), KAT_TH2));
    CU_ASSERT_TRUE(equals_hex(SPAN(th3), KAT_TH3));
}

static void
the_secret_of_a_handshake_is_known(void)
{
    const struct vector48 ss = hash_of(KAT_SS);
    uint8_t psk[AMC_HASH_LEN];
    uint8_t nonce_i[AMC_NONCE_LEN];
    uint8_t nonce_r[AMC_NONCE_LEN];
    uint8_t prk[AMC_HASH_LEN];

    counted(nonce_i, 0);
    counted(nonce_r, 32);
    memset(psk, 0xa5, sizeof(psk));
    CU_ASSERT_FALSE(
        tsec_failed(amc_prk(nonce_i, nonce_r, SPAN(ss.bytes), tsec_span(NULL, 0), prk, NULL)));
    CU_ASSERT_TRUE(equals_hex(SPAN(prk), KAT_PRK));
    CU_ASSERT_FALSE(tsec_failed(amc_prk(nonce_i, nonce_r, SPAN(ss.bytes), SPAN(psk), prk, NULL)));
    CU_ASSERT_TRUE(equals_hex(SPAN(prk), KAT_PRK_PSK));
}

static void
what_is_expanded_from_it_is_known(void)
{
    const struct vector48 prk = hash_of(KAT_PRK);
    const struct vector48 th1 = hash_of(KAT_TH1);
    const struct vector48 th2 = hash_of(KAT_TH2);
    const struct vector48 th3 = hash_of(KAT_TH3);
    const struct {
        const char *label;
        const struct vector48 *th;
        size_t len;
        const char *expected;
    } rows[] = {
        { "binder r", &th1, 48, KAT_BINDER_R }, { "hs r", &th1, 32, KAT_HS_R },
        { "binder i", &th2, 48, KAT_BINDER_I }, { "hs i", &th2, 32, KAT_HS_I },
        { "master", &th3, 48, KAT_MASTER },
    };
    uint8_t out[AMC_HASH_LEN];

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        CU_ASSERT_FALSE(tsec_failed(
            amc_expand(prk.bytes, rows[i].label, SPAN(rows[i].th->bytes), out, rows[i].len, NULL)));
        CU_ASSERT_TRUE(equals_hex(tsec_span(out, rows[i].len), rows[i].expected));
    }
}

static void
bindings_are_known_and_differ_by_role(void)
{
    const struct vector48 th1 = hash_of(KAT_TH1);
    const struct vector48 th2 = hash_of(KAT_TH2);
    const struct vector48 binder_r = hash_of(KAT_BINDER_R);
    const struct vector48 binder_i = hash_of(KAT_BINDER_I);
    const struct vector48 exporter = hash_of(KAT_EXPORTER_1);
    TSEC_AUTO_BUF struct tsec_buf id = hex_bytes(KAT_SPKI_ID);
    TSEC_AUTO_BUF struct tsec_buf point_r = hex_bytes(KAT_POINT_R);
    TSEC_AUTO_BUF struct tsec_buf point_i = hex_bytes(KAT_POINT_I);
    uint8_t out[AMC_HASH_LEN];

    amc_binding(AMC_RESPONDER, th1.bytes, binder_r.bytes, point_r.ptr, tsec_buf_span(&id), out);
    CU_ASSERT_TRUE(equals_hex(SPAN(out), KAT_BIND_R));
    amc_binding(AMC_INITIATOR, th1.bytes, binder_r.bytes, point_r.ptr, tsec_buf_span(&id), out);
    CU_ASSERT_FALSE(equals_hex(SPAN(out), KAT_BIND_R));
    amc_binding(AMC_INITIATOR, th2.bytes, binder_i.bytes, point_i.ptr, tsec_span(NULL, 0), out);
    CU_ASSERT_TRUE(equals_hex(SPAN(out), KAT_BIND_I));
    amc_reattest_binding(AMC_RESPONDER, 1, exporter.bytes, out);
    CU_ASSERT_TRUE(equals_hex(SPAN(out), KAT_REBIND_R));
    amc_reattest_binding(AMC_INITIATOR, 1, exporter.bytes, out);
    CU_ASSERT_TRUE(equals_hex(SPAN(out), KAT_REBIND_I));
    amc_reattest_binding(AMC_INITIATOR, 2, exporter.bytes, out);
    CU_ASSERT_FALSE(equals_hex(SPAN(out), KAT_REBIND_I));
    amc_identity_binding(AMC_RESPONDER, tsec_buf_span(&id), 1700000000, out);
    CU_ASSERT_TRUE(equals_hex(SPAN(out), KAT_IDENTITY_R));
}

static void
keys_of_an_epoch_are_known(void)
{
    const struct vector48 master = hash_of(KAT_MASTER);
    struct amc_epoch_keys keys;

    CU_ASSERT_FALSE(tsec_failed(amc_epoch_keys(master.bytes, 0, &keys, NULL)));
    CU_ASSERT_TRUE(equals_hex(SPAN(keys.key_i2r), KAT_KEY_I2R));
    CU_ASSERT_TRUE(equals_hex(SPAN(keys.iv_i2r), KAT_IV_I2R));
    CU_ASSERT_TRUE(equals_hex(SPAN(keys.key_r2i), KAT_KEY_R2I));
    CU_ASSERT_TRUE(equals_hex(SPAN(keys.iv_r2i), KAT_IV_R2I));
    CU_ASSERT_TRUE(equals_hex(SPAN(keys.exporter), KAT_EXPORTER));
    CU_ASSERT_FALSE(tsec_failed(amc_epoch_keys(master.bytes, 1, &keys, NULL)));
    CU_ASSERT_FALSE(equals_hex(SPAN(keys.key_i2r), KAT_KEY_I2R));
}

static void
the_next_master_secret_is_known(void)
{
    const struct vector48 master = hash_of(KAT_MASTER);
    TSEC_AUTO_BUF struct tsec_buf ss = hex_bytes(KAT_SS2);
    uint8_t nonce_i[AMC_NONCE_LEN];
    uint8_t nonce_r[AMC_NONCE_LEN];
    uint8_t next[AMC_HASH_LEN];
    struct amc_epoch_keys keys;

    counted(nonce_i, 96);
    counted(nonce_r, 128);
    CU_ASSERT_FALSE(
        tsec_failed(amc_next_master(master.bytes, tsec_buf_span(&ss), nonce_i, nonce_r,
                                    tsec_span_str(KAT_R1), tsec_span_str(KAT_R2), next, NULL)));
    CU_ASSERT_TRUE(equals_hex(SPAN(next), KAT_MASTER_1));
    CU_ASSERT_FALSE(tsec_failed(amc_epoch_keys(next, 1, &keys, NULL)));
    CU_ASSERT_TRUE(equals_hex(SPAN(keys.exporter), KAT_EXPORTER_1));
}

static void
what_cannot_be_an_input_is_refused(void)
{
    static const uint8_t long_one[200];
    const struct vector48 prk = hash_of(KAT_PRK);
    uint8_t nonce[AMC_NONCE_LEN] = { 0 };
    uint8_t out[AMC_HASH_LEN];

    CU_ASSERT_EQUAL(amc_prk(nonce, nonce, SPAN(long_one), tsec_span(NULL, 0), out, NULL).code,
                    TSEC_E_INTERNAL);
    CU_ASSERT_EQUAL(amc_expand(prk.bytes, "x", SPAN(long_one), out, sizeof(out), NULL).code,
                    TSEC_E_INTERNAL);
    CU_ASSERT_EQUAL(amc_expand(prk.bytes, "x", tsec_span(NULL, 0), out, 0, NULL).code,
                    TSEC_E_INVALID);
}

static const struct test_case cases[] = {
    { "transcript hashes are known", transcript_hashes_are_known },
    { "the secret of a handshake is known", the_secret_of_a_handshake_is_known },
    { "what is expanded from it is known", what_is_expanded_from_it_is_known },
    { "bindings are known and differ by role", bindings_are_known_and_differ_by_role },
    { "keys of an epoch are known", keys_of_an_epoch_are_known },
    { "the next master secret is known", the_next_master_secret_is_known },
    { "what cannot be an input is refused", what_cannot_be_an_input_is_refused },
};

TEST_MAIN("amc/schedule", cases)
