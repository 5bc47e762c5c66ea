/* SPDX-License-Identifier: Apache-2.0 */
#include "core/node.h"

#include <stdlib.h>

#include "core/node_internal.h"
#include "crypto/note.h"
#include "crypto/rand.h"
#include "sealed/slot.h"

/* ---- life ---- */

static tsec_rc
node_alloc(const struct node_options *options, struct node **out, struct tsec_err *err)
{
    struct node *node = calloc(1, sizeof(*node));

    if (node == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "node");
    }
    node->options = *options;
    (void)pthread_rwlock_init(&node->lock, NULL);
    (void)pthread_mutex_init(&node->life, NULL);
    (void)pthread_mutex_init(&node->pending_lock, NULL);
    (void)pthread_cond_init(&node->pending_zero, NULL);
    node->opened_ns = tsec_clock_real_ns(options->clock);
    *out = node;
    if (!tsec_note_name_valid(tsec_span_str(options->origin))
        || strlen(options->origin) >= sizeof(node->origin)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "audit.origin is not a ledger name");
    }
    memcpy(node->origin, options->origin, strlen(options->origin) + 1);
    return strangers_new(&node->strangers, err);
}

/* The TEE's randomness is mixed in before the first key is made. */
static tsec_rc
mix_entropy(const struct node_options *o, struct tsec_err *err)
{
    uint8_t bytes[64];

    TSEC_TRY(o->attest_ops->entropy(o->attest, bytes, sizeof(bytes), err));
    tsec_rand_mix(tsec_span(bytes, sizeof(bytes)));
    explicit_bzero(bytes, sizeof(bytes));
    return TSEC_OK;
}

static tsec_rc
node_begin(struct node *node, struct tsec_err *err)
{
    bool initialized = false;
    bool leaves = false;

    TSEC_TRY(mix_entropy(&node->options, err));
    TSEC_TRY(node_store_has(node, "k", &initialized, err));
    if (initialized) {
        /* Nobody else is here yet, but the sequencer's thread will be. */
        (void)pthread_rwlock_wrlock(&node->lock);

        const tsec_rc rc = node_activate(node, err);

        (void)pthread_rwlock_unlock(&node->lock);
        return rc;
    }
    TSEC_TRY(node_store_has(node, "e", &leaves, err));
    if (leaves) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "the store has a ledger but no keyring");
    }
    node->status = NODE_UNINITIALIZED;
    return node_watch_start(node, err);
}

tsec_rc
node_open(const struct node_options *options, struct node **out, struct tsec_err *err)
{
    struct node *node = NULL;
    tsec_rc rc = node_alloc(options, &node, err);

    if (!tsec_failed(rc)) {
        rc = node_begin(node, err);
    }
    if (tsec_failed(rc)) {
        node_close(node);
        return rc;
    }
    *out = node;
    return TSEC_OK;
}

int64_t
node_step(struct node *node)
{
    if (node->status == NODE_ACTIVE) {
        node_history_step(node);
        node_snapshot_step(node);
        return sequencer_step(node->active.sequencer);
    }
    if (node->status == NODE_FAILED) { /* who waits is answered all the same */
        return sequencer_step(node->active.sequencer);
    }
    if (node->status == NODE_UNINITIALIZED) {
        node_watch_look(node);
    }
    return TSEC_NS_PER_S;
}

static void
wait_for_pending(struct node *node)
{
    if (node->options.stepped) {
        return; /* stopping the sequencer answers all of it */
    }
    (void)pthread_mutex_lock(&node->pending_lock);
    while (node->pending > 0) {
        (void)pthread_cond_wait(&node->pending_zero, &node->pending_lock);
    }
    (void)pthread_mutex_unlock(&node->pending_lock);
}

static void join_sealer(struct node *node);

void
node_close(struct node *node)
{
    if (node == NULL) {
        return;
    }
    node_watch_stop(node);
    if (node->status == NODE_ACTIVE || node->status == NODE_FAILED) {
        struct tsec_err ignored;

        (void)node_seal(node, &ignored).code;
    }
    join_sealer(node);
    strangers_free(node->strangers);
    (void)pthread_cond_destroy(&node->pending_zero);
    (void)pthread_mutex_destroy(&node->pending_lock);
    (void)pthread_mutex_destroy(&node->life);
    (void)pthread_rwlock_destroy(&node->lock);
    free(node);
}

