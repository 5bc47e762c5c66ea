/* SPDX-License-Identifier: Apache-2.0 */
#include "core/token.h"

#include "base/hex.h"
#include "core/attested.h"
#include "core/expiry.h"

#define REVOKED_PREFIX "sys/revoked/"
enum { TAG_DIGITS = 2 * RECORD_TAG_LEN };

tsec_rc
token_drop(struct txn *txn, const struct token *token, struct tsec_err *err)
{
    char hex[TAG_DIGITS + 1];
    const struct tsec_span name = tsec_span(hex, TAG_DIGITS);

    tsec_hex_encode(tsec_span(token->tag, RECORD_TAG_LEN), hex);
    TSEC_TRY(txn_delete(txn, txn_key2(txn, "sys/token/", name), err));
    TSEC_TRY(txn_delete(txn, txn_key2(txn, "sys/accessor/", tsec_span_str(token->accessor)), err));
    if (!token->orphan) {
        const struct tsec_span parts[] = { token_child_prefix(txn, token->parent), name };

        TSEC_TRY(txn_delete(txn, txn_key(txn, parts, 2), err));
    }
    if (token->expires_ns != 0) {
        TSEC_TRY(expiry_drop_token(txn, token->expires_ns, token->tag, err));
    }
    if (token_is_wrapping(token)) {
        TSEC_TRY(txn_delete(txn, txn_key2(txn, "sys/wrap/", name), err));
    }
    return attested_forget(txn, token, err);
}

struct tag_queue {
    uint8_t (*tags)[RECORD_TAG_LEN]; /* TOKEN_REVOKE_MAX of them */
    size_t len;
    size_t next;
};

/* Puts the children into the queue.  *more: not all fitted. */
static tsec_rc
queue_children(struct txn *txn, const uint8_t parent[RECORD_TAG_LEN], struct tag_queue *queue,
               bool *more, struct tsec_err *err)
{
    const size_t room = TOKEN_REVOKE_MAX - queue->len;
    struct tsec_strings names;

    TSEC_TRY(record_names(txn, token_child_prefix(txn, parent), tsec_span(NULL, 0), room + 1, false,
                          &names, err));
    *more = names.len > room;
    for (size_t i = 0; i < names.len && i < room; i++) {
        if (tsec_hex_decode(tsec_span_str(names.items[i]), queue->tags[queue->len],
                            RECORD_TAG_LEN)) {
            queue->len++;
        }
    }
    return TSEC_OK;
}

static struct tsec_span
revoked_key(struct txn *txn, const uint8_t tag[RECORD_TAG_LEN])
{
    char hex[TAG_DIGITS + 1];

    tsec_hex_encode(tsec_span(tag, RECORD_TAG_LEN), hex);
    return txn_key2(txn, REVOKED_PREFIX, tsec_span(hex, TAG_DIGITS));
}

/* Breadth first from the tag that stands in the queue already.  What does not fit is dead all the
 * same (its parent is gone); a mark makes the sweep come back for its rows. */
static tsec_rc
drop_below(struct txn *txn, struct tag_queue *queue, struct tsec_err *err)
{
    while (queue->next < queue->len) {
        const uint8_t *tag = queue->tags[queue->next++];
        const struct token *token = NULL;
        const tsec_rc rc = token_row(txn, tag, &token, err);
        bool more = false;

        if (tsec_failed(rc) && rc.code != TSEC_E_NOT_FOUND) {
            return rc;
        }
        TSEC_TRY(queue_children(txn, tag, queue, &more, err));
        if (more) {
            TSEC_TRY(record_put_mark(txn, revoked_key(txn, tag), err));
        }
        if (!tsec_failed(rc)) {
            TSEC_TRY(token_drop(txn, token, err));
        }
    }
    return TSEC_OK;
}

static tsec_rc
drop_tree(struct txn *txn, const uint8_t tag[RECORD_TAG_LEN], size_t *dropped, struct tsec_err *err)
{
    struct tag_queue queue = { .len = 1 };

    queue.tags = tsec_arena_alloc(txn_arena(txn), TOKEN_REVOKE_MAX * sizeof(*queue.tags));
    if (queue.tags == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "tokens to revoke");
    }
    memcpy(queue.tags[0], tag, RECORD_TAG_LEN);
    TSEC_TRY(drop_below(txn, &queue, err));
    *dropped += queue.len;
    return TSEC_OK;
}

