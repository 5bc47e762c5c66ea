/* SPDX-License-Identifier: Apache-2.0 */
#include "core/genesis.h"

#include "core/mount.h"
#include "core/policy_store.h"

enum { GENESIS_ARENA_MAX = 4 * 1024 * 1024 };

struct genesis_op {
    struct node_op op; /* first */
    struct node *node;
    const struct genesis_by *by;
    struct token_made root;
};

static tsec_rc
make_root(struct txn *txn, struct genesis_op *genesis, struct tsec_err *err)
{
    static const char *policies[] = { TOKEN_ROOT_POLICY };
    const struct token_spec spec = {
        .token = {
            .path = "auth/token/root",
            .display_name = "root",
            .policies = { policies, 1 },
        },
    };

    return token_make(txn, node_keys(genesis->node), &spec, &genesis->root, err);
}

static tsec_rc
run(struct node_op *op, struct txn *txn, struct tsec_buf *audit, struct tsec_err *err)
{
    struct genesis_op *genesis = (struct genesis_op *)(void *)op;
    const struct audit_entry entry = {
        .id = genesis->by->request_id,
        .ts_ns = op->now_ns,
        .actor_kind = "anyone",
        .operation = "sysInit",
        .allow = true,
        .status = 200,
        .remote = genesis->by->remote,
    };

    TSEC_TRY(mount_defaults(txn, err));
    TSEC_TRY(policy_defaults(txn, err));
    TSEC_TRY(make_root(txn, genesis, err));
    audit_entry_json(&entry, node_keys(genesis->node)->pseudonym, audit);
    return tsec_buf_check(audit, err);
}

tsec_rc
genesis(struct node *node, const struct genesis_by *by, char token[TOKEN_TEXT_MAX + 1],
        uint64_t *index, struct tsec_err *err)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = NULL;
    struct genesis_op genesis = { .node = node, .by = by };
    tsec_rc rc;

    TSEC_TRY(tsec_arena_new(GENESIS_ARENA_MAX, &arena, err));
    genesis.op.arena = arena;
    genesis.op.now_ns = by->now_ns;
    genesis.op.run = run;
    rc = node_init(node, &genesis.op, err);
    if (!tsec_failed(rc)) {
        memcpy(token, genesis.root.text, sizeof(genesis.root.text));
        *index = genesis.op.index;
    }
    explicit_bzero(genesis.root.text, sizeof(genesis.root.text));
    return rc;
}