enum node_status
node_status(struct node *node)
{
    (void)pthread_rwlock_rdlock(&node->lock);

    const bool ending = node->status == NODE_ACTIVE && atomic_load(&node->closing) > 0;
    const enum node_status status = ending ? NODE_SEALED : node->status;

    (void)pthread_rwlock_unlock(&node->lock);
    return status;
}

bool
node_failure(struct node *node, struct tsec_err *out)
{
    (void)pthread_rwlock_rdlock(&node->lock);

    const bool failed = node->status == NODE_FAILED;

    *out = node->failure;
    (void)pthread_rwlock_unlock(&node->lock);
    return failed;
}

static tsec_rc
seal_alone(struct node *node, struct tsec_err *err)
{
    node_flush_strangers(node, true);
    (void)atomic_fetch_add(&node->closing, 1);
    (void)pthread_rwlock_wrlock(&node->lock);

    const bool was_active = node->status == NODE_ACTIVE || node->status == NODE_FAILED;

    const bool had_failed = node->status == NODE_FAILED;

    if (was_active) {
        node->status = NODE_SEALED; /* nothing new comes in from here on */
    }
    (void)pthread_rwlock_unlock(&node->lock);
    (void)atomic_fetch_sub(&node->closing, 1);
    if (!was_active) {
        return TSEC_FAIL(err, TSEC_E_SEALED, "the node is not active");
    }
    wait_for_pending(node);
    /* Not under the lock: the sequencer's own jobs take it, and are refused. */
    const bool known = sequencer_stop(node->active.sequencer);

    node_history_stop(&node->active);
    node_snapshot_end(node, known && !had_failed);
    node_seen_settle(node);
    (void)pthread_rwlock_wrlock(&node->lock);
    node->active.sequencer = NULL;
    active_done(&node->active);
    (void)pthread_rwlock_unlock(&node->lock);
    if (node->options.sealed != NULL) {
        node->options.sealed(node->options.sealed_ctx);
    }
    return TSEC_OK;
}

tsec_rc
node_seal(struct node *node, struct tsec_err *err)
{
    (void)pthread_mutex_lock(&node->life);

    const tsec_rc rc = seal_alone(node, err);

    (void)pthread_mutex_unlock(&node->life);
    return rc;
}

static void *
seal_main(void *arg)
{
    struct node *node = arg;
    struct tsec_err ignored;

    (void)node_seal(node, &ignored).code;
    (void)atomic_fetch_sub(&node->closing, 1);
    return NULL;
}

/* The last thread that sealed, if any, is done or about to be. */
static void
join_sealer(struct node *node)
{
    (void)pthread_mutex_lock(&node->pending_lock);

    const bool started = node->sealer_started;

    node->sealer_started = false;
    (void)pthread_mutex_unlock(&node->pending_lock);
    if (started) {
        (void)pthread_join(node->sealer, NULL);
    }
}

tsec_rc
node_seal_soon(struct node *node, struct tsec_err *err)
{
    join_sealer(node);
    (void)pthread_mutex_lock(&node->pending_lock);

    const bool first = !node->sealer_started;
    bool failed = false;

    if (first) {
        (void)atomic_fetch_add(&node->closing, 1); /* who is answered after this finds it sealed */
        failed = pthread_create(&node->sealer, NULL, seal_main, node) != 0;
        node->sealer_started = !failed;
    }
    if (failed) {
        (void)atomic_fetch_sub(&node->closing, 1);
    }
    (void)pthread_mutex_unlock(&node->pending_lock);
    return failed ? TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no thread to seal with") : TSEC_OK;
}

static bool
anybody(void *ctx)
{
    (void)ctx;
    return true;
}

tsec_rc
node_unseal(struct node *node, struct tsec_err *err)
{
    return node_unseal_if(node, anybody, NULL, err);
}

tsec_rc
node_unseal_if(struct node *node, bool (*may)(void *ctx), void *ctx, struct tsec_err *err)
{
    tsec_rc rc = TSEC_OK;

    join_sealer(node);
    (void)pthread_mutex_lock(&node->life);
    (void)pthread_rwlock_wrlock(&node->lock);
    if (node->status == NODE_UNINITIALIZED) {
        rc = TSEC_FAIL(err, TSEC_E_NOT_INITIALIZED, "not initialised");
    } else if (node->status == NODE_FAILED) {
        rc =
            TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "the node has failed: seal it first, or restart it");
    } else if (node->status == NODE_ACTIVE && atomic_load(&node->closing) > 0) {
        rc = TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "the node is being sealed");
    } else if (node->status == NODE_SEALED) {
        rc = may(ctx) ? node_activate(node, err)
                      : TSEC_FAIL(err, TSEC_E_DENIED, "not for this caller to unseal");
    }
    (void)pthread_rwlock_unlock(&node->lock);
    (void)pthread_mutex_unlock(&node->life);
    return rc;
}

