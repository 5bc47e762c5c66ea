/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots: the tree and what every row must be, so that a start need not read the whole log.
 *
 *     "S" ‖ u64 size ‖ u32 i     part i: nonce[24] ‖ XAES-256-GCM(K_ledger, aad, bytes)
 *     aad   = "TSN1" ‖ LP(origin) ‖ u64 size ‖ u32 i ‖ u32 parts
 *     bytes = LP(tree) ‖ u32 epoch ‖ LP-less rest: state_pack()
 *     leaf  = kind 5: u64 size ‖ SHA-256 of the parts ‖ u64 their length
 *
 * Parts and leaf are one commit, which also takes the older parts away; the leaf follows the
 * snapshot in the log, so that a start from it meets the leaf that vouches for it. */
#include <stdlib.h>
#include <unistd.h>

#include "codec/leaf.h"
#include "codec/pack.h"
#include "core/node_internal.h"
#include "crypto/rand.h"

enum {
    PART_KEY_LEN = 13,
    PART_PLAIN = 960 * 1024,
    PART_OVERHEAD = TSEC_XAES_NONCE_LEN + TSEC_AEAD_TAG_LEN,
    PARTS_MAX = 2048,
    AAD_MAX = 256,
    WAIT_STEP_MS = 50,
    RESOLVE_WAIT_MAX_MS = 1000,
    RESOLVE_MS = 30000,    /* while others wait for the ledger */
    RESOLVE_END_MS = 5000, /* while the node is being sealed */
    HISTORY_WAIT_MIN_MS = 100,
    HISTORY_WAIT_MAX_MS = 60000,
};

/* Less when the flag becomes true meanwhile. */
static void
wait_ms(unsigned ms, const atomic_bool *stop)
{
    for (unsigned past = 0; past < ms && (stop == NULL || !atomic_load(stop));
         past += WAIT_STEP_MS) {
        (void)usleep(WAIT_STEP_MS * 1000);
    }
}

struct part {
    uint8_t key[PART_KEY_LEN];
    struct tsec_buf blob;
};

static void
part_key(uint64_t size, uint32_t i, uint8_t key[PART_KEY_LEN])
{
    key[0] = 'S';
    for (unsigned b = 0; b < 8; b++) {
        key[1 + b] = (uint8_t)(size >> (56 - 8 * b));
    }
    for (unsigned b = 0; b < 4; b++) {
        key[9 + b] = (uint8_t)(i >> (24 - 8 * b));
    }
}

static void
part_aad(const struct node *node, uint64_t size, uint32_t i, uint32_t parts, struct tsec_buf *aad)
{
    tsec_buf_put(aad, "TSN1", 4);
    tsec_pack_str(aad, node->origin);
    tsec_pack_u64(aad, size);
    tsec_pack_u32(aad, i);
    tsec_pack_u32(aad, parts);
}

/* ---- taking one ---- */

struct taking {
    struct part *parts;
    uint32_t parts_len;
    struct tsec_store_op *ops;
    size_t ops_len;
    uint8_t (*old)[PART_KEY_LEN];
    size_t old_len;
    struct ledger_batch batch;
    struct tsec_err *err;
};

static void
taking_done(struct taking *t)
{
    for (uint32_t i = 0; i < t->parts_len; i++) {
        tsec_buf_done(&t->parts[i].blob);
    }
    free(t->parts);
    free(t->ops);
    free(t->old);
    ledger_batch_done(&t->batch);
}

static tsec_rc
seal_part(struct node *node, struct active *a, struct taking *t, uint32_t i, struct tsec_span plain,
          struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf aad = TSEC_BUF_INIT(AAD_MAX);
    struct part *part = &t->parts[i];

    part_key(t->batch.first, i, part->key);
    part_aad(node, t->batch.first, i, t->parts_len, &aad);
    tsec_buf_init(&part->blob, TSEC_STORE_VALUE_MAX);

    uint8_t *out = tsec_buf_extend(&part->blob, plain.len + PART_OVERHEAD);

    TSEC_TRY(tsec_buf_check(&part->blob, err));
    TSEC_TRY(tsec_buf_check(&aad, err));
    tsec_rand_nonce(out, TSEC_XAES_NONCE_LEN);
    return tsec_aead_seal(keyring_ledger_key(a->fixed), out, tsec_buf_span(&aad), plain,
                          out + TSEC_XAES_NONCE_LEN, err);
}

static tsec_rc
seal_parts(struct node *node, struct active *a, struct taking *t, struct tsec_span plain,
           struct tsec_err *err)
{
    const size_t n = (plain.len + PART_PLAIN - 1) / PART_PLAIN;

