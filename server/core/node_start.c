/* SPDX-License-Identifier: Apache-2.0 */
/* From a root slot to an active node: keyring, ledger, rows, boot leaf, sequencer. */
#include <stdlib.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/hex.h"
#include "codec/json_out.h"
#include "codec/leaf.h"
#include "core/node_internal.h"
#include "crypto/note.h"
#include "crypto/rand.h"
#include "sealed/slot.h"

enum {
    QUEUE_DEFAULT = 8192,
    BATCH_OPS = 256,
    SLOTS_MAX = 16,
    BOOT_TRIES = 100,
    RESOLVE_TRIES = 40,
    RESOLVE_PAUSE_US = 250000
};
#define PATIENCE_NS (5 * TSEC_NS_PER_S)

void
active_done(struct active *active)
{
    (void)sequencer_stop(active->sequencer);
    node_history_stop(active);
    node_snapshot_free(active);
    staging_free(active->staging);
    audit_free(active->audit);
    ledger_free(active->ledger);
    state_free(active->state);
    keyring_free(active->fixed);
    tsec_secret_free(active->root);
    memset(active, 0, sizeof(*active));
}

/* ---- root key ---- */

struct slot_scan {
    struct node *node;
    struct tsec_secret *root;
    bool opened;
    size_t seen;
    struct tsec_err *err;
};

/* Any slot that opens will do; the last failure is the one that is told. */
static tsec_rc
slot_visit(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct slot_scan *s = ctx;
    const struct node_options *o = &s->node->options;
    struct slot slot;

    (void)key;
    s->seen++;
    if (s->opened || tsec_failed(slot_parse(value, &slot, s->err))) {
        return TSEC_OK;
    }
    s->opened = !tsec_failed(o->attest_ops->root_key_open(o->attest, slot.wrapping,
                                                          tsec_secret_bytes(s->root), s->err))
                && !tsec_failed(slot_check(&slot, tsec_secret_bytes(s->root), s->err));
    return TSEC_OK;
}

static tsec_rc
open_root(struct node *node, struct active *active, struct tsec_err *err)
{
    const struct node_options *o = &node->options;
    struct slot_scan scan = { .node = node, .err = err };

    TSEC_TRY(tsec_secret_new(TSEC_ROOT_KEY_LEN, &active->root, err));
    scan.root = active->root;
    TSEC_TRY(o->store_ops->scan(o->store, tsec_span("s", 1), tsec_span(NULL, 0), SLOTS_MAX,
                                slot_visit, &scan, err));
    if (scan.opened) {
        return TSEC_OK;
    }
    return scan.seen == 0
               ? TSEC_FAIL(err, TSEC_E_TAMPERED, "the store has a keyring but no root slot")
               : (tsec_rc){ TSEC_E_TAMPERED };
}

/* ---- keyring ---- */

tsec_rc
active_keys(struct active *active, struct keyring *keyring, struct tsec_err *err)
{
    TSEC_TRY(keyring_copy(keyring, &active->fixed, err));
    active->keys.token_tag = keyring_token_key(active->fixed);
    active->keys.pseudonym = keyring_pseudonym_key(active->fixed);
    return TSEC_OK;
}

/* ---- log ---- */

static tsec_rc
replay_leaf(void *ctx, uint64_t index, struct tsec_span leaf, struct tsec_err *err)
{
    struct active *active = ctx;

    audit_replay(active->audit, leaf);
    node_vouch(active, leaf);
    return state_replay(active->state, index, leaf, err);
}

