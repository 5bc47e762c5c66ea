/* SPDX-License-Identifier: Apache-2.0 */
/* The open channels of this server, for operators. */
#include <stdlib.h>

#include "api/api.h"
#include "api/envelope.h"
#include "api/tee_channel.h"
#include "base/base64.h"
#include "core/strings.h"

static void
put_channel(struct tsec_json_out *out, struct channels *channels, struct channel *channel)
{
    static const char *const proved[] = { "tee", "format", "measurement", "mode" };
    const struct channel_peer *peer = channel_peer(channel);
    char cid[TSEC_BASE64_LEN(AMC_CID_LEN) + 1];
    struct channel_account account;

    channel_account(channels, channel, &account);
    tsec_base64_encode(TSEC_BASE64_URL, tsec_span(account.cid, AMC_CID_LEN), cid);
    tsec_json_object(out);
    tsec_json_put_str(out, "cid", cid);
    tsec_json_key(out, "peer");
    tsec_json_object(out);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(proved) && peer->appraisal != NULL; i++) {
        tsec_json_put_str(out, proved[i], string_map_get(&peer->attest, proved[i]));
    }
    tsec_json_put_str(out, "role", peer->role);
    tsec_json_put_str(out, "remote_address", peer->remote);
    tsec_json_object_end(out);
    tsec_json_put_time(out, "opened_at", account.opened_ns);
    tsec_json_put_time(out, "used_at", account.used_ns);
    tsec_json_put_int(out, "epoch", (int64_t)account.epoch);
    tsec_json_put_int(out, "messages", (int64_t)account.messages);
    tsec_json_object_end(out);
}

tsec_rc
api_op_sysListChannels(struct api_call *call, struct tsec_err *err)
{
    struct channels *channels = call->api->options.channels;
    struct channel **list = NULL;
    struct tsec_json_out out;
    size_t len = 0;

    if (channels != NULL) {
        TSEC_TRY(channels_list(channels, &list, &len, err));
    }
    out = api_data(call);
    tsec_json_object(&out);
    tsec_json_key(&out, "channels");
    tsec_json_array(&out);
    for (size_t i = 0; i < len; i++) {
        put_channel(&out, channels, list[i]);
        channel_release(list[i]);
    }
    free(list);
    tsec_json_array_end(&out);
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

/* ---- closed ---- */

struct closing {
    struct api_effect effect; /* first */
    struct channels *channels;
    uint8_t cid[AMC_CID_LEN];
};

static void
close_it(struct api_effect *effect)
{
    struct closing *closing = (struct closing *)(void *)effect;
    TSEC_AUTO(channel_release)
    struct channel *channel = channels_find(closing->channels, closing->cid);

    if (channel != NULL) {
        (void)channels_close(closing->channels, channel, "operator");
    }
}

tsec_rc
api_op_sysCloseChannel(struct api_call *call, struct tsec_err *err)
{
    struct channels *channels = call->api->options.channels;
    struct closing *closing = tsec_arena_alloc(api_arena(call), sizeof(*closing));
    TSEC_AUTO(channel_release) struct channel *channel = NULL;

    if (closing == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a channel's end");
    }
    if (channels == NULL || !api_channel_cid(call, closing->cid)
        || (channel = channels_find(channels, closing->cid)) == NULL) {
        return api_refuse(call, TSEC_E_CHANNEL_UNKNOWN, NULL);
    }
    closing->effect.run = close_it;
    closing->channels = channels;
    call->effect = &closing->effect;
    return api_no_content(call);
}