/* ---- the first time ---- */

/* What the first commit holds besides the ledger's first segment. */
struct birth {
    struct active active;
    struct tsec_buf keyring_blob;
    struct tsec_buf wrapping;
    struct tsec_buf slot_blob;
    uint8_t keyring_key[KEYRING_KEY_LEN];
    uint8_t slot_key[SLOT_KEY_LEN];
    struct ledger_batch batch;
    struct tsec_store_op *ops;
};

static tsec_rc
birth_keys(struct node *node, struct birth *b, struct keyring **keyring, struct tsec_err *err)
{
    const struct node_options *o = &node->options;
    const struct tsec_sink sink = tsec_buf_sink(&b->wrapping);
    struct tsec_attest_info tee = { .struct_size = sizeof(tee) };
    struct slot slot = { .id = 1, .generation = 1 };
    uint8_t *root = NULL;

    TSEC_TRY(tsec_secret_new(TSEC_ROOT_KEY_LEN, &b->active.root, err));
    root = tsec_secret_bytes(b->active.root);
    TSEC_TRY(o->attest_ops->root_key_create(o->attest, root, &sink, err));
    TSEC_TRY(tsec_buf_check(&b->wrapping, err));
    TSEC_TRY(keyring_new(node->origin, tsec_clock_real_ns(o->clock), keyring, err));
    TSEC_TRY(keyring_seal(*keyring, root, &b->keyring_blob, err));
    o->attest_ops->describe(o->attest, &tee);
    for (size_t i = 0; i < SLOT_KIND_MAX && tee.tee[i] != '\0'; i++) {
        slot.kind[i] = tee.tee[i];
    }
    slot.created_ns = tsec_clock_real_ns(o->clock);
    slot.wrapping = tsec_buf_span(&b->wrapping);
    TSEC_TRY(slot_bind(&slot, root, err));
    slot_pack(&slot, &b->slot_blob);
    slot_key(slot.id, b->slot_key);
    state_keyring_key(keyring_version(*keyring), b->keyring_key);
    return tsec_buf_check(&b->slot_blob, err);
}

static tsec_rc
genesis_run(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct node_op *op = ctx;

    return op->run(op, txn, &op->audit, err);
}

/* The rows of the genesis, the slot, and the keyring: the first version, or, where the genesis made
 * keys, only the second, which is among the rows beside a deletion of the first. */
static tsec_rc
birth_ops(struct birth *b, const struct tsec_store_op *rows, size_t *n, struct tsec_err *err)
{
    const struct tsec_span first = tsec_span(b->keyring_key, KEYRING_KEY_LEN);
    bool replaced = false;
    size_t len = 0;

    b->ops = calloc(*n + 2, sizeof(*b->ops));
    if (b->ops == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "initialisation");
    }
    for (size_t i = 0; i < *n; i++) {
        if (rows[i].verb == TSEC_STORE_DELETE && tsec_span_equal(rows[i].key, first)) {
            replaced = true;
        } else {
            b->ops[len++] = rows[i];
        }
    }
    if (!replaced) {
        b->ops[len++] = (struct tsec_store_op){ .verb = TSEC_STORE_PUT,
                                                .expect = TSEC_STORE_ABSENT,
                                                .key = first,
                                                .value = tsec_buf_span(&b->keyring_blob) };
    }
    b->ops[len++] = (struct tsec_store_op){ .verb = TSEC_STORE_PUT,
                                            .expect = TSEC_STORE_ABSENT,
                                            .key = tsec_span(b->slot_key, SLOT_KEY_LEN),
                                            .value = tsec_buf_span(&b->slot_blob) };
    *n = len;
    return TSEC_OK;
}

