/* SPDX-License-Identifier: Apache-2.0 */
/* What is fetched is what the log names, or it is not taken. */
#include "codec/leaf.h"
#include "tests/state/several.h"

static const uint8_t root[32] = { 9 };

struct pair {
    struct state_bench a; /* commits */
    struct state_bench b; /* follows */
};

static void
pair_new(struct pair *p, const char *name, const char *script)
{
    bench_new(&p->a, name);
    OK(bench_text(&p->a, script));
    OK(bench_reopen(&p->b, name, NULL));
}

static void
pair_end(struct pair *p, const char *name)
{
    bench_close(&p->a);
    bench_end(&p->b, name);
}

static void
get_blob(struct state_bench *b, struct tsec_span key, struct tsec_buf *out)
{
    const struct tsec_sink sink = tsec_buf_sink(out);

    tsec_buf_reset(out);
    OK(store_fault_ops.get(b->store, key, &sink, NULL));
}

/* It is behind, twice, and says how. */
static void
expect_behind(struct state_bench *b, const char *said)
{
    for (int i = 0; i < 2; i++) {
        struct tsec_err err = { 0 };
        bool behind = false;

        OK(bench_fetch(b, &behind, NULL));
        CU_ASSERT_TRUE(behind);
        FAILS(state_behind(b->state, &err), TSEC_E_TAMPERED);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, said));
    }
}

static void
expect_whole(struct pair *p)
{
    bool behind = true;

    OK(bench_fetch(&p->b, &behind, NULL));
    CU_ASSERT_FALSE_FATAL(behind);
    bench_publish(&p->b);
    bench_same(&p->a, &p->b);
}

/* As a host would do it; what cannot be explained is never taken, and what was put right is. */
static void
a_row_that_is_not_what_the_log_says_is_not_taken(void)
{
    enum { FLIP, CUT, DROP, SWAP, OLD, WAYS };

    for (int way = 0; way < WAYS; way++) {
        TSEC_AUTO_BUF struct tsec_buf good = TSEC_BUF_INIT(4096);
        TSEC_AUTO_BUF struct tsec_buf other = TSEC_BUF_INIT(4096);
        TSEC_AUTO_BUF struct tsec_buf old = TSEC_BUF_INIT(4096);
        uint8_t room[2][1 + ROW_KEY_LEN];
        struct pair p;

        pair_new(&p, "altered", "put sys/a 0;put sys/b 0");

        const struct tsec_span a = bench_store_key(&p.a, "sys/a", room[0]);
        const struct tsec_span b = bench_store_key(&p.a, "sys/b", room[1]);

        get_blob(&p.a, a, &old);
        OK(bench_text(&p.a, "put sys/a 1;put sys/b 1;put sys/c 1"));
        get_blob(&p.a, a, &good);
        get_blob(&p.a, b, &other);
        good.ptr[good.len / 2] ^= way == FLIP ? 1 : 0;
        bench_alter(&p.a, a,
                    way == DROP   ? tsec_span("", 0)
                    : way == SWAP ? tsec_buf_span(&other)
                    : way == OLD  ? tsec_buf_span(&old)
                    : way == CUT  ? tsec_span(good.ptr, good.len - 1)
                                  : tsec_buf_span(&good));
        good.ptr[good.len / 2] ^= way == FLIP ? 1 : 0;
        bench_read_on(&p.b);
        expect_behind(&p.b, way == DROP ? "is missing" : "is not what the ledger says");
        bench_expect(&p.b, "sys/a", "0");
        bench_alter(&p.a, a, tsec_buf_span(&good));
        expect_whole(&p);
        pair_end(&p, "altered");
    }
}

