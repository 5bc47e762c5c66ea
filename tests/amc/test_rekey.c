/* SPDX-License-Identifier: Apache-2.0 */
#include "amc/session_internal.h"
#include "crypto/crypto.h"
#include "tests/amc/kat.h"
#include "tests/amc/peers.h"

enum { NS = 1000000000 };

#define OK(expr) CU_ASSERT_FALSE_FATAL(tsec_failed(expr))

struct ends {
    struct amc_session *i;
    struct amc_session *r;
    struct amc_rekey *at_i;
    struct amc_rekey *at_r;
    struct tsec_buf r1;
    struct tsec_buf r2;
    struct tsec_buf sealed;
    struct tsec_buf plain;
    struct tsec_err err;
};

static void
ends_init(struct ends *e)
{
    uint8_t cid[AMC_CID_LEN];
    TSEC_AUTO_BUF struct tsec_buf master = hex_bytes(KAT_MASTER);

    for (uint8_t n = 0; n < AMC_CID_LEN; n++) {
        cid[n] = (uint8_t)(64 + n);
    }
    memset(e, 0, sizeof(*e));
    tsec_buf_init(&e->r1, AMC_HELLO_MAX);
    tsec_buf_init(&e->r2, AMC_HELLO_MAX);
    tsec_buf_init(&e->sealed, AMC_HELLO_MAX);
    tsec_buf_init(&e->plain, AMC_HELLO_MAX);
    OK(amc_session_new(AMC_INITIATOR, cid, master.ptr, &e->i, NULL));
    OK(amc_session_new(AMC_RESPONDER, cid, master.ptr, &e->r, NULL));
}

static void
ends_done(struct ends *e)
{
    amc_rekey_free(e->at_i);
    amc_rekey_free(e->at_r);
    amc_session_free(e->i);
    amc_session_free(e->r);
    tsec_buf_done(&e->r1);
    tsec_buf_done(&e->r2);
    tsec_buf_done(&e->sealed);
    tsec_buf_done(&e->plain);
}
#define ENDS __attribute__((cleanup(ends_done))) struct ends

static void
exchange(struct ends *e)
{
    amc_rekey_free(e->at_i);
    amc_rekey_free(e->at_r);
    e->at_i = NULL;
    e->at_r = NULL;
    tsec_buf_reset(&e->r1);
    tsec_buf_reset(&e->r2);
    OK(amc_rekey_begin(e->i, &e->at_i, &e->r1, NULL));
    OK(amc_rekey_answer(e->r, tsec_buf_span(&e->r1), &e->at_r, &e->r2, NULL));
    OK(amc_rekey_read(e->at_i, tsec_buf_span(&e->r2), NULL));
}

static struct amc_envelope
get(void)
{
    return (struct amc_envelope){ .method = "GET", .path = "/v1/secret/data/a" };
}

static tsec_rc
seal(struct ends *e, struct amc_envelope *env)
{
    tsec_buf_reset(&e->sealed);
    return amc_seal_request(e->i, env, tsec_span_str("{}"), &e->sealed, &e->err);
}

static tsec_rc
open_at(struct ends *e, const struct amc_envelope *env, int64_t now)
{
    tsec_buf_reset(&e->plain);
    return amc_open_request(e->r, env, tsec_buf_span(&e->sealed), now, &e->plain, &e->err);
}

static struct tsec_key *
key_of(const char *scalar)
{
    TSEC_AUTO_BUF struct tsec_buf raw = hex_bytes(scalar);
    struct tsec_key *key = NULL;

    OK(tsec_key_from_private(TSEC_KEY_P384, tsec_buf_span(&raw), &key, NULL));
    return key;
}