static tsec_rc
birth_leaves(struct node *node, struct birth *b, struct node_op *genesis, struct tsec_err *err)
{
    struct active *a = &b->active;
    TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(256);
    const struct tsec_store_op *rows = NULL;
    size_t n = 0;

    TSEC_TRY(active_boot_leaf(node, a, &b->batch, err));
    state_rotation_leaf(ledger_batch_next(&b->batch), 1, tsec_buf_span(&b->keyring_blob), &leaf);
    TSEC_TRY(tsec_buf_check(&leaf, err));
    TSEC_TRY(ledger_batch_add(&b->batch, tsec_buf_span(&leaf), err));
    TSEC_TRY(audit_begin(a->audit, &b->batch, err));
    TSEC_TRY(state_run(a->state, genesis->arena, genesis->now_ns, genesis_run, genesis,
                       &genesis->txn, err));
    TSEC_TRY(staging_add(a->staging, genesis->txn, err));
    TSEC_TRY(audit_add(a->audit, &b->batch, tsec_buf_span(&genesis->audit), &genesis->index, err));
    TSEC_TRY(staging_seal(a->staging, &b->batch, &rows, &n, err));
    TSEC_TRY(birth_ops(b, rows, &n, err));
    TSEC_TRY(active_commit(node, a, &b->batch, b->ops, n, err));
    audit_publish(a->audit);
    staging_publish(a->staging);
    return TSEC_OK;
}

static tsec_rc
birth_run(struct node *node, struct birth *b, struct node_op *genesis, struct tsec_err *err)
{
    TSEC_AUTO(keyring_free) struct keyring *keyring = NULL;

    TSEC_TRY(birth_keys(node, b, &keyring, err));
    TSEC_TRY(active_keys(&b->active, keyring, err));
    TSEC_TRY(state_new(&keyring, &b->active.state, err));
    state_keyring_blob(b->active.state, tsec_buf_span(&b->keyring_blob));
    TSEC_TRY(active_open_log(node, &b->active, err));
    if (ledger_size(b->active.ledger) != 0) {
        return TSEC_FAIL(err, TSEC_E_CONFLICT, "another server initialised this store");
    }
    ledger_batch_begin(b->active.ledger, &b->batch);
    node->active.keys = b->active.keys; /* the genesis makes a token */

    const tsec_rc rc = birth_leaves(node, b, genesis, err);

    ledger_batch_done(&b->batch);
    memset(&node->active.keys, 0, sizeof(node->active.keys));
    TSEC_TRY(rc);
    return active_start(node, &b->active, err);
}

/* Then its cluster is ours too.  What a birth fails with tells nothing: another's log does not open
 * with the keys that were to be new. */
static bool
somebody_was_faster(struct node *node)
{
    struct tsec_err why = { 0 };
    bool initialized = false;

    if (node->status != NODE_UNINITIALIZED
        || tsec_failed(node_store_has(node, "k", &initialized, &why)) || !initialized) {
        return false;
    }
    if (tsec_failed(node_activate(node, &why))) {
        node_notice(node, "the cluster that another server made does not open yet", &why);
    }
    return true;
}

tsec_rc
node_init(struct node *node, struct node_op *genesis, struct tsec_err *err)
{
    struct birth b = { .ops = NULL };
    tsec_rc rc = TSEC_OK;

    tsec_buf_init(&b.keyring_blob, TSEC_STORE_VALUE_MAX);
    tsec_buf_init(&b.wrapping, SLOT_WRAPPING_MAX);
    tsec_buf_init(&b.slot_blob, SLOT_WRAPPING_MAX + 256);
    tsec_buf_init(&genesis->audit, 4096);
    genesis->node = node;
    genesis->txn = NULL;
    (void)pthread_mutex_lock(&node->life);
    (void)pthread_rwlock_wrlock(&node->lock);
    if (node->status != NODE_UNINITIALIZED) {
        rc = TSEC_FAIL(err, TSEC_E_CONFLICT, "initialised already");
    } else {
        rc = birth_run(node, &b, genesis, err);
        if (tsec_failed(rc) && rc.code != TSEC_E_OUTCOME_UNKNOWN && somebody_was_faster(node)) {
            rc = TSEC_FAIL(err, TSEC_E_CONFLICT, "another server initialised this store");
        }
    }
    (void)pthread_rwlock_unlock(&node->lock);
    (void)pthread_mutex_unlock(&node->life);
    op_release(genesis);
    active_done(&b.active);
    free(b.ops);
    tsec_buf_done(&b.keyring_blob);
    tsec_buf_done(&b.wrapping);
    tsec_buf_done(&b.slot_blob);
    return rc;
}
