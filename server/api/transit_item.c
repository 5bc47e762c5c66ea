/* SPDX-License-Identifier: Apache-2.0 */
/* What the kinds of operations share while they work on one item. */
#include "api/transit_plan.h"

#include "base/base64.h"

enum { SCRATCH_CONTEXT = 2, SCRATCH_ASSOCIATED = 3 };

void
transit_item_fails(struct transit_item *item, const char *sentence)
{
    item->error = sentence;
}

static bool
is_the_callers(tsec_rc rc)
{
    switch (rc.code) {
    case TSEC_E_INVALID:
    case TSEC_E_TAMPERED:
    case TSEC_E_TOO_LARGE:
    case TSEC_E_DENIED:
        return true;
    default:
        return false;
    }
}

void
transit_item_failed(struct transit_plan *plan, struct transit_item *item, tsec_rc rc,
                    const struct tsec_err *err)
{
    if (is_the_callers(rc)) {
        item->error = tsec_arena_dup(plan->arena, tsec_span_str(err->detail));
    }
    if (item->error == NULL) {
        item->error = "internal error";
        plan->fault = is_the_callers(rc) ? tsec_rc_of(TSEC_E_NO_MEMORY) : rc;
    }
}

bool
transit_decode(struct transit_plan *plan, struct transit_item *item, size_t scratch,
               enum tsec_base64_kind kind, struct tsec_span text, const char *sentence)
{
    struct tsec_buf *out = &plan->scratch[scratch];
    struct tsec_err err = { 0 };

    tsec_buf_reset(out);
    if (tsec_failed(tsec_base64_decode(out, kind, text, NULL))) {
        transit_item_fails(item, sentence);
        return false;
    }
    if (tsec_failed(tsec_buf_check(out, &err))) {
        plan->fault = tsec_buf_check(out, &err);
        return false;
    }
    return true;
}

bool
transit_item_params(struct transit_plan *plan, struct transit_item *item,
                    struct transit_params *params)
{
    if (!transit_decode(plan, item, SCRATCH_CONTEXT, TSEC_BASE64_STD, item->context,
                        "failed to base64-decode context")
        || !transit_decode(plan, item, SCRATCH_ASSOCIATED, TSEC_BASE64_STD, item->associated,
                           "failed to base64-decode associated_data")) {
        return false;
    }
    *params = (struct transit_params){
        /* of a key that is not derived it says nothing, as with Vault */
        .context =
            plan->derived ? tsec_buf_span(&plan->scratch[SCRATCH_CONTEXT]) : tsec_span(NULL, 0),
        .associated = tsec_buf_span(&plan->scratch[SCRATCH_ASSOCIATED]),
        .derived = plan->derived,
        .convergent = plan->convergent,
    };
    return true;
}

struct transit_piece
transit_put_wire(struct transit_plan *plan, int64_t version, enum tsec_base64_kind kind,
                 struct tsec_span bytes)
{
    const size_t at = plan->out.len;

    transit_wire_put(&plan->out, version);
    tsec_base64_append(&plan->out, kind, bytes);
    return (struct transit_piece){ at, plan->out.len - at };
}

struct transit_piece
transit_put_base64(struct transit_plan *plan, struct tsec_span bytes)
{
    const size_t at = plan->out.len;

    tsec_base64_append(&plan->out, TSEC_BASE64_STD, bytes);
    return (struct transit_piece){ at, plan->out.len - at };
}

struct tsec_span
transit_piece_of(const struct transit_plan *plan, struct transit_piece piece)
{
    return tsec_span(plan->out.ptr + piece.at, piece.len);
}

void
transit_expect(struct tsec_buf *buf, size_t more)
{
    const size_t room = buf->max - buf->len;

    tsec_buf_reserve(buf, more < room ? more : room);
}

/* Decoding, a cipher or a hash, encoding: together some 400 MB a second. */
unsigned
transit_bytes_us(size_t len)
{
    return (unsigned)(len / 400);
}

tsec_rc
transit_read_item(struct transit_plan *plan, struct transit_item *item,
                  const struct transit_body *body, struct tsec_err *err)
{
    item->recovery_id = -1;
    TSEC_TRY(transit_text(body, TRANSIT_IN_CONTEXT, plan->arena, &item->context, err));
    return transit_text(body, TRANSIT_IN_REFERENCE, plan->arena, &item->reference, err);
}

/* Who chooses a nonce believes that it is used. */
tsec_rc
transit_read_making(struct transit_plan *plan, struct transit_item *item,
                    const struct transit_body *body, struct tsec_err *err)
{
    struct tsec_span nonce = { NULL, 0 };

    TSEC_TRY(transit_text(body, TRANSIT_IN_NONCE, plan->arena, &nonce, err));
    if (nonce.len > 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "nonce provided when not allowed");
    }
    return transit_read_item(plan, item, body, err);
}