    if (n > PARTS_MAX) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "a snapshot of %zu bytes", plain.len);
    }
    t->parts = calloc(n, sizeof(*t->parts));
    if (t->parts == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "snapshot");
    }
    t->parts_len = (uint32_t)n;
    for (uint32_t i = 0; i < t->parts_len; i++) {
        const size_t at = (size_t)i * PART_PLAIN;
        const size_t len = plain.len - at < PART_PLAIN ? plain.len - at : PART_PLAIN;

        TSEC_TRY(seal_part(node, a, t, i, tsec_span(plain.ptr + at, len), err));
    }
    return TSEC_OK;
}

static tsec_rc
old_part(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct taking *t = ctx;
    void *grown;

    (void)value;
    if (key.len != PART_KEY_LEN) {
        return TSEC_FAIL(t->err, TSEC_E_TAMPERED, "a row that begins with \"S\" is no snapshot's");
    }
    grown = reallocarray(t->old, t->old_len + 1, PART_KEY_LEN);
    if (grown == NULL) {
        return TSEC_FAIL(t->err, TSEC_E_NO_MEMORY, "snapshot");
    }
    t->old = grown;
    memcpy(t->old[t->old_len++], key.ptr, key.len);
    return TSEC_OK;
}

static tsec_rc
make_ops(struct node *node, struct taking *t, struct tsec_err *err)
{
    const struct node_options *o = &node->options;

    TSEC_TRY(o->store_ops->scan(o->store, tsec_span("S", 1), tsec_span(NULL, 0), PARTS_MAX,
                                old_part, t, err));
    t->ops = calloc(t->old_len + t->parts_len, sizeof(*t->ops));
    if (t->ops == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "snapshot");
    }
    for (uint32_t i = 0; i < t->parts_len; i++) {
        t->ops[t->ops_len++] =
            (struct tsec_store_op){ .verb = TSEC_STORE_PUT,
                                    .expect = TSEC_STORE_ABSENT,
                                    .key = tsec_span(t->parts[i].key, PART_KEY_LEN),
                                    .value = tsec_buf_span(&t->parts[i].blob) };
    }
    for (size_t i = 0; i < t->old_len; i++) {
        t->ops[t->ops_len++] = (struct tsec_store_op){ .verb = TSEC_STORE_DELETE,
                                                       .key = tsec_span(t->old[i], PART_KEY_LEN) };
    }
    return TSEC_OK;
}

static tsec_rc
snapshot_leaf(struct taking *t, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(128);
    struct tsec_span *spans = calloc(t->parts_len, sizeof(*spans));
    uint8_t hash[TSEC_SHA256_LEN];
    uint64_t length = 0;

    if (spans == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "snapshot");
    }
    for (uint32_t i = 0; i < t->parts_len; i++) {
        spans[i] = tsec_buf_span(&t->parts[i].blob);
        length += spans[i].len;
    }
    tsec_hash_parts(TSEC_SHA256, spans, t->parts_len, hash);
    free(spans);
    tsec_leaf_header(&leaf, TSEC_LEAF_SNAPSHOT, ledger_batch_next(&t->batch));
    tsec_pack_u64(&leaf, t->batch.first);
    tsec_buf_put(&leaf, hash, sizeof(hash));
    tsec_pack_u64(&leaf, length);
    TSEC_TRY(tsec_buf_check(&leaf, err));
    return ledger_batch_add(&t->batch, tsec_buf_span(&leaf), err);
}

/* The store may need a while to come back, and until it has said what became of the commit nothing
 * else may follow. */
static tsec_rc
resolve(struct node *node, struct taking *t, struct tsec_err *err)
{
    const unsigned patience = node_status(node) == NODE_ACTIVE ? RESOLVE_MS : RESOLVE_END_MS;
    unsigned wait = WAIT_STEP_MS;
    tsec_rc rc = { TSEC_E_OUTCOME_UNKNOWN };

    for (unsigned past = 0; rc.code == TSEC_E_OUTCOME_UNKNOWN && past < patience; past += wait) {
        if (past > 0) {
            wait_ms(wait, NULL);
            wait = wait * 2 > RESOLVE_WAIT_MAX_MS ? RESOLVE_WAIT_MAX_MS : wait * 2;
        }
        rc = ledger_resolve(node->active.ledger, &t->batch, t->ops, t->ops_len, err);
    }
    return rc;
}

static tsec_rc
take(struct node *node, struct active *a, struct taking *t, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT((size_t)PARTS_MAX * PART_PLAIN);
    TSEC_AUTO_BUF struct tsec_buf tree = TSEC_BUF_INIT((size_t)1 << 18);

    ledger_pack(a->ledger, &tree);
    TSEC_TRY(tsec_buf_check(&tree, err));
    tsec_pack_bytes(&plain, tsec_buf_span(&tree));
    tsec_pack_u32(&plain, audit_epoch(a->audit));
    state_pack(a->state, &plain);
    TSEC_TRY(tsec_buf_check(&plain, err));
    TSEC_TRY(seal_parts(node, a, t, tsec_buf_span(&plain), err));
    TSEC_TRY(make_ops(node, t, err));
    TSEC_TRY(snapshot_leaf(t, err));

    const tsec_rc rc = ledger_commit(a->ledger, &t->batch, t->ops, t->ops_len, err);

    return rc.code == TSEC_E_OUTCOME_UNKNOWN ? resolve(node, t, err) : rc;
}