tsec_rc
active_open_log(struct node *node, struct active *active, struct tsec_err *err)
{
    const struct node_options *o = &node->options;
    struct audit_options audit = o->audit;
    struct node_seen_list seen;
    TSEC_AUTO_BUF struct tsec_buf tree = TSEC_BUF_INIT((size_t)1 << 18);
    struct ledger_options ledger = {
        .ops = o->store_ops,
        .store = o->store,
        .origin = node->origin,
        .segment_key = keyring_segment_key(active->fixed),
        .signing_key = keyring_signing_key(active->fixed),
    };

    audit.origin = node->origin;
    audit.clock = o->clock;
    TSEC_TRY(node_seen_recall(node, &ledger, &seen, err)); /* before the log, which only grows */
    TSEC_TRY(audit_new(&audit, &active->audit, err));
    TSEC_TRY(node_restore(node, active, &tree, err));
    TSEC_TRY(tsec_buf_check(&tree, err));
    ledger.tree = tsec_buf_span(&tree);
    ledger.seen = seen.list;
    ledger.seen_len = seen.len;
    TSEC_TRY(ledger_open(&ledger, replay_leaf, active, &active->ledger, err));
    TSEC_TRY(node_vouched(active, err));
    node_seen_opened(active, &seen);
    return staging_new(active->state, tsec_secret_bytes(active->root), &active->staging, err);
}

static tsec_rc
evidence_digest(struct node *node, struct tsec_span vkey, char hex[2 * TSEC_SHA256_LEN + 1],
                struct tsec_err *err)
{
    const struct node_options *o = &node->options;
    TSEC_AUTO_BUF struct tsec_buf evidence = TSEC_BUF_INIT(TSEC_EVIDENCE_MAX);
    const struct tsec_sink sink = tsec_buf_sink(&evidence);
    struct tsec_evidence_request request = { .struct_size = sizeof(request) };
    const struct tsec_span parts[] = { vkey, tsec_span(o->config_digest, TSEC_SHA384_LEN) };
    const char *format = NULL;
    uint8_t digest[TSEC_SHA256_LEN];

    tsec_hash_parts(TSEC_SHA512, parts, TSEC_ARRAY_LEN(parts), request.binding);
    TSEC_TRY(o->attest_ops->evidence(o->attest, &request, &format, &sink, err));
    tsec_sha256(tsec_buf_span(&evidence), digest);
    tsec_hex_encode(tsec_span(digest, sizeof(digest)), hex);
    return TSEC_OK;
}

static void
put_hex(struct tsec_json_out *json, const char *key, const uint8_t *bytes, size_t len)
{
    char hex[2 * 64 + 1];

    tsec_hex_encode(tsec_span(bytes, len), hex);
    tsec_json_put_str(json, key, hex);
}

tsec_rc
active_boot_leaf(struct node *node, struct active *active, struct ledger_batch *batch,
                 struct tsec_err *err)
{
    const struct node_options *o = &node->options;
    TSEC_AUTO_BUF struct tsec_buf vkey = TSEC_BUF_INIT(512);
    TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(4096);
    struct tsec_attest_info tee = { .struct_size = sizeof(tee) };
    struct tsec_json_out json = tsec_json_out(&leaf);
    char evidence[2 * TSEC_SHA256_LEN + 1];
    uint8_t nonce[32];

    TSEC_TRY(tsec_note_vkey(node->origin, keyring_signing_key(active->fixed), &vkey, err));
    TSEC_TRY(evidence_digest(node, tsec_buf_span(&vkey), evidence, err));
    o->attest_ops->describe(o->attest, &tee);
    tsec_rand_bytes(nonce, sizeof(nonce));
    tsec_leaf_header(&leaf, TSEC_LEAF_BOOT, ledger_batch_next(batch));
    tsec_json_object(&json);
    tsec_json_put_int(&json, "audit_epoch", audit_epoch(active->audit));
    tsec_json_put_str(&json, "build", o->build);
    put_hex(&json, "config", o->config_digest, TSEC_SHA384_LEN);
    tsec_json_put_str(&json, "evidence", evidence);
    put_hex(&json, "measurement", tee.measurement, tee.measurement_len);
    put_hex(&json, "nonce", nonce, sizeof(nonce));
    tsec_json_put_bool(&json, "simulated", tee.simulated);
    tsec_json_put_int(&json, "svn", (int64_t)tee.svn);
    tsec_json_put_str(&json, "tee", tee.tee);
    tsec_json_put_span(&json, "vkey", tsec_buf_span(&vkey));
    tsec_json_object_end(&json);
    TSEC_TRY(tsec_buf_check(&leaf, err));
    return ledger_batch_add(batch, tsec_buf_span(&leaf), err);
}

