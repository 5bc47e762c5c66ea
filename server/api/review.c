/* SPDX-License-Identifier: Apache-2.0 */
/* Open channels held against what is allowed, when that changed. */
#include "api/admit.h"
#include "api/api.h"
#include "channel/channel.h"

enum { REVIEW_MEMORY_MAX = 4 * 1024 * 1024 };

static bool
may_stay(void *ctx, struct channel *channel, const char **reason)
{
    const struct tsec_string_map *attest = &channel_peer(channel)->attest;
    struct tsec_err err = { 0 };
    bool stands = false;

    if (tsec_failed(api_stands(ctx, attest, &stands, reason, &err))) {
        *reason = "not-known"; /* then it is none to keep */
        return false;
    }
    return stands;
}

struct review {
    struct api *api;
    size_t closed;
};

static tsec_rc
review(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct review *review = ctx;
    struct api_call call = { .api = review->api, .txn = txn };

    (void)err;
    review->closed = channels_review(review->api->options.channels, may_stay, &call);
    return TSEC_OK;
}

size_t
api_review_channels(struct api *api)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = NULL;
    struct review it = { .api = api };

    if (api->options.channels == NULL) {
        return 0;
    }
    if (tsec_failed(tsec_arena_new(REVIEW_MEMORY_MAX, &arena, NULL))
        || tsec_failed(node_view(api->options.node, arena, tsec_clock_real_ns(api->options.clock),
                                 review, &it, NULL))) {
        return 0; /* a message finds out by itself */
    }
    return it.closed;
}
