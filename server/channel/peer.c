/* SPDX-License-Identifier: Apache-2.0 */
/* Who is at the other end, in memory that lives as long as the channel does. */
#include <stdlib.h>

#include "channel/channels_internal.h"

static size_t
text_size(const char *text)
{
    return text == NULL ? 1 : strlen(text) + 1;
}

static size_t
texts_size(const struct channel_peer *peer)
{
    size_t size = text_size(peer->role) + text_size(peer->remote);

    for (size_t i = 0; i < peer->attest.len; i++) {
        size += text_size(peer->attest.keys[i]) + text_size(peer->attest.values[i]);
    }
    return size;
}

static const char *
put_text(char **at, const char *text)
{
    const size_t size = text_size(text);
    char *here = *at;

    if (text != NULL) {
        memcpy(here, text, size);
    } else {
        *here = '\0';
    }
    *at += size;
    return here;
}

static void
copy_texts(struct peer_copy *copy, const struct channel_peer *peer)
{
    const size_t n = peer->attest.len;
    char *at = copy->texts;

    copy->peer.role = put_text(&at, peer->role);
    copy->peer.remote = put_text(&at, peer->remote);
    for (size_t i = 0; i < n; i++) {
        copy->pointers[i] = put_text(&at, peer->attest.keys[i]);
        copy->pointers[n + i] = put_text(&at, peer->attest.values[i]);
    }
    copy->peer.attest = (struct tsec_string_map){ copy->pointers, copy->pointers + n, n };
}

/* Claims hold room for more than most evidence says: what is not written needs no memory yet. */
static void
copy_appraisal(struct appraisal *to, const struct appraisal *from)
{
    const struct tsec_claims *claims = &from->claims;

    to->genuine = from->genuine;
    to->reason = from->reason;
    to->tier = from->tier;
    to->vector = from->vector;
    to->generation = from->generation;
    memcpy(to->entry, from->entry, strnlen(from->entry, sizeof(from->entry) - 1));
    memcpy(&to->claims, claims, offsetof(struct tsec_claims, entries));
    memcpy(to->claims.entries, claims->entries, claims->entries_len * sizeof(claims->entries[0]));
    to->checks.struct_size = (uint32_t)sizeof(to->checks);
}

tsec_rc
peer_copy_new(const struct channel_peer *peer, struct peer_copy **out, struct tsec_err *err)
{
    TSEC_AUTO(peer_copy_free) struct peer_copy *copy = calloc(1, sizeof(*copy));

    if (copy == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a channel's peer");
    }
    copy->peer = *peer;
    copy->texts = malloc(texts_size(peer));
    copy->pointers = calloc(2 * peer->attest.len + 1, sizeof(*copy->pointers));
    copy->token = malloc(peer->token.len + 1);
    copy->appraisal = peer->appraisal == NULL ? NULL : calloc(1, sizeof(*copy->appraisal));
    if (copy->texts == NULL || copy->pointers == NULL || copy->token == NULL
        || (peer->appraisal != NULL && copy->appraisal == NULL)) {
        copy->peer.token.len = 0;
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a channel's peer");
    }
    copy_texts(copy, peer);
    if (peer->token.len > 0) {
        memcpy(copy->token, peer->token.ptr, peer->token.len);
    }
    copy->peer.token = tsec_span(copy->token, peer->token.len);
    if (peer->appraisal != NULL) {
        copy_appraisal(copy->appraisal, peer->appraisal);
    }
    copy->peer.appraisal = copy->appraisal;
    *out = TSEC_TAKE(copy);
    return TSEC_OK;
}

void
peer_copy_free(struct peer_copy *copy)
{
    if (copy == NULL) {
        return;
    }
    if (copy->token != NULL && copy->peer.token.len > 0) {
        explicit_bzero(copy->token, copy->peer.token.len);
    }
    free(copy->token);
    free(copy->texts);
    free(copy->pointers);
    free(copy->appraisal);
    free(copy);
}