tsec_rc
active_start(struct node *node, struct active *active, struct tsec_err *err)
{
    struct sequencer_hooks hooks = node_hooks;
    const struct sequencer_options options = {
        .ledger = active->ledger,
        .clock = node->options.clock,
        .queue_max = node->options.queue_max == 0 ? QUEUE_DEFAULT : node->options.queue_max,
        .batch_max = BATCH_OPS,
        .patience_ns = node->options.patience_ns == 0 ? PATIENCE_NS : node->options.patience_ns,
        .exclusive = node_is_alone(node),
        .stepped = node->options.stepped,
    };

    node_seen_keep(node, active);
    hooks.ctx = node;
    node->active = *active;

    const tsec_rc rc = sequencer_start(&options, &hooks, &node->active.sequencer, err);

    memset(active, 0, sizeof(*active));
    if (tsec_failed(rc)) {
        active_done(&node->active);
        return rc;
    }
    node->status = NODE_ACTIVE;
    node_history_start(node);
    return TSEC_OK;
}

/* A store that just went away may be back in a moment; whether a cluster was made must not stay in
 * doubt for less. */
tsec_rc
active_commit(struct node *node, struct active *active, struct ledger_batch *batch,
              const struct tsec_store_op *ops, size_t n, struct tsec_err *err)
{
    tsec_rc rc = ledger_commit(active->ledger, batch, ops, n, err);

    for (unsigned tries = 0; rc.code == TSEC_E_OUTCOME_UNKNOWN && tries < RESOLVE_TRIES; tries++) {
        if (tries > 0 && !node->options.stepped) {
            (void)usleep(RESOLVE_PAUSE_US);
        }
        rc = ledger_resolve(active->ledger, batch, ops, n, err);
    }
    return rc;
}

static tsec_rc
try_boot(struct node *node, struct active *active, struct tsec_err *err)
{
    struct ledger_batch batch;

    ledger_batch_begin(active->ledger, &batch);

    tsec_rc rc = active_boot_leaf(node, active, &batch, err);

    if (!tsec_failed(rc)) {
        rc = active_commit(node, active, &batch, NULL, 0, err);
    }
    ledger_batch_done(&batch);
    return rc;
}

/* Others may write meanwhile; whoever just caught up is soon first. */
static tsec_rc
append_boot(struct node *node, struct active *active, struct tsec_err *err)
{
    tsec_rc rc = { TSEC_E_CONFLICT };

    for (int tries = 0; rc.code == TSEC_E_CONFLICT && tries < BOOT_TRIES; tries++) {
        TSEC_TRY(active_catch_up(node, active, err));
        rc = try_boot(node, active, err);
    }
    return rc;
}

static tsec_rc
open_active(struct node *node, struct active *active, struct tsec_err *err)
{
    const struct node_options *o = &node->options;
    TSEC_AUTO(keyring_free) struct keyring *keyring = NULL;
    struct state_source source = { .ops = o->store_ops, .store = o->store };

    TSEC_TRY(open_root(node, active, err));
    source.root = tsec_secret_bytes(active->root);
    TSEC_TRY(state_keyring_open(&source, node->origin, &keyring, err));
    TSEC_TRY(active_keys(active, keyring, err));
    TSEC_TRY(state_new(&keyring, &active->state, err));
    TSEC_TRY(active_open_log(node, active, err));
    TSEC_TRY(state_load(active->state, &source, &active->rows_behind, err));
    TSEC_TRY(append_boot(node, active, err));
    return active_start(node, active, err);
}

tsec_rc
node_activate(struct node *node, struct tsec_err *err)
{
    struct active active = { .root = NULL };
    const tsec_rc rc = open_active(node, &active, err);

    if (tsec_failed(rc)) {
        active_done(&active);
    }
    return rc;
}