static void
what_others_changed_meanwhile_is_explained_by_more_of_the_log(void)
{
    static const char *const later[] = {
        "put sys/a 2", "del sys/a",   "rotate sys;put sys/a 2",
        "rotate sys",  "mek",         "head sys/g 9 x",
        "group sys/g", "put sys/n 3", "del sys/n",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(later); i++) {
        struct pair p;
        bool behind = false;

        pair_new(&p, "meanwhile", "put sys/a 0;head sys/g 1 x;head sys/g 2 y");
        OK(bench_text(&p.a, "rotate sys"));
        OK(bench_text(&p.a, "put sys/a 1;put sys/n 1;head sys/g 1 z"));
        bench_read_on(&p.b);
        if (i % 2 == 0) { /* some of it is there already */
            OK(bench_fetch(&p.b, &behind, NULL));
            CU_ASSERT_FALSE(behind);
        }
        OK(bench_text(&p.a, later[i]));
        OK(bench_fetch(&p.b, &behind, NULL));
        bench_read_on(&p.b);
        expect_whole(&p);
        pair_end(&p, "meanwhile");
    }
}

static tsec_rc
put_many(void *ctx, struct txn *txn, struct tsec_err *err)
{
    (void)ctx;
    for (unsigned i = 0; i < 600; i++) {
        char key[16];

        (void)snprintf(key, sizeof(key), "sys/%u", i);
        TSEC_TRY(txn_put(txn, txn_key2(txn, key, tsec_span("", 0)), tsec_span("v", 1), err));
    }
    return TSEC_OK;
}

/* The keyring, and 600 rows in three questions: whichever fails, the rest is not asked for twice.
 */
static void
a_fetch_that_failed_goes_on_where_it_was(void)
{
    for (unsigned nth = 1; nth <= 5; nth++) {
        struct pair p;
        bool behind = true;
        unsigned before;

        pair_new(&p, "interrupted", "put sys/a 1");
        OK(bench_do(&p.a, put_many, NULL));
        OK(bench_text(&p.a, "rotate sys"));
        bench_read_on(&p.b);
        before = store_fault_calls(p.b.store, STORE_CALL_GET);
        store_fault_at(p.b.store, STORE_CALL_GET, nth, STORE_FAULT_REFUSE, TSEC_E_UNAVAILABLE);
        FAILS(bench_fetch(&p.b, &behind, NULL), nth < 5 ? TSEC_E_UNAVAILABLE : TSEC_OK_CODE);
        bench_expect(&p.b, "sys/0", "-");
        store_fault_clear(p.b.store);
        expect_whole(&p);
        CU_ASSERT_EQUAL(store_fault_calls(p.b.store, STORE_CALL_GET) - before, nth < 5 ? 5 : 4);
        pair_end(&p, "interrupted");
    }
}

static tsec_rc
put_large(void *ctx, struct txn *txn, struct tsec_err *err)
{
    static uint8_t value[900 * 1024];

    (void)ctx;
    for (unsigned i = 0; i < 20; i++) {
        char key[16];

        (void)snprintf(key, sizeof(key), "sys/l%u", i);
        TSEC_TRY(txn_put(txn, txn_key2(txn, key, tsec_span("", 0)), tsec_span(value, sizeof(value)),
                         err));
    }
    return TSEC_OK;
}

static void
questions_are_bounded_in_bytes_too(void)
{
    struct pair p;
    unsigned before;

    pair_new(&p, "large", "put sys/a 1");
    OK(bench_do(&p.a, put_large, NULL));
    bench_read_on(&p.b);
    before = store_fault_calls(p.b.store, STORE_CALL_GET);
    expect_whole(&p);
    CU_ASSERT_EQUAL(store_fault_calls(p.b.store, STORE_CALL_GET) - before, 3); /* 7, 7, 6 */
    pair_end(&p, "large");
}

static void
a_store_without_that_question_is_asked_row_by_row(void)
{
    struct tsec_store_ops ops = store_fault_ops;
    struct pair p;
    bool behind = true;

    ops.get_many = NULL;
    pair_new(&p, "single", "put sys/a 1;put sys/b 1");
    OK(bench_text(&p.a, "put sys/a 2;del sys/b;put sys/c 1"));
    bench_read_on(&p.b);

    const struct state_source source = { .ops = &ops, .store = p.b.store, .root = root };

    OK(state_fetch(p.b.state, &source, &behind, NULL));
    CU_ASSERT_FALSE(behind);
    bench_publish(&p.b);
    bench_same(&p.a, &p.b);
    pair_end(&p, "single");
}

