/* SPDX-License-Identifier: Apache-2.0 */
/* What other servers appended: found by the head that is not there any more, read, and checked to
 * continue what is known. */
#include "codec/pack.h"
#include "ledger/ledger_internal.h"

enum { FOLLOW_STEP = 16 };

/* ---- the head ---- */

/* OK: the head of the log of that size and tag is there; TSEC_E_NOT_FOUND: it is not. */
static tsec_rc
head_look(struct ledger *l, uint64_t size, const uint8_t tag[SEGMENT_TAG], struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf found = TSEC_BUF_INIT(HEAD_VALUE_LEN);
    const struct tsec_sink sink = tsec_buf_sink(&found);
    uint8_t key[HEAD_KEY_LEN];
    uint8_t value[HEAD_VALUE_LEN];

    head_key(tag, key);
    head_value(size, value);

    const tsec_rc rc =
        l->options.ops->get(l->options.store, tsec_span(key, sizeof(key)), &sink, err);

    if (rc.code == TSEC_E_TOO_LARGE
        || (!tsec_failed(rc)
            && !tsec_span_equal(tsec_buf_span(&found), tsec_span(value, sizeof(value))))) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "the head of the ledger was altered");
    }
    return rc;
}

static tsec_rc
head_size(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct tsec_reader in = tsec_reader(value);

    (void)key;
    *(uint64_t *)ctx = tsec_read_u64(&in);
    return TSEC_OK;
}

/* What the store says of itself is only for the one who reads the message. */
static tsec_rc
rolled_back(struct ledger *l, struct tsec_err *err)
{
    uint64_t there = 0;
    const tsec_rc rc = l->options.ops->scan(l->options.store, tsec_span("h", 1), tsec_span(NULL, 0),
                                            1, head_size, &there, err);

    TSEC_TRY(rc);
    return TSEC_FAIL(err, TSEC_E_ROLLBACK,
                     "rollback detected: the store holds a ledger of %llu leaves that does not "
                     "continue the %llu this server saw; put the newest database back",
                     (unsigned long long)there, (unsigned long long)l->now.frontier.size);
}

/* ---- following ---- */

tsec_rc
ledger_at_tail(struct ledger *ledger, struct tsec_err *err)
{
    const tsec_rc rc = head_look(ledger, ledger->now.frontier.size, ledger->tag, err);

    return rc.code == TSEC_E_NOT_FOUND
               ? TSEC_FAIL(err, TSEC_E_CONFLICT, "the ledger does not end at leaf %llu any more",
                           (unsigned long long)ledger->now.frontier.size)
               : rc;
}

void
ledger_follow_drop(struct ledger *ledger)
{
    ledger->following = false;
}

static void
follow_begin(struct ledger *l)
{
    if (!l->following) {
        l->next = l->now;
        l->following = true;
    }
}

static tsec_rc
read_on(struct ledger *l, ledger_visit_fn visit, void *ctx, enum ledger_follow *out,
        struct tsec_err *err)
{
    struct replay replay = {
        .options = &l->options, .tiles = &l->next, .visit = visit, .ctx = ctx, .end = UINT64_MAX
    };

    TSEC_TRY(replay_step(&replay, FOLLOW_STEP, err));
    *out = replay.seen == 0 ? LEDGER_END : replay.seen < FOLLOW_STEP ? LEDGER_READ : LEDGER_MORE;
    if (replay.seen > 0) {
        memcpy(l->next_tag, replay.tag, sizeof(l->next_tag));
    }
    return TSEC_OK;
}

static tsec_rc
follow_step(struct ledger *l, ledger_visit_fn visit, void *ctx, enum ledger_follow *out,
            struct tsec_err *err)
{
    const uint64_t size = l->following ? l->next.frontier.size : l->now.frontier.size;

    *out = LEDGER_END;

    tsec_rc rc = head_look(l, size, l->following ? l->next_tag : l->tag, err);

    if (rc.code != TSEC_E_NOT_FOUND) {
        return rc;
    }
    follow_begin(l);
    rc = read_on(l, visit, ctx, out, err);
    if (!tsec_failed(rc) && *out != LEDGER_END) {
        return TSEC_OK;
    }
    /* The head left in one commit with what came after it: that is not there, or it does not
     * continue this log. */
    return !tsec_failed(rc) || rc.code == TSEC_E_TAMPERED ? rolled_back(l, err) : rc;
}

tsec_rc
ledger_follow(struct ledger *ledger, ledger_visit_fn visit, void *ctx, enum ledger_follow *out,
              struct tsec_err *err)
{
    const tsec_rc rc = follow_step(ledger, visit, ctx, out, err);

    if (tsec_failed(rc)) {
        ledger_follow_drop(ledger);
    }
    return rc;
}

void
ledger_follow_publish(struct ledger *ledger)
{
    if (ledger->following) {
        ledger_show(ledger, ledger->next_tag);
        ledger->following = false;
    }
}