static void
a_rekey_is_known(void)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *eph_i = key_of(KAT_SCALAR_I2);
    TSEC_AUTO(tsec_key_free) struct tsec_key *eph_r = key_of(KAT_SCALAR_R2);
    uint8_t nonces[2 * AMC_NONCE_LEN];
    uint8_t out[AMC_HASH_LEN];
    struct amc_envelope env = get();
    uint32_t number = 0;
    ENDS e;

    for (uint8_t n = 0; n < sizeof(nonces); n++) {
        nonces[n] = (uint8_t)(96 + n);
    }

    const struct amc_rekey_fixed i = { .eph = eph_i, .nonce = nonces };
    const struct amc_rekey_fixed r = { .eph = eph_r, .nonce = nonces + AMC_NONCE_LEN };

    ends_init(&e);
    OK(amc_rekey_begin_with(e.i, &i, &e.at_i, &e.r1, NULL));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&e.r1), KAT_R1));
    OK(amc_rekey_answer_with(e.r, &r, tsec_buf_span(&e.r1), &e.at_r, &e.r2, NULL));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&e.r2), KAT_R2));
    OK(amc_rekey_read(e.at_i, tsec_buf_span(&e.r2), NULL));
    for (int at_r = 0; at_r < 2; at_r++) {
        const struct amc_rekey *at = at_r ? e.at_r : e.at_i;

        amc_rekey_binding(at, AMC_RESPONDER, out);
        CU_ASSERT_TRUE(equals_hex(tsec_span(out, sizeof(out)), KAT_REBIND_R));
        amc_rekey_binding(at, AMC_INITIATOR, out);
        CU_ASSERT_TRUE(equals_hex(tsec_span(out, sizeof(out)), KAT_REBIND_I));
    }
    OK(amc_rekey_commit(e.i, e.at_i, 0, NULL));
    OK(amc_rekey_commit(e.r, e.at_r, 0, NULL));
    amc_session_master(e.i, out, &number);
    CU_ASSERT_TRUE(equals_hex(tsec_span(out, sizeof(out)), KAT_MASTER_1) && number == 1);
    OK(seal(&e, &env));
    CU_ASSERT_TRUE(env.epoch == 1 && env.seq == 1);
    CU_ASSERT_TRUE(equals_hex(tsec_buf_span(&e.sealed), KAT_CT_1));
    OK(open_at(&e, &env, 1));
}

static void
both_ends_name_the_same_nonces_and_keys(void)
{
    ENDS e;

    ends_init(&e);
    exchange(&e);
    for (int role = AMC_INITIATOR; role <= AMC_RESPONDER; role++) {
        CU_ASSERT_TRUE(tsec_span_equal(amc_rekey_nonce(e.at_i, (enum amc_role)role),
                                       amc_rekey_nonce(e.at_r, (enum amc_role)role)));
        CU_ASSERT_TRUE(tsec_span_equal(amc_rekey_spki(e.at_i, (enum amc_role)role),
                                       amc_rekey_spki(e.at_r, (enum amc_role)role)));
    }
    CU_ASSERT_FALSE(tsec_span_equal(amc_rekey_nonce(e.at_i, AMC_INITIATOR),
                                    amc_rekey_nonce(e.at_i, AMC_RESPONDER)));
}

static void
the_epoch_before_receives_for_thirty_seconds(void)
{
    struct amc_envelope early = get();
    struct amc_envelope late = get();
    TSEC_AUTO_BUF struct tsec_buf kept = TSEC_BUF_INIT(64);
    ENDS e;

    ends_init(&e);
    OK(amc_seal_request(e.i, &late, tsec_span_str("late"), &kept, NULL));
    OK(seal(&e, &early));
    exchange(&e);
    OK(amc_rekey_commit(e.r, e.at_r, 100, NULL));
    CU_ASSERT_EQUAL(amc_session_epoch(e.r), 1);
    OK(open_at(&e, &early, 100 + (int64_t)AMC_OLD_EPOCH_S * NS - 1));
    tsec_buf_reset(&e.sealed);
    OK(amc_seal_reply(e.r, &early, tsec_span_str("[]"), &e.sealed, NULL));
    tsec_buf_reset(&e.plain);
    OK(amc_open_reply(e.i, &early, tsec_buf_span(&e.sealed), &e.plain, NULL));
    tsec_buf_reset(&e.plain);
    CU_ASSERT_EQUAL(amc_open_request(e.r, &late, tsec_buf_span(&kept),
                                     100 + (int64_t)AMC_OLD_EPOCH_S * NS, &e.plain, &e.err)
                        .code,
                    TSEC_E_DENIED);
    CU_ASSERT_STRING_EQUAL(e.err.detail, "epoch");
    CU_ASSERT_PTR_NULL(e.r->previous); /* its keys are gone */
}

static void
a_reply_to_the_epoch_before_still_opens(void)
{
    struct amc_envelope env = get();
    ENDS e;

    ends_init(&e);
    OK(seal(&e, &env));
    OK(open_at(&e, &env, 0));
    exchange(&e);
    OK(amc_rekey_commit(e.r, e.at_r, 0, NULL));
    OK(amc_rekey_commit(e.i, e.at_i, 0, NULL));
    tsec_buf_reset(&e.sealed);
    tsec_buf_reset(&e.plain);
    OK(amc_seal_reply(e.r, &env, tsec_span_str("[]"), &e.sealed, NULL));
    OK(amc_open_reply(e.i, &env, tsec_buf_span(&e.sealed), &e.plain, NULL));
}