tsec_rc
node_snapshot(struct node *node, struct tsec_err *err)
{
    struct active *a = &node->active;
    struct taking t = { .err = err };
    const uint64_t size = ledger_size(a->ledger);

    if (size - a->snapshot_size < NODE_SNAPSHOT_MIN) {
        return TSEC_OK;
    }
    a->snapshot_tried = size;
    ledger_batch_begin(a->ledger, &t.batch);

    const tsec_rc rc = take(node, a, &t, err);

    if (!tsec_failed(rc)) {
        a->snapshot_size = t.batch.first;
    } else {
        node_notice(node, "no snapshot was stored", err);
    }
    taking_done(&t);
    return rc;
}

/* A failure is not repeated at every tick: each one costs a reading of all rows. */
bool
node_snapshot_due(const struct active *active)
{
    const uint64_t size = ledger_size(active->ledger);
    struct state_stats stats;
    uint64_t every = NODE_SNAPSHOT_EVERY;

    /* Its price grows with the rows: so does what it saves. */
    state_stats(active->state, &stats);
    every = every < 4 * (uint64_t)stats.rows ? 4 * (uint64_t)stats.rows : every;

    return size - active->snapshot_size >= every
           && size - active->snapshot_tried >= NODE_SNAPSHOT_MIN;
}

/* ---- opening one ---- */

struct opening {
    struct node *node;
    struct active *active;
    struct tsec_buf plain;
    struct tsec_buf sealed; /* all parts, in order, each with a length */
    uint64_t size;
    uint32_t parts;
    struct tsec_err *err;
};

static tsec_rc
part_refused(struct tsec_err *err)
{
    return TSEC_FAIL(err, TSEC_E_TAMPERED,
                     "the ledger's snapshot failed authentication; restore the "
                     "database as it was, or delete its rows that begin with "
                     "\"S\": the start then reads the whole ledger");
}

static tsec_rc
collect_part(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct opening *o = ctx;
    struct tsec_reader in = tsec_reader(key);

    (void)tsec_read_u8(&in);

    const uint64_t size = tsec_read_u64(&in);
    const uint32_t i = tsec_read_u32(&in);

    if (tsec_failed(tsec_reader_end(&in, "snapshot", NULL)) || i != o->parts
        || (o->parts > 0 && size != o->size) || value.len < PART_OVERHEAD) {
        return part_refused(o->err);
    }
    o->size = size;
    o->parts++;
    tsec_pack_bytes(&o->sealed, value);
    return tsec_buf_check(&o->sealed, o->err);
}

static tsec_rc
open_part(struct opening *o, uint32_t i, struct tsec_span sealed)
{
    TSEC_AUTO_BUF struct tsec_buf aad = TSEC_BUF_INIT(AAD_MAX);

    part_aad(o->node, o->size, i, o->parts, &aad);

    uint8_t *out = tsec_buf_extend(&o->plain, sealed.len - PART_OVERHEAD);

    TSEC_TRY(tsec_buf_check(&aad, o->err));
    TSEC_TRY(tsec_buf_check(&o->plain, o->err));
    if (tsec_failed(tsec_aead_open(
            keyring_ledger_key(o->active->fixed), sealed.ptr, tsec_buf_span(&aad),
            tsec_span(sealed.ptr + TSEC_XAES_NONCE_LEN, sealed.len - TSEC_XAES_NONCE_LEN), out,
            NULL))) {
        return part_refused(o->err);
    }
    return TSEC_OK;
}

static tsec_rc
open_parts(struct opening *o)
{
    struct tsec_reader in = tsec_reader(tsec_buf_span(&o->sealed));
    struct tsec_span *spans = calloc(o->parts, sizeof(*spans));
    tsec_rc rc = TSEC_OK;

    if (spans == NULL) {
        return TSEC_FAIL(o->err, TSEC_E_NO_MEMORY, "snapshot");
    }
    for (uint32_t i = 0; i < o->parts && !tsec_failed(rc); i++) {
        spans[i] = tsec_read_bytes(&in, TSEC_STORE_VALUE_MAX);
        o->active->snapshot_length += spans[i].len;
        rc = open_part(o, i, spans[i]);
    }
    tsec_hash_parts(TSEC_SHA256, spans, o->parts, o->active->snapshot_hash);
    free(spans);
    return rc;
}

