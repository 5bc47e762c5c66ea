/* SPDX-License-Identifier: Apache-2.0 */
#include "api/channel_review.h"

#include <stdlib.h>

#include "api/admit.h"
#include "audit/entry.h"
#include "base/log.h"

enum { NOTE_MEMORY_MAX = 64 * 1024, REVIEW_MEMORY_MAX = 1024 * 1024, REVIEW_EVERY_S = 60 };

static bool
admits(const struct admission_policy *policy, const struct allowlist *list,
       const struct channel_peer *peer)
{
    struct tsec_checks *checks = calloc(1, sizeof(*checks));
    size_t index = 0;
    bool fits;

    if (checks == NULL) {
        return false;
    }
    checks->struct_size = (uint32_t)sizeof(*checks);
    fits = !tsec_failed(admission_decide(policy, list, &peer->appraisal->claims, peer->appraised_s,
                                         checks, &index, NULL));
    free(checks);
    return fits;
}

bool
api_channel_fits(struct api *api, struct channel *channel)
{
    const struct channel_peer *peer = channel_peer(channel);
    struct appraiser *appraiser = api->options.appraiser;
    struct appraiser_lists lists;
    struct admission_policy policy;
    bool fits;

    if (peer->appraisal == NULL) {
        return true;
    }
    if (appraiser == NULL) {
        return false;
    }
    if (channel_reviewed(channel) == appraiser_generation(appraiser)) {
        return true;
    }
    appraiser_lists_take(appraiser, &lists); /* first: what comes after it is judged once more */
    policy = appraiser_policy(appraiser);
    fits = admits(&policy, lists.effective, peer);
    if (fits) {
        channel_set_reviewed(channel, lists.generation);
    }
    appraiser_lists_done(&lists);
    return fits;
}

/* ---- all of them ---- */

/** That channels were closed, for the ledger. */
struct note {
    struct node_op op; /* first */
    size_t closed;
};

static void
note_free(struct note *note)
{
    tsec_arena_free(note->op.arena);
    free(note);
}

static tsec_rc
note_run(struct node_op *op, struct txn *txn, struct tsec_buf *audit, struct tsec_err *err)
{
    const struct note *note = (struct note *)(void *)op;
    const struct audit_entry entry = {
        .ts_ns = op->now_ns,
        .actor_kind = "system",
        .operation = "teeChannelReview",
        .allow = true,
        .reason = "channel-policy",
        .status = 200,
        .count = note->closed,
    };

    (void)txn;
    audit_entry_json(&entry, node_keys(op->node)->pseudonym, audit);
    return tsec_buf_check(audit, err);
}

static void
note_done(struct node_op *op, tsec_rc rc, uint64_t index, const struct tsec_err *err)
{
    (void)index;
    if (tsec_failed(rc)) {
        tsec_log_err("that channels were closed could not be written down", err);
    }
    note_free((struct note *)(void *)op);
}

static void
write_down(struct api *api, size_t closed)
{
    struct note *note = calloc(1, sizeof(*note));
    bool pending = false;

    tsec_log(TSEC_LOG_INFO, "channels were closed: their peers are not allowed any more",
             TSEC_F_INT("channels", closed));
    if (note == NULL) {
        return;
    }
    note->closed = closed;
    note->op.run = note_run;
    note->op.done = note_done;
    note->op.now_ns = tsec_clock_real_ns(api->options.clock);
    if (tsec_failed(tsec_arena_new(NOTE_MEMORY_MAX, &note->op.arena, NULL))
        || tsec_failed(node_submit(api->options.node, &note->op, &pending, NULL)) || !pending) {
        note_free(note);
    }
}

struct standing {
    struct api *api;
    struct tsec_arena *arena;
    struct channel *channel;
    const char *reason; /* NULL: it stands */
};

static tsec_rc
look(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct standing *it = ctx;
    struct api_call call = { .api = it->api, .txn = txn };
    bool stands = false;

    TSEC_TRY(api_stands(&call, &channel_peer(it->channel)->attest, &stands, &it->reason, err));
    return TSEC_OK;
}

/* By the server's policy; and by the list and the role that it rests on.  Where rows cannot be
 * read, the next message finds out. */
static bool
may_stay(void *ctx, struct channel *channel, const char **reason)
{
    struct standing *it = ctx;
    struct api *api = it->api;

    *reason = "policy";
    if (!api_channel_fits(api, channel)) {
        return false;
    }
    if (channel_peer(channel)->attest.len == 0) {
        return true;
    }
    it->channel = channel;
    it->reason = NULL;
    tsec_arena_reset(it->arena);
    if (tsec_failed(node_view(api->options.node, it->arena, tsec_clock_real_ns(api->options.clock),
                              look, it, NULL))) {
        return true;
    }
    *reason = it->reason;
    return it->reason == NULL;
}

size_t
api_review_channels(struct api *api)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = NULL;
    struct channels *channels = api->options.channels;
    struct standing it = { .api = api };
    size_t closed;

    if (channels == NULL || tsec_failed(tsec_arena_new(REVIEW_MEMORY_MAX, &arena, NULL))) {
        return 0;
    }
    it.arena = arena;
    closed = channels_review(channels, may_stay, &it);
    if (closed > 0) {
        write_down(api, closed);
    }
    return closed;
}

void
api_review_channels_if_due(struct api *api)
{
    const int64_t now = tsec_clock_mono_ns(api->options.clock);
    uint64_t generation;

    if (api->options.appraiser == NULL) {
        return;
    }
    generation = appraiser_generation(api->options.appraiser);
    if (atomic_exchange(&api->reviewed, generation) != generation
        || now - atomic_load(&api->reviewed_mono_ns) >= REVIEW_EVERY_S * TSEC_NS_PER_S) {
        atomic_store(&api->reviewed_mono_ns, now);
        (void)api_review_channels(api);
    }
}
