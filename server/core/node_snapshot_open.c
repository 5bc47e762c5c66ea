/* SPDX-License-Identifier: Apache-2.0 */
/* A start from a snapshot: the pointer, its parts, and the leaf of the log that vouches for them.
 */
#include "codec/pack.h"
#include "core/node_internal.h"

enum { RESTORE_TRIES = 8 };

struct opening {
    struct node *node;
    struct active *active;
    struct snapshot_name name;
    struct snapshot_sum sum;
    struct tsec_buf plain;
};

static void
opening_done(struct opening *o)
{
    tsec_buf_done(&o->plain);
    snapshot_sum_done(&o->sum);
}

/* ---- reading ---- */

static tsec_rc
read_row(const struct node *node, struct tsec_span key, struct tsec_buf *out, struct tsec_err *err)
{
    const struct node_options *o = &node->options;
    const struct tsec_sink sink = tsec_buf_sink(out);

    TSEC_TRY(o->store_ops->get(o->store, key, &sink, err));
    return tsec_buf_check(out, err);
}

/* *is false: there is none. */
static tsec_rc
read_pointer(struct opening *o, bool *is, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf value = TSEC_BUF_INIT(SNAPSHOT_POINTER_LEN);
    const tsec_rc rc = read_row(o->node, SNAPSHOT_POINTER_KEY, &value, err);

    *is = rc.code != TSEC_E_NOT_FOUND;
    if (!*is) {
        return TSEC_OK;
    }
    if (rc.code == TSEC_E_TOO_LARGE
        || (!tsec_failed(rc) && !snapshot_pointer_read(tsec_buf_span(&value), &o->name))) {
        return snapshot_refused(err);
    }
    return rc;
}

static tsec_rc
read_part(struct opening *o, uint32_t i, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(TSEC_STORE_VALUE_MAX);
    const struct snapshot_seal seal = { o->node->origin, keyring_ledger_key(o->active->fixed) };
    uint8_t key[SNAPSHOT_KEY_LEN];

    snapshot_key(&o->name, i, key);

    const tsec_rc rc = read_row(o->node, tsec_span(key, sizeof(key)), &sealed, err);

    if (rc.code == TSEC_E_NOT_FOUND || rc.code == TSEC_E_TOO_LARGE) {
        return snapshot_refused(err);
    }
    TSEC_TRY(rc);
    snapshot_sum_add(&o->sum, tsec_buf_span(&sealed));
    return snapshot_part_open(&seal, &o->name, i, tsec_buf_span(&sealed), &o->plain, err);
}

static tsec_rc
read_parts(struct opening *o, struct tsec_err *err)
{
    tsec_buf_init(&o->plain, (size_t)SNAPSHOT_PARTS_MAX * SNAPSHOT_PART_BYTES);
    snapshot_sum_init(&o->sum);
    for (uint32_t i = 0; i < o->name.parts; i++) {
        TSEC_TRY(read_part(o, i, err));
    }
    return tsec_buf_check(&o->sum.hashes, err);
}

static bool
same_name(const struct snapshot_name *a, const struct snapshot_name *b)
{
    return a->size == b->size && a->parts == b->parts
           && tsec_span_equal(tsec_span(a->id, SNAPSHOT_ID_LEN), tsec_span(b->id, SNAPSHOT_ID_LEN));
}

/* Another server may put its own snapshot in the place of the one that is being read; then the
 * pointer is another.  A snapshot whose pointer stays must be whole. */
static tsec_rc
read_snapshot(struct opening *o, bool *is, struct tsec_err *err)
{
    TSEC_TRY(read_pointer(o, is, err));
    for (int tries = 1; *is; tries++) {
        const struct snapshot_name was = o->name;
        const tsec_rc rc = read_parts(o, err);

        if (rc.code != TSEC_E_TAMPERED || tries == RESTORE_TRIES) {
            return rc;
        }
        opening_done(o);
        TSEC_TRY(read_pointer(o, is, err));
        if (*is && same_name(&was, &o->name)) {
            return snapshot_refused(err);
        }
    }
    return TSEC_OK;
}

static tsec_rc
restore(struct opening *o, struct tsec_buf *tree, struct tsec_err *err)
{
    struct tsec_reader in = tsec_reader(tsec_buf_span(&o->plain));
    const struct tsec_span bytes = tsec_read_bytes(&in, SNAPSHOT_TREE_MAX);
    const uint32_t epoch = tsec_read_u32(&in);
    struct tsec_reader size = tsec_reader(bytes);
    struct active *a = o->active;

    if (in.failed || tsec_read_u64(&size) != o->name.size) {
        return snapshot_refused(err);
    }
    a->begun_at =
        (struct snapshot_claim){ .size = o->name.size, .length = o->sum.length, .hash = { 0 } };
    snapshot_sum_hash(&o->sum, a->begun_at.hash);
    a->snapshot_size = o->name.size;
    tsec_buf_put_span(tree, bytes);
    audit_restore(a->audit, epoch);
    return state_restore(a->state, in.rest, err);
}

tsec_rc
node_restore(struct node *node, struct active *active, struct tsec_buf *tree, struct tsec_err *err)
{
    struct opening o = { .node = node, .active = active };
    bool is = false;
    tsec_rc rc = read_snapshot(&o, &is, err);

    if (!tsec_failed(rc) && is) {
        rc = restore(&o, tree, err);
    }
    opening_done(&o);
    return rc;
}

/* ---- the leaf that vouches ---- */

void
node_vouch(struct active *active, struct tsec_span leaf)
{
    const struct snapshot_claim *begun = &active->begun_at;
    struct snapshot_claim claim;

    if (snapshot_leaf_read(leaf, &claim) && claim.size == begun->size
        && claim.length == begun->length
        && tsec_ct_equal(tsec_span(claim.hash, sizeof(claim.hash)),
                         tsec_span(begun->hash, sizeof(begun->hash)))) {
        active->snapshot_vouched = true;
    }
}

tsec_rc
node_vouched(const struct active *active, struct tsec_err *err)
{
    return active->begun_at.length == 0 || active->snapshot_vouched ? TSEC_OK
                                                                    : snapshot_refused(err);
}