static tsec_rc
restore(struct opening *o, struct tsec_buf *tree)
{
    struct tsec_reader in = tsec_reader(tsec_buf_span(&o->plain));
    const struct tsec_span bytes = tsec_read_bytes(&in, (size_t)1 << 18);
    const uint32_t epoch = tsec_read_u32(&in);

    struct tsec_reader size = tsec_reader(bytes);

    if (in.failed || tsec_read_u64(&size) != o->size) {
        return part_refused(o->err);
    }
    tsec_buf_put_span(tree, bytes);
    audit_restore(o->active->audit, epoch);
    return state_restore(o->active->state, in.rest, o->err);
}

tsec_rc
node_restore(struct node *node, struct active *active, struct tsec_buf *tree, struct tsec_err *err)
{
    const struct node_options *options = &node->options;
    struct opening o = { .node = node, .active = active, .err = err };
    tsec_rc rc;

    tsec_buf_init(&o.plain, (size_t)PARTS_MAX * PART_PLAIN);
    tsec_buf_init(&o.sealed, (size_t)PARTS_MAX * (PART_PLAIN + PART_OVERHEAD + 4));
    rc = options->store_ops->scan(options->store, tsec_span("S", 1), tsec_span(NULL, 0), PARTS_MAX,
                                  collect_part, &o, err);
    if (!tsec_failed(rc) && o.parts > 0) {
        rc = open_parts(&o);
        if (!tsec_failed(rc)) {
            active->snapshot_size = o.size;
            rc = restore(&o, tree);
        }
    }
    tsec_buf_done(&o.plain);
    tsec_buf_done(&o.sealed);
    return rc;
}

void
node_vouch(struct active *active, struct tsec_span leaf)
{
    struct tsec_leaf parsed;
    struct tsec_reader in;

    if (tsec_failed(tsec_leaf_parse(leaf, &parsed, NULL)) || parsed.kind != TSEC_LEAF_SNAPSHOT) {
        return;
    }
    in = tsec_reader(parsed.body);

    const uint64_t size = tsec_read_u64(&in);
    const struct tsec_span hash = tsec_read_fixed(&in, TSEC_SHA256_LEN);
    const uint64_t length = tsec_read_u64(&in);

    if (!in.failed && size == active->snapshot_size && length == active->snapshot_length
        && tsec_ct_equal(hash, tsec_span(active->snapshot_hash, sizeof(active->snapshot_hash)))) {
        active->snapshot_vouched = true;
    }
}

void
node_snapshot_met(struct active *active, struct tsec_span leaf)
{
    struct tsec_leaf parsed;

    if (tsec_failed(tsec_leaf_parse(leaf, &parsed, NULL)) || parsed.kind != TSEC_LEAF_SNAPSHOT) {
        return;
    }

    struct tsec_reader in = tsec_reader(parsed.body);
    const uint64_t size = tsec_read_u64(&in);

    if (!in.failed && size > active->snapshot_size) {
        active->snapshot_size = size;
    }
}

tsec_rc
node_vouched(const struct active *active, struct tsec_err *err)
{
    return active->snapshot_length == 0 || active->snapshot_vouched ? TSEC_OK : part_refused(err);
}

/* ---- what lies before ---- */

/* What cannot be read now is read later: a store that refuses just this must not get its way. */
static void *
history_main(void *arg)
{
    struct node *node = arg;
    struct active *a = &node->active;
    unsigned wait = HISTORY_WAIT_MIN_MS;

    while (!atomic_load(&a->history_stop)) {
        struct tsec_err err = { 0 };
        const tsec_rc rc = ledger_check_history(a->ledger, &a->history_stop, &err);

        if (!tsec_failed(rc)) {
            break;
        }
        node_notice(node, "the ledger before the snapshot does not check", &err);
        if (rc.code == TSEC_E_TAMPERED || rc.code == TSEC_E_TOO_LARGE) {
            node_fail(node, &err);
            break;
        }
        wait_ms(wait, &a->history_stop);
        wait = wait * 2 > HISTORY_WAIT_MAX_MS ? HISTORY_WAIT_MAX_MS : wait * 2;
    }
    return NULL;
}

void
node_history_start(struct node *node)
{
    struct active *a = &node->active;

    atomic_store(&a->history_stop, false);
    a->history_due = ledger_from(a->ledger) > 0 && node->options.stepped;
    if (!node->options.stepped && ledger_from(a->ledger) > 0) {
        a->history_running = pthread_create(&a->history, NULL, history_main, node) == 0;
    }
}

void
node_history_step(struct node *node)
{
    if (node->active.history_due) {
        node->active.history_due = false;
        (void)history_main(node);
    }
}

void
node_history_stop(struct active *active)
{
    if (active->history_running) {
        atomic_store(&active->history_stop, true);
        (void)pthread_join(active->history, NULL);
        active->history_running = false;
    }
}