static void
an_epoch_does_not_open_what_is_of_another(void)
{
    struct amc_envelope env = get();
    ENDS e;

    ends_init(&e);
    OK(seal(&e, &env));
    exchange(&e);
    OK(amc_rekey_commit(e.r, e.at_r, 0, NULL));
    env.epoch = 1;
    CU_ASSERT_EQUAL(open_at(&e, &env, 1).code, TSEC_E_DENIED);
    CU_ASSERT_STRING_EQUAL(e.err.detail, "message");
    env.epoch = 2;
    CU_ASSERT_EQUAL(open_at(&e, &env, 1).code, TSEC_E_DENIED);
    CU_ASSERT_STRING_EQUAL(e.err.detail, "epoch");
    env.epoch = 0;
    OK(open_at(&e, &env, 1));
}

static void
two_epochs_back_is_over_at_once(void)
{
    struct amc_envelope env = get();
    ENDS e;

    ends_init(&e);
    OK(seal(&e, &env));
    for (int n = 0; n < 2; n++) {
        exchange(&e);
        OK(amc_rekey_commit(e.r, e.at_r, 0, NULL));
        OK(amc_rekey_commit(e.i, e.at_i, 0, NULL));
    }
    CU_ASSERT_EQUAL(open_at(&e, &env, 1).code, TSEC_E_DENIED);
    CU_ASSERT_STRING_EQUAL(e.err.detail, "epoch");
}

static void
of_two_rekeys_at_once_the_first_counts(void)
{
    TSEC_AUTO(amc_rekey_free) struct amc_rekey *second = NULL;
    TSEC_AUTO_BUF struct tsec_buf r2 = TSEC_BUF_INIT(AMC_HELLO_MAX);
    struct amc_envelope env = get();
    ENDS e;

    ends_init(&e);
    exchange(&e);
    OK(amc_rekey_answer(e.r, tsec_buf_span(&e.r1), &second, &r2, NULL));
    OK(amc_rekey_commit(e.r, e.at_r, 0, NULL));
    CU_ASSERT_EQUAL(amc_rekey_commit(e.r, second, 0, NULL).code, TSEC_E_CONFLICT);
    CU_ASSERT_EQUAL(amc_rekey_commit(e.r, e.at_r, 0, NULL).code, TSEC_E_CONFLICT);
    CU_ASSERT_EQUAL(amc_session_epoch(e.r), 1);
    OK(amc_rekey_commit(e.i, e.at_i, 0, NULL));
    OK(seal(&e, &env));
    OK(open_at(&e, &env, 1));
}

static void
shares_that_come_back_are_refused(void)
{
    TSEC_AUTO(amc_rekey_free) struct amc_rekey *r = NULL;
    TSEC_AUTO_BUF struct tsec_buf mixed = TSEC_BUF_INIT(AMC_HELLO_MAX);
    struct amc_share own;
    struct amc_share other;
    ENDS e;

    ends_init(&e);
    OK(amc_rekey_begin(e.i, &e.at_i, &e.r1, NULL));
    CU_ASSERT_EQUAL(amc_rekey_read(e.at_i, tsec_buf_span(&e.r1), NULL).code, TSEC_E_DENIED);
    CU_ASSERT_EQUAL(amc_rekey_read(e.at_i, tsec_buf_span(&e.r1), NULL).code, TSEC_E_INTERNAL);
    OK(amc_share_parse(tsec_buf_span(&e.r1), &own, NULL));
    OK(amc_share_parse(tsec_span_str(KAT_R2), &other, NULL));
    memcpy(other.nonce, own.nonce, AMC_NONCE_LEN);
    amc_share_write(&other, &mixed);
    amc_rekey_free(e.at_i);
    e.at_i = NULL;

    const struct amc_rekey_fixed fixed = { .nonce = own.nonce };

    tsec_buf_reset(&e.r1);
    OK(amc_rekey_begin_with(e.i, &fixed, &e.at_i, &e.r1, NULL));
    CU_ASSERT_EQUAL(amc_rekey_read(e.at_i, tsec_buf_span(&mixed), NULL).code, TSEC_E_DENIED);
    CU_ASSERT_EQUAL(amc_rekey_answer_with(e.r, &fixed, tsec_buf_span(&e.r1), &r, &e.r2, NULL).code,
                    TSEC_E_DENIED);
    CU_ASSERT_PTR_NULL(r);
}

