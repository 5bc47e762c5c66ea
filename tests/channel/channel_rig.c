/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/channel/channel_rig.h"

#include <stdlib.h>

#include "crypto/sign.h"
#include "tests/test.h"

void
channel_rig_open(struct channel_rig *rig, size_t half_open_max, size_t open_max)
{
    const struct channels_options options = { .clock = &rig->clock.clock,
                                              .half_open_max = half_open_max,
                                              .open_max = open_max };

    memset(rig, 0, sizeof(*rig));
    tsec_clock_fake_init(&rig->clock, 1700000000 * TSEC_NS_PER_S);
    rig->appraisal = calloc(1, sizeof(*rig->appraisal));
    CU_ASSERT_PTR_NOT_NULL_FATAL(rig->appraisal);
    rig->appraisal->genuine = true;
    rig->appraisal->generation = 7;
    rig->appraisal->claims.entries_len = 1;
    memcpy(rig->appraisal->claims.tee, "sim", 4);
    memcpy(rig->appraisal->claims.entries[0].name, "svn", 4);
    memcpy(rig->appraisal->entry, "sim:svn=1", 10);
    CU_ASSERT_EQUAL_FATAL(channels_new(&options, &rig->channels, NULL).code, 0);
}

void
channel_rig_close(struct channel_rig *rig)
{
    channels_free(rig->channels);
    free(rig->appraisal);
}

static tsec_rc
no_sign(void *ctx, struct tsec_span message, struct tsec_buf *sig, struct tsec_err *err)
{
    (void)ctx, (void)message, (void)sig;
    return TSEC_FAIL(err, TSEC_E_INTERNAL, "nothing is signed here");
}

struct channel_half
channel_rig_half(uint8_t cid[AMC_CID_LEN])
{
    static const char *const takes[] = { "fixed", "none", NULL };
    static const uint8_t id[AMC_SPKI_LEN] = { 0x30 };
    const struct amc_initiator_options asked = { .accept = takes, .aud = "here" };
    const struct amc_responder_options options = { .id = tsec_span(id, sizeof(id)),
                                                   .sign = no_sign,
                                                   .bind = AMC_RAW48,
                                                   .accept = takes,
                                                   .exp_s = 30 };
    static struct amc_initiator *initiator; /* one hello will do for all */
    struct channel_half half = { .responder = NULL };
    struct amc_b1 b1;

    if (initiator == NULL) {
        CU_ASSERT_EQUAL_FATAL(amc_initiator_begin(&asked, &initiator, NULL).code, 0);
    }
    CU_ASSERT_EQUAL_FATAL(amc_b1_parse(amc_initiator_b1(initiator), &b1, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(
        amc_responder_begin(&options, &b1, amc_initiator_b1(initiator), &half.responder, NULL).code,
        0);
    memcpy(cid, amc_responder_cid(half.responder), AMC_CID_LEN);
    return half;
}

struct amc_session *
channel_rig_session(uint16_t number)
{
    const uint8_t cid[AMC_CID_LEN] = { (uint8_t)number, (uint8_t)(number >> 8), 1 };
    const uint8_t master[AMC_HASH_LEN] = { 1, 2, 3 };
    struct amc_session *session = NULL;

    CU_ASSERT_EQUAL_FATAL(amc_session_new(AMC_RESPONDER, cid, master, &session, NULL).code, 0);
    return session;
}

struct channel *
channel_rig_channel(struct channel_rig *rig, uint16_t number, bool attested)
{
    static const char *keys[] = { "format", "tee" };
    static const char *values[] = { "sim-v1", "sim" };
    const struct channel_peer peer = {
        .appraisal = attested ? rig->appraisal : NULL,
        .attest = { keys, values, attested ? 2 : 0 },
        .role = "shop",
        .token = tsec_span_str("token"),
        .remote = "10.0.0.1",
    };
    struct amc_session *session = channel_rig_session(number);
    struct channel *channel = NULL;

    CU_ASSERT_EQUAL_FATAL(channels_open(rig->channels, &session, &peer, &channel, NULL).code, 0);
    CU_ASSERT_PTR_NULL(session);
    return channel;
}
