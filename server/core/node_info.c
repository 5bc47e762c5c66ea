/* SPDX-License-Identifier: Apache-2.0 */
/* What may be asked of a node: its log, its keys' ages, its health. */
#include "core/node_internal.h"
#include "crypto/note.h"

const struct core_keys *
node_keys(struct node *node)
{
    return &node->active.keys;
}

const struct node_options *
node_options(const struct node *node)
{
    return &node->options;
}

/* Runs `use` on the active part, under the lock. */
static tsec_rc
with_active(struct node *node,
            tsec_rc (*use)(struct active *active, void *ctx, struct tsec_err *err), void *ctx,
            struct tsec_err *err)
{
    (void)pthread_rwlock_rdlock(&node->lock);

    const tsec_rc rc =
        node->status == NODE_ACTIVE && atomic_load(&node->closing) == 0
            ? use(&node->active, ctx, err)
            : TSEC_FAIL(err,
                        node->status == NODE_UNINITIALIZED ? TSEC_E_NOT_INITIALIZED : TSEC_E_SEALED,
                        "not active");

    (void)pthread_rwlock_unlock(&node->lock);
    return rc;
}

struct log_query {
    unsigned level;
    uint64_t n;
    unsigned width;
    struct tsec_buf *out;
    const char *origin;
    struct tsec_span message;
};

static tsec_rc
use_checkpoint(struct active *active, void *ctx, struct tsec_err *err)
{
    return ledger_checkpoint(active->ledger, ((struct log_query *)ctx)->out, err);
}

static tsec_rc
use_tile(struct active *active, void *ctx, struct tsec_err *err)
{
    const struct log_query *q = ctx;

    return ledger_tile(active->ledger, q->level, q->n, q->width, q->out, err);
}

static tsec_rc
use_entries(struct active *active, void *ctx, struct tsec_err *err)
{
    const struct log_query *q = ctx;

    return ledger_entries(active->ledger, q->n, q->width, q->out, err);
}

static tsec_rc
use_vkey(struct active *active, void *ctx, struct tsec_err *err)
{
    const struct log_query *q = ctx;

    return tsec_note_vkey(q->origin, keyring_signing_key(active->fixed), q->out, err);
}

static tsec_rc
use_identity(struct active *active, void *ctx, struct tsec_err *err)
{
    return tsec_key_spki(keyring_identity_key(active->fixed), ((struct log_query *)ctx)->out, err);
}

static tsec_rc
use_identity_sign(struct active *active, void *ctx, struct tsec_err *err)
{
    const struct log_query *q = ctx;

    return tsec_sign(keyring_identity_key(active->fixed), TSEC_SHA384, q->message, q->out, err);
}

tsec_rc
node_checkpoint(struct node *node, struct tsec_buf *note, struct tsec_err *err)
{
    struct log_query q = { .out = note };

    return with_active(node, use_checkpoint, &q, err);
}

tsec_rc
node_tile(struct node *node, unsigned level, uint64_t n, unsigned width, struct tsec_buf *out,
          struct tsec_err *err)
{
    struct log_query q = { .level = level, .n = n, .width = width, .out = out };

    return with_active(node, use_tile, &q, err);
}

tsec_rc
node_entries(struct node *node, uint64_t n, unsigned width, struct tsec_buf *out,
             struct tsec_err *err)
{
    struct log_query q = { .n = n, .width = width, .out = out };

    return with_active(node, use_entries, &q, err);
}

tsec_rc
node_vkey(struct node *node, struct tsec_buf *out, struct tsec_err *err)
{
    struct log_query q = { .out = out, .origin = node->origin };

    return with_active(node, use_vkey, &q, err);
}

tsec_rc
node_identity(struct node *node, struct tsec_buf *spki, struct tsec_err *err)
{
    struct log_query q = { .out = spki };

    return with_active(node, use_identity, &q, err);
}

tsec_rc
node_identity_sign(struct node *node, struct tsec_span message, struct tsec_buf *sig,
                   struct tsec_err *err)
{
    struct log_query q = { .out = sig, .message = message };

    return with_active(node, use_identity_sign, &q, err);
}

/* ---- keys ---- */

void
node_key_status(const struct txn *txn, struct node_key_status *out)
{
    const struct keyring *keyring = txn_keyring(txn);
    struct keyring_dek dek;

    memset(out, 0, sizeof(*out));
    out->keyring_version = keyring_version(keyring);
    out->generation = keyring_generation(keyring);
    out->mek_version = keyring_mek_version(keyring);
    out->mek_created_ns = keyring_mek_created(keyring);
    out->deks = keyring_dek_count(keyring);
    for (size_t i = 0; i < out->deks; i++) {
        keyring_dek_at(keyring, i, &dek);
        out->encryptions += dek.uses;
        out->old_deks += dek.state == KEYRING_DECRYPT_ONLY ? 1 : 0;
    }
    if (keyring_dek_primary(keyring, tsec_span_str("sys"), &dek)) {
        out->dek_created_ns = dek.created_ns;
    }
}

/* ---- health ---- */

void
node_info(struct node *node, struct node_info *out)
{
    const struct node_options *o = &node->options;

    memset(out, 0, sizeof(*out));
    out->tee.struct_size = sizeof(out->tee);
    o->attest_ops->describe(o->attest, &out->tee);
    out->origin = node->origin;
    out->config_digest = o->config_digest;
    out->opened_ns = node->opened_ns;
}

void
node_health(struct node *node, struct node_health *out)
{
    const struct node_options *o = &node->options;

    memset(out, 0, sizeof(*out));
    out->store = o->store_ops->health(o->store, &out->store_err);
    out->attest = o->attest_ops->health(o->attest, &out->attest_err);
    (void)pthread_rwlock_rdlock(&node->lock);
    out->status = node->status;
    if (node->status == NODE_ACTIVE) {
        sequencer_stats(node->active.sequencer, &out->ledger);
        state_stats(node->active.state, &out->state);
        out->ledger_size = ledger_size(node->active.ledger);
        out->audit_epoch = audit_epoch(node->active.audit);
    }
    (void)pthread_rwlock_unlock(&node->lock);
}