tsec_rc
token_revoke(struct txn *txn, const struct token *token, struct tsec_err *err)
{
    size_t dropped = 0;

    return drop_tree(txn, token->tag, &dropped, err);
}

tsec_rc
token_revoke_orphan(struct txn *txn, const struct token *token, struct tsec_err *err)
{
    const struct tsec_span prefix = token_child_prefix(txn, token->tag);
    struct tsec_strings names;

    TSEC_TRY(
        record_names(txn, prefix, tsec_span(NULL, 0), TOKEN_REVOKE_MAX + 1, false, &names, err));
    if (names.len > TOKEN_REVOKE_MAX) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "the token has too many children");
    }
    for (size_t i = 0; i < names.len; i++) {
        const struct tsec_span parts[] = { prefix, tsec_span_str(names.items[i]) };
        const struct token *child = NULL;
        uint8_t tag[RECORD_TAG_LEN];
        struct token changed;

        TSEC_TRY(txn_delete(txn, txn_key(txn, parts, 2), err));
        if (!tsec_hex_decode(parts[1], tag, sizeof(tag))
            || tsec_failed(token_row(txn, tag, &child, NULL))) {
            continue;
        }
        changed = *child;
        changed.orphan = true;
        memset(changed.parent, 0, RECORD_TAG_LEN);
        TSEC_TRY(token_store(txn, &changed, err));
    }
    return token_drop(txn, token, err);
}

/* One tree that was cut above and did not fit into that transaction. */
static tsec_rc
sweep_revoked(struct txn *txn, size_t *done, struct tsec_err *err)
{
    struct tsec_strings names;
    uint8_t tag[RECORD_TAG_LEN];

    TSEC_TRY(record_names(txn, tsec_span_str(REVOKED_PREFIX), tsec_span(NULL, 0), 1, false, &names,
                          err));
    if (names.len == 0) {
        return TSEC_OK;
    }
    TSEC_TRY(txn_delete(txn, txn_key2(txn, REVOKED_PREFIX, tsec_span_str(names.items[0])), err));
    if (!tsec_hex_decode(tsec_span_str(names.items[0]), tag, sizeof(tag))) {
        return TSEC_OK;
    }
    return drop_tree(txn, tag, done, err);
}

static tsec_rc
sweep_one(struct txn *txn, const struct expiry_due *due, size_t *done, struct tsec_err *err)
{
    TSEC_TRY(txn_delete(txn, due->key, err));
    if (due->is_token) {
        const struct token *token = NULL;
        const tsec_rc rc = token_row(txn, due->tag, &token, NULL);

        if (tsec_failed(rc) || token->expires_ns == 0 || token->expires_ns > txn_now(txn)) {
            return TSEC_OK;
        }
        return drop_tree(txn, due->tag, done, err);
    }
    for (size_t i = 0; i < due->rows.len; i++) {
        TSEC_TRY(txn_delete(txn, tsec_span_str(due->rows.items[i]), err));
    }
    *done += 1;
    return TSEC_OK;
}

tsec_rc
core_sweep_expired(struct txn *txn, size_t limit, size_t *done, struct tsec_err *err)
{
    struct expiry_due *due = NULL;
    size_t n = 0;

    *done = 0;
    TSEC_TRY(sweep_revoked(txn, done, err));
    if (*done > 0) {
        return TSEC_OK;
    }
    TSEC_TRY(attested_sweep_marked(txn, done, err));
    if (*done > 0) {
        return TSEC_OK;
    }
    TSEC_TRY(expiry_due(txn, limit < TOKEN_REVOKE_MAX ? limit : TOKEN_REVOKE_MAX, &due, &n, err));
    for (size_t i = 0; i < n && *done < limit && *done < TOKEN_REVOKE_MAX; i++) {
        size_t dropped = 0;

        TSEC_TRY(sweep_one(txn, &due[i], &dropped, err));
        *done += dropped;
        if (dropped >= TOKEN_REVOKE_MAX / 2) {
            break; /* a large tree fills a transaction alone */
        }
    }
    return TSEC_OK;
}
