/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "api/envelope.h"

enum { TILE_WIDTH = 256, TILE_LEVEL_MAX = 7 };

static const char PLAIN[] = "text/plain; charset=utf-8";
static const char BINARY[] = "application/octet-stream";

static tsec_rc
finish(struct api_call *call, const char *type, struct tsec_err *err)
{
    call->reply->status = 200;
    call->reply->content_type = type;
    return tsec_buf_check(&call->reply->body, err);
}

tsec_rc
api_op_auditCheckpoint(struct api_call *call, struct tsec_err *err)
{
    api_reply_reset(call->reply);
    TSEC_TRY(node_checkpoint(call->api->options.node, &call->reply->body, err));
    return finish(call, PLAIN, err);
}

tsec_rc
api_op_auditVkey(struct api_call *call, struct tsec_err *err)
{
    api_reply_reset(call->reply);
    TSEC_TRY(node_vkey(call->api->options.node, &call->reply->body, err));
    tsec_buf_put_byte(&call->reply->body, '\n');
    return finish(call, PLAIN, err);
}

/* Decimal digits at the front; false: none, or too many. */
static bool
take_digits(struct tsec_span *text, size_t count, uint64_t *out)
{
    uint64_t n = 0;
    size_t i = 0;

    while (i < text->len && i < count && text->ptr[i] >= '0' && text->ptr[i] <= '9') {
        n = n * 10 + (uint64_t)(text->ptr[i] - '0');
        i++;
    }
    *text = tsec_span(text->ptr + i, text->len - i);
    *out = n;
    return i > 0;
}

/* "x001/x234/067" and "x001/x234/067.p/8" of C2SP tlog-tiles: thousands, all but the last with an
 * x.  Exactly three digits each. */
static bool
parse_index(struct tsec_span text, uint64_t *index, unsigned *width)
{
    uint64_t n = 0;
    uint64_t part = 0;

    *width = TILE_WIDTH;
    for (int groups = 0; groups < 6; groups++) {
        const bool more = text.len > 0 && text.ptr[0] == 'x';
        struct tsec_span digits = tsec_span(text.ptr + (more ? 1 : 0), text.len - (more ? 1 : 0));
        const size_t before = digits.len;

        if (text.len == 0 || !take_digits(&digits, 3, &part) || before - digits.len != 3) {
            return false;
        }
        n = n * 1000 + part;
        text = digits;
        if (!more) {
            break;
        }
        if (text.len == 0 || text.ptr[0] != '/') {
            return false;
        }
        text = tsec_span(text.ptr + 1, text.len - 1);
    }
    *index = n;
    if (text.len == 0) {
        return true;
    }
    if (!tsec_span_starts(text, tsec_span_str(".p/"))) {
        return false;
    }
    text = tsec_span(text.ptr + 3, text.len - 3);
    if (!take_digits(&text, 3, &part) || text.len > 0 || part < 1 || part >= TILE_WIDTH) {
        return false;
    }
    *width = (unsigned)part;
    return true;
}

static tsec_rc
refuse_tile(struct api_call *call)
{
    return api_refuse(call, TSEC_E_NOT_FOUND, "no such tile");
}

tsec_rc
api_op_auditTile(struct api_call *call, struct tsec_err *err)
{
    struct tsec_span level = call->vars[0];
    uint64_t l = 0;
    uint64_t index = 0;
    unsigned width = 0;
    tsec_rc rc;

    if (!take_digits(&level, 2, &l) || level.len > 0 || l > TILE_LEVEL_MAX
        || !parse_index(call->vars[1], &index, &width)) {
        return refuse_tile(call);
    }
    api_reply_reset(call->reply);
    rc = node_tile(call->api->options.node, (unsigned)l, index, width, &call->reply->body, err);
    if (rc.code == TSEC_E_NOT_FOUND || rc.code == TSEC_E_INVALID) {
        return refuse_tile(call);
    }
    TSEC_TRY(rc);
    call->reply->cacheable = true;
    return finish(call, BINARY, err);
}

tsec_rc
api_op_auditEntries(struct api_call *call, struct tsec_err *err)
{
    uint64_t index = 0;
    unsigned width = 0;
    tsec_rc rc;

    if (!parse_index(call->vars[0], &index, &width)) {
        return refuse_tile(call);
    }
    api_reply_reset(call->reply);
    rc = node_entries(call->api->options.node, index, width, &call->reply->body, err);
    if (rc.code == TSEC_E_NOT_FOUND || rc.code == TSEC_E_INVALID) {
        return refuse_tile(call);
    }
    TSEC_TRY(rc);
    call->reply->cacheable = true;
    return finish(call, BINARY, err);
}
