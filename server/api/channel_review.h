/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/channel_review.h
 * @brief Whether the peers of open channels would be admitted today: asked of each message, and of
 * all channels when the policy changes.
 *
 * Evidence is judged again as of when it was appraised: it does not age here, for a rekey asks for
 * new evidence anyway.
 */
#ifndef TSEC_API_CHANNEL_REVIEW_H
#define TSEC_API_CHANNEL_REVIEW_H

#include "api/api.h"
#include "channel/channel.h"

/** By the server's policy of this moment; cheap when that did not change. */
bool api_channel_fits(struct api *api, struct channel *channel);

#endif