/* An altered share is refused, or the two ends come to different keys. */
static void
every_altered_byte_of_a_share_leads_nowhere(void)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *eph = key_of(KAT_SCALAR_I2);
    const uint8_t nonce[AMC_NONCE_LEN] = { 1 };
    const struct amc_rekey_fixed fixed = { .eph = eph, .nonce = nonce };
    TSEC_AUTO_BUF struct tsec_buf altered = TSEC_BUF_INIT(AMC_HELLO_MAX);
    ENDS e;

    ends_init(&e);
    OK(amc_rekey_begin_with(e.i, &fixed, &e.at_i, &altered, NULL));
    for (size_t n = 0; n < altered.len; n++) {
        TSEC_AUTO(amc_rekey_free) struct amc_rekey *r = NULL;
        TSEC_AUTO_BUF struct tsec_buf r2 = TSEC_BUF_INIT(AMC_HELLO_MAX);
        uint8_t at_r[AMC_HASH_LEN];
        uint8_t at_i[AMC_HASH_LEN];

        altered.ptr[n] ^= 0x01;

        const tsec_rc rc = amc_rekey_answer(e.r, tsec_buf_span(&altered), &r, &r2, NULL);

        altered.ptr[n] ^= 0x01;
        if (tsec_failed(rc)) {
            CU_ASSERT_TRUE(rc.code == TSEC_E_INVALID || rc.code == TSEC_E_DENIED);
            continue;
        }
        amc_rekey_free(e.at_i);
        e.at_i = NULL;
        tsec_buf_reset(&e.r1);
        OK(amc_rekey_begin_with(e.i, &fixed, &e.at_i, &e.r1, NULL));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&e.r1), tsec_buf_span(&altered)));
        OK(amc_rekey_read(e.at_i, tsec_buf_span(&r2), NULL));
        amc_rekey_binding(r, AMC_RESPONDER, at_r);
        amc_rekey_binding(e.at_i, AMC_RESPONDER, at_i);
        CU_ASSERT_FALSE(
            tsec_ct_equal(tsec_span(at_r, sizeof(at_r)), tsec_span(at_i, sizeof(at_i))));
    }
}

static void
a_rekey_has_its_order(void)
{
    TSEC_AUTO(amc_rekey_free) struct amc_rekey *none = NULL;
    ENDS e;

    ends_init(&e);
    CU_ASSERT_EQUAL(amc_rekey_begin(e.r, &none, &e.r1, NULL).code, TSEC_E_INTERNAL);
    OK(amc_rekey_begin(e.i, &e.at_i, &e.r1, NULL));
    CU_ASSERT_EQUAL(amc_rekey_answer(e.i, tsec_buf_span(&e.r1), &none, &e.r2, NULL).code,
                    TSEC_E_INTERNAL);
    CU_ASSERT_EQUAL(amc_rekey_commit(e.i, e.at_i, 0, NULL).code, TSEC_E_INTERNAL);
    CU_ASSERT_EQUAL(amc_rekey_read(e.at_i, tsec_span_str("{}"), NULL).code, TSEC_E_INVALID);
    OK(amc_rekey_answer(e.r, tsec_buf_span(&e.r1), &e.at_r, &e.r2, NULL));
    CU_ASSERT_EQUAL(amc_rekey_read(e.at_r, tsec_buf_span(&e.r2), NULL).code, TSEC_E_INTERNAL);
    OK(amc_rekey_read(e.at_i, tsec_buf_span(&e.r2), NULL));
    CU_ASSERT_EQUAL(amc_rekey_read(e.at_i, tsec_buf_span(&e.r2), NULL).code, TSEC_E_INTERNAL);
}

static const struct test_case cases[] = {
    { "a rekey is known", a_rekey_is_known },
    { "both ends name the same nonces and keys", both_ends_name_the_same_nonces_and_keys },
    { "the epoch before receives for thirty seconds",
      the_epoch_before_receives_for_thirty_seconds },
    { "a reply to the epoch before still opens", a_reply_to_the_epoch_before_still_opens },
    { "an epoch does not open what is of another", an_epoch_does_not_open_what_is_of_another },
    { "two epochs back is over at once", two_epochs_back_is_over_at_once },
    { "of two rekeys at once the first counts", of_two_rekeys_at_once_the_first_counts },
    { "shares that come back are refused", shares_that_come_back_are_refused },
    { "every altered byte of a share leads nowhere", every_altered_byte_of_a_share_leads_nowhere },
    { "a rekey has its order", a_rekey_has_its_order },
};

TEST_MAIN("amc/rekey", cases)