/* ---- leaves that a server would not write ---- */

/* The log names exactly this blob: as if the writer had been wrong. */
static void
name_blob(struct pair *p, const struct mutation *like, struct tsec_span blob)
{
    TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(4096);
    struct mutation m = *like;
    uint8_t key[1 + ROW_KEY_LEN] = { 'r' };

    tsec_sha256(blob, m.hash);
    memcpy(key + 1, m.rk, ROW_KEY_LEN);
    OK(mutation_leaf(p->a.state->keyring, ledger_batch_next(&p->a.batch), &m, 1, &leaf, NULL));
    bench_leaf(&p->a, tsec_buf_span(&leaf));
    bench_alter(&p->a, tsec_span(key, sizeof(key)), blob);
}

static void
seal(struct pair *p, const struct row_record *record, const struct mutation *m,
     struct tsec_buf *out)
{
    uint8_t *blob = tsec_buf_extend(out, row_blob_len(m->class));

    OK(row_seal(p->a.state->keyring, record, m->rk, m->version, m->class, blob, NULL));
}

static void
a_row_of_the_right_hash_that_does_not_authenticate_is_tampering(void)
{
    enum { JUNK, OTHER_VERSION, OTHER_KEY, OTHER_CLASS, ELSEWHERE, RIGHT, WAYS };
    const struct row_record record = { .key = tsec_span_str("sys/x"),
                                       .payload = tsec_span("v", 1) };

    for (int way = 0; way < WAYS; way++) {
        TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(4096);
        struct mutation m = { .op = MUTATION_PUT, .version = 1, .class = ROW_CLASS_MIN };
        struct pair p;
        bool behind = false;

        pair_new(&p, "wrong", "put sys/a 0");
        row_blind(p.a.state->keyring, record.key, m.rk);
        m.rk[0] ^= way == ELSEWHERE ? 1 : 0; /* sealed for there, and says another key */
        seal(&p, &record, &m, &blob);
        blob.ptr[0] ^= way == JUNK ? 1 : 0;
        m.version += way == OTHER_VERSION ? 1 : 0;
        m.rk[0] ^= way == OTHER_KEY ? 1 : 0;
        m.class = way == OTHER_CLASS ? ROW_CLASS_MIN + 1 : m.class;
        name_blob(&p, &m, tsec_buf_span(&blob));
        bench_read_on(&p.b);
        for (int i = 0; i < 2; i++) {
            FAILS(bench_fetch(&p.b, &behind, NULL), way == RIGHT ? TSEC_OK_CODE : TSEC_E_TAMPERED);
            CU_ASSERT_FALSE(behind);
        }
        bench_expect(&p.b, "sys/x", "-");
        bench_drop(&p.b);
        bench_close(&p.a);
        bench_close(&p.b);
        store_mem_forget();
    }
}

/* ---- the keyring ---- */

static struct tsec_span
keyring_key(uint64_t version, uint8_t room[KEYRING_KEY_LEN])
{
    state_keyring_key(version, room);
    return tsec_span(room, KEYRING_KEY_LEN);
}

static void
a_keyring_that_is_not_the_one_named_is_not_taken(void)
{
    for (int way = 0; way < 3; way++) {
        TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(1 << 20);
        TSEC_AUTO_BUF struct tsec_buf old = TSEC_BUF_INIT(1 << 20);
        uint8_t room[2][KEYRING_KEY_LEN];
        struct pair p;

        pair_new(&p, "ring", "put sys/a 0");
        get_blob(&p.a, keyring_key(1, room[0]), &old);
        OK(bench_text(&p.a, "rotate sys;put sys/a 1"));

        const struct tsec_span key = keyring_key(2, room[1]);

        get_blob(&p.a, key, &blob);
        blob.ptr[blob.len / 2] ^= way == 0 ? 1 : 0;
        bench_alter(&p.a, key,
                    way == 0   ? tsec_buf_span(&blob)
                    : way == 1 ? tsec_span("", 0)
                               : tsec_buf_span(&old));
        blob.ptr[blob.len / 2] ^= way == 0 ? 1 : 0;
        bench_read_on(&p.b);
        expect_behind(&p.b, "the keyring");
        bench_expect(&p.b, "sys/a", "0");
        bench_alter(&p.a, key, tsec_buf_span(&blob));
        expect_whole(&p);
        pair_end(&p, "ring");
    }
}

