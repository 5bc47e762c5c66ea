/* SPDX-License-Identifier: Apache-2.0 */
#include "core/genesis.h"

#include "codec/json_fields.h"
#include "core/mount.h"
#include "core/policy_store.h"
#include "tests/double/node_bench.h"
#include "tests/double/store_mem.h"
#include "tests/test.h"

struct seen {
    struct node *node;
    const char *root;
    bool token;
    bool secret;
    bool policy;
};

static tsec_rc
look(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct seen *seen = ctx;
    const struct policy_entry *entry = NULL;
    const struct token *token = NULL;
    const struct mount *mount = NULL;
    uint8_t tag[RECORD_TAG_LEN];

    token_tag(node_keys(seen->node), tsec_span_str(seen->root), tag);
    seen->token = !tsec_failed(token_find(txn, tag, &token, err)) && token_is_root(token);
    seen->secret = !tsec_failed(mount_at(txn, MOUNT_SECRETS, "secret/", &mount, err));
    seen->policy = !tsec_failed(policy_find(txn, "default", &entry, err));
    return seen->secret
               ? txn_put(txn, txn_key3(txn, mount->id, tsec_span_str("/x"), tsec_span("", 0)),
                         tsec_span_str("v"), err)
               : TSEC_OK;
}

static void
the_first_rows_are_there_after_a_restart(void)
{
    struct node_bench b = { .node = NULL };
    struct genesis_by by = { .now_ns = 1 };
    char root[TOKEN_TEXT_MAX + 1] = "";
    struct tsec_err err = { 0 };
    uint64_t index = 0;
    tsec_rc run_rc = TSEC_OK;

    tsec_json_setup();
    CU_ASSERT_EQUAL_FATAL(node_bench_open(&b, "mem:genesis", false, &err).code, 0);
    CU_ASSERT_EQUAL_FATAL(genesis(b.node, &by, root, &index, &err).code, 0);
    CU_ASSERT_TRUE(index > 0);
    CU_ASSERT_EQUAL(strlen(root), 28);
    CU_ASSERT_EQUAL(strncmp(root, "hvs.", 4), 0);
    node_bench_close(&b);
    CU_ASSERT_EQUAL_FATAL(node_bench_open(&b, "mem:genesis", false, &err).code, 0);

    struct seen seen = { .node = b.node, .root = root };

    CU_ASSERT_EQUAL(node_bench_do(&b, look, &seen, &run_rc, &index, &err).code, 0);
    CU_ASSERT_EQUAL(run_rc.code, 0);
    CU_ASSERT_TRUE(seen.token && seen.secret && seen.policy);
    node_bench_close(&b);
    store_mem_forget();
}

static void
a_second_genesis_is_refused(void)
{
    struct node_bench b = { .node = NULL };
    struct genesis_by by = { .now_ns = 1 };
    char root[TOKEN_TEXT_MAX + 1] = "";
    char again[TOKEN_TEXT_MAX + 1] = "";
    struct tsec_err err = { 0 };
    uint64_t index = 0;

    tsec_json_setup();
    CU_ASSERT_EQUAL_FATAL(node_bench_open(&b, "mem:genesis", false, &err).code, 0);
    CU_ASSERT_EQUAL_FATAL(genesis(b.node, &by, root, &index, &err).code, 0);
    CU_ASSERT_EQUAL(genesis(b.node, &by, again, &index, &err).code, TSEC_E_CONFLICT);
    CU_ASSERT_EQUAL(again[0], '\0');
    node_bench_close(&b);
    store_mem_forget();
}

static const struct test_case cases[] = {
    { "the first rows are there after a restart", the_first_rows_are_there_after_a_restart },
    { "a second genesis is refused", a_second_genesis_is_refused },
};

TEST_MAIN("core/genesis", cases)
