/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/channel/channel_rig.h
 * @brief Handshakes and sessions for tests of the table of channels: real ones, of one identity
 * key.
 */
#ifndef TSEC_TESTS_CHANNEL_RIG_H
#define TSEC_TESTS_CHANNEL_RIG_H

#include "channel/channel.h"

struct channel_rig {
    struct tsec_clock_fake clock;
    struct channels *channels;
    struct appraisal *appraisal; /* of an attested peer */
};

/** 0: the defaults. */
void channel_rig_open(struct channel_rig *rig, size_t half_open_max, size_t open_max);
void channel_rig_close(struct channel_rig *rig);

/** A responder that has begun; the cid is in `cid`. */
struct channel_half channel_rig_half(uint8_t cid[AMC_CID_LEN]);
/** A session of that cid's first byte. */
struct amc_session *channel_rig_session(uint16_t number);
/** Opens one; must succeed.  Held. */
struct channel *channel_rig_channel(struct channel_rig *rig, uint16_t number, bool attested);

#endif