/* Of the hash that the log names, and yet: another's root key, another's origin, another version.
 */
static void
a_keyring_of_the_right_hash_that_does_not_open_is_tampering(void)
{
    static const uint8_t other_root[32] = { 8 };

    for (int way = 0; way < 3; way++) {
        TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(1 << 20);
        TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(256);
        TSEC_AUTO(keyring_free) struct keyring *other = NULL;
        TSEC_AUTO(keyring_free) struct keyring *next = NULL;
        uint8_t room[KEYRING_KEY_LEN];
        struct pair p;
        bool behind = false;

        pair_new(&p, "foreign", "put sys/a 0");
        OK(keyring_new("another.example/1", 1, &other, NULL));
        OK(keyring_copy_as(way == 1 ? other : p.a.state->keyring, way == 2 ? 7 : 2, &next, NULL));
        OK(keyring_seal(next, way == 0 ? other_root : root, &blob, NULL));
        state_rotation_leaf(ledger_batch_next(&p.a.batch), 2, tsec_buf_span(&blob), &leaf);
        bench_leaf(&p.a, tsec_buf_span(&leaf));
        bench_alter(&p.a, keyring_key(2, room), tsec_buf_span(&blob));
        bench_read_on(&p.b);
        FAILS(bench_fetch(&p.b, &behind, NULL), TSEC_E_TAMPERED);
        bench_drop(&p.b);
        bench_expect(&p.b, "sys/a", "0");
        bench_close(&p.a);
        bench_close(&p.b);
        store_mem_forget();
    }
}

static tsec_rc
give_another(struct tsec_store *store, const struct tsec_span *keys, size_t n,
             tsec_store_visit_fn visit, void *ctx, struct tsec_err *err)
{
    static const uint8_t other[33] = { 'r' };

    (void)store;
    (void)keys;
    (void)n;
    (void)err;
    return visit(ctx, tsec_span(other, sizeof(other)), tsec_span("x", 1));
}

static void
a_store_that_gives_what_nobody_asked_for_is_not_believed(void)
{
    struct tsec_store_ops ops = store_fault_ops;
    struct pair p;
    bool behind = false;

    ops.get_many = give_another;
    pair_new(&p, "unasked", "put sys/a 1");
    OK(bench_text(&p.a, "put sys/a 2"));
    bench_read_on(&p.b);

    const struct state_source source = { .ops = &ops, .store = p.b.store, .root = root };

    FAILS(state_fetch(p.b.state, &source, &behind, NULL), TSEC_E_TAMPERED);
    expect_whole(&p);
    pair_end(&p, "unasked");
}

static const struct test_case cases[] = {
    { "a row that is not what the log says is not taken",
      a_row_that_is_not_what_the_log_says_is_not_taken },
    { "what others changed meanwhile is explained by more of the log",
      what_others_changed_meanwhile_is_explained_by_more_of_the_log },
    { "a fetch that failed goes on where it was", a_fetch_that_failed_goes_on_where_it_was },
    { "questions are bounded in bytes too", questions_are_bounded_in_bytes_too },
    { "a store without that question is asked row by row",
      a_store_without_that_question_is_asked_row_by_row },
    { "a row of the right hash that does not authenticate is tampering",
      a_row_of_the_right_hash_that_does_not_authenticate_is_tampering },
    { "a keyring that is not the one named is not taken",
      a_keyring_that_is_not_the_one_named_is_not_taken },
    { "a keyring of the right hash that does not open is tampering",
      a_keyring_of_the_right_hash_that_does_not_open_is_tampering },
    { "a store that gives what nobody asked for is not believed",
      a_store_that_gives_what_nobody_asked_for_is_not_believed },
};

TEST_MAIN("state/fetch", cases)
