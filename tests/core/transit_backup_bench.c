/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/core/transit_backup_bench.h"

#include "base/base64.h"

struct tsec_arena *backups_arena;
struct tsec_buf backups_text = TSEC_BUF_INIT(TRANSIT_BACKUP_MAX + 16);

void
backups_begin(void)
{
    OK(tsec_arena_new(64 << 20, &backups_arena, NULL));
    keys_begin();
}

void
backups_end(void)
{
    keys_end();
    tsec_buf_done(&backups_text);
    tsec_arena_free(backups_arena);
}

static tsec_rc
run_backup(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct transit_key *key = NULL;

    tsec_buf_reset(&backups_text);
    TSEC_TRY(transit_key_find(txn, KEYS_MOUNT, tsec_span_str(ctx), &key, err));
    return transit_backup(txn, KEYS_MOUNT, key, &backups_text, err);
}

tsec_rc
backups_take(const char *name)
{
    char copy[TRANSIT_NAME_MAX + 1] = "";

    memcpy(copy, name, strlen(name));
    return keys_run(run_backup, copy);
}

struct restore {
    const char *name;
    struct tsec_span backup;
    bool force;
};

static tsec_rc
run_restore(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct restore *r = ctx;
    struct transit_backup_key key;

    TSEC_TRY(transit_backup_read(r->backup, txn_now(txn), txn_arena(txn), &key, err));
    return transit_restore(txn, KEYS_MOUNT, tsec_span_str(r->name), &key, r->force, err);
}

tsec_rc
backups_restore(const char *name, bool force)
{
    struct restore r = { name, tsec_buf_span(&backups_text), force };

    return keys_run(run_restore, &r);
}

tsec_rc
backups_restore_json(const char *name, const char *json)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(65536);
    struct restore r = { name, { NULL, 0 }, false };

    tsec_base64_append(&text, TSEC_BASE64_STD, tsec_span_str(json));
    r.backup = tsec_buf_span(&text);
    return keys_run(run_restore, &r);
}

const struct transit_settings backups_allowed = {
    .has_exportable = true,
    .exportable = true,
    .has_plaintext_backup = true,
    .plaintext_backup = true,
};

/* Two versions of their own material. */
void
backups_create_two(const char *name, enum transit_type type)
{
    const struct transit_key settings = { .name = name,
                                          .type_name = transit_traits(type)->name,
                                          .exportable = true,
                                          .plaintext_backup = true };
    struct transit_fresh fresh;

    OK(transit_make(type, 0, backups_arena, &fresh, NULL));
    OK(keys_create(&settings, &fresh));
    keys_advance(100);
    OK(transit_make(type, 0, backups_arena, &fresh, NULL));
    OK(keys_rotate(name, &fresh));
}

static struct transit_version
kept_version(const char *name, int64_t number)
{
    const struct transit_version *version = keys_version(name, number);
    struct transit_version copy;

    CU_ASSERT_PTR_NOT_NULL_FATAL(version);
    copy = *version;
    copy.material.ptr = (uint8_t *)tsec_arena_dup(backups_arena, version->material);
    copy.hmac_key.ptr = (uint8_t *)tsec_arena_dup(backups_arena, version->hmac_key);
    copy.spki.ptr = (uint8_t *)tsec_arena_dup(backups_arena, version->spki);
    copy.chain.ptr = (uint8_t *)tsec_arena_dup(backups_arena, version->chain);
    return copy;
}

void
backups_expect_same(const char *a, const char *b, int64_t number, bool hmac)
{
    const struct transit_version one = kept_version(a, number);
    const struct transit_version two = kept_version(b, number);

    CU_ASSERT_TRUE(tsec_span_equal(one.material, two.material));
    CU_ASSERT_TRUE(tsec_span_equal(one.spki, two.spki));
    CU_ASSERT_TRUE(tsec_span_equal(one.chain, two.chain));
    CU_ASSERT_TRUE(hmac || tsec_span_equal(one.hmac_key, two.hmac_key));
    CU_ASSERT_EQUAL(one.created_ns, two.created_ns);
    CU_ASSERT_TRUE(two.imported);
}
