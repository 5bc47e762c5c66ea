/* SPDX-License-Identifier: Apache-2.0 */
/* The start, beside servers that go on writing; and that nothing else is forgiven. */
#include "base/hex.h"
#include "tests/state/several.h"

static const char before[] = "put sys/a 0;put sys/b 0;head sys/g 1 one;head sys/g 2 two";

/* What the others commit at three moments of a start. */
struct moments {
    const char *keys; /* after the keyring was read, before the log */
    const char *log;  /* after the log, before the rows */
    const char *rows; /* after the rows */
    struct state_bench *writer;
};

static void
commit(struct state_bench *b, const char *scripts)
{
    char copy[256];
    char *rest = copy;

    if (scripts == NULL) {
        return;
    }
    CU_ASSERT_TRUE_FATAL(strlen(scripts) < sizeof(copy));
    memcpy(copy, scripts, strlen(scripts) + 1);
    while (rest != NULL) {
        OK(bench_text(b, strsep(&rest, "|")));
    }
}

static void
between(void *ctx)
{
    const struct moments *m = ctx;

    commit(m->writer, m->keys);
}

/* As a node starts: more of the log for as long as there is something to explain. */
static void
start_beside(struct state_bench *b, const char *name, struct moments *m)
{
    bool behind = false;

    OK(bench_begin(b, name, between, m, NULL));
    commit(m->writer, m->log);
    OK(bench_load(b, &behind, NULL));
    commit(m->writer, m->rows);
    for (int i = 0; behind && i < 3; i++) {
        bench_read_on(b);
        OK(bench_fetch(b, &behind, NULL));
    }
    CU_ASSERT_FALSE_FATAL(behind);
    bench_publish(b);
}

static void
a_server_starts_beside_others_that_write(void)
{
    static const struct moments table[] = {
        { .log = "put sys/a 1" },
        { .log = "put sys/n 1" },
        { .log = "del sys/a" },
        { .log = "put sys/n 1|del sys/n" },
        { .log = "put sys/n 1", .rows = "del sys/n" },
        { .log = "put sys/n 1", .rows = "put sys/n 2" },
        { .log = "del sys/a", .rows = "put sys/a 1" },
        { .log = "put sys/a 1", .rows = "del sys/a" },
        { .log = "head sys/g 3 three" },
        { .log = "head sys/g 3 three;member sys/g 2", .rows = "group sys/g" },
        { .log = "group sys/g" },
        { .log = "group sys/g", .rows = "head sys/g 1 fresh" },
        { .log = "group sys/g|head sys/g 2 fresh", .rows = "member sys/g 9" },
        { .rows = "put sys/a 1;put sys/n 1;del sys/b" },
        { .keys = "put sys/a 1" },
        { .keys = "rotate sys" },
        { .keys = "rotate sys|put sys/a 1" },
        { .keys = "rotate sys|reseal sys/a;reseal sys/b", .rows = "mek" },
        { .keys = "mek", .log = "mek", .rows = "mek" },
        { .log = "rotate sys" },
        { .log = "rotate sys;put sys/a 1" },
        { .log = "rotate sys|put sys/a 1;put sys/n 1", .rows = "rotate sys|put sys/a 2" },
        { .log = "create kv1|put kv1/x 1" },
        { .keys = "create kv1|put kv1/x 1", .log = "del kv1/x;destroy kv1" },
        { .keys = "create kv1", .log = "put kv1/x 1", .rows = "del kv1/x;destroy kv1" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        struct moments m = table[i];
        struct state_bench a;
        struct state_bench b;

        bench_new(&a, "beside");
        OK(bench_text(&a, before));
        m.writer = &a;
        start_beside(&b, "beside", &m);
        bench_follow(&b); /* what was written after a load that had nothing to explain */
        bench_same(&a, &b);
        bench_same_as_fresh(&b, "beside");
        OK(bench_text(&b, "put sys/a mine;head sys/g 5 mine;put sys/m 1"));
        bench_follow(&a);
        bench_same(&a, &b);
        bench_close(&a);
        bench_end(&b, "beside");
    }
}

/* The keyring is read first: the log may already name the next one. */
static void
a_keyring_that_was_replaced_before_the_log_was_read_is_read_again(void)
{
    struct moments m = { .keys = "rotate sys|reseal sys/a;mek" };
    struct state_bench a;
    struct state_bench b;
    bool behind = true;

    bench_new(&a, "next");
    OK(bench_text(&a, before));
    m.writer = &a;
    OK(bench_begin(&b, "next", between, &m, NULL));
    OK(bench_load(&b, &behind, NULL));
    CU_ASSERT_FALSE(behind);
    bench_same(&a, &b);
    bench_close(&a);
    bench_end(&b, "next");
}

/* The rows are read under another server's eyes: not even one that is right is shown half. */
static void
a_start_that_failed_half_way_may_be_freed(void)
{
    for (unsigned nth = 1; nth <= 3; nth++) {
        struct state_bench a;
        struct state_bench b;
        bool behind = false;

        bench_new(&a, "half");
        OK(bench_text(&a, before));
        OK(bench_begin(&b, "half", NULL, NULL, NULL));
        OK(bench_text(&a, "put sys/a 1;rotate sys"));
        store_fault_at(b.store, nth == 1 ? STORE_CALL_SCAN : STORE_CALL_GET, nth == 1 ? 1 : nth - 1,
                       STORE_FAULT_REFUSE, TSEC_E_UNAVAILABLE);
        if (nth <= 2) {
            FAILS(bench_load(&b, &behind, NULL), TSEC_E_UNAVAILABLE);
        } else {
            OK(bench_load(&b, &behind, NULL));
            CU_ASSERT_TRUE(behind);
            bench_read_on(&b);
            FAILS(bench_fetch(&b, &behind, NULL), TSEC_E_UNAVAILABLE);
            OK(bench_fetch(&b, &behind, NULL));
            CU_ASSERT_FALSE(behind);
        }
        bench_close(&b);
        bench_end(&a, "half");
    }
}

/* ---- what nothing explains ---- */

static void
expect_refused(const char *name, const char *said)
{
    struct state_bench b;
    struct tsec_err err = { 0 };
    bool behind = false;

    OK(bench_begin(&b, name, NULL, NULL, NULL));
    OK(bench_load(&b, &behind, NULL));
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_TRUE(behind);
        FAILS(state_behind(b.state, &err), TSEC_E_TAMPERED);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, said));
        bench_read_on(&b); /* nothing newer is there */
        OK(bench_fetch(&b, &behind, NULL));
    }
    bench_close(&b);
}

static void
what_no_leaf_explains_stays_behind(void)
{
    enum { MISSING, ALTERED, STRAY, KEYRING, WAYS };
    static const char *const said[] = { "is missing", "is not what the ledger says",
                                        "is not in the ledger", "the keyring" };

    for (int way = 0; way < WAYS; way++) {
        struct state_bench a;
        uint8_t room[1 + ROW_KEY_LEN];
        uint8_t ring[KEYRING_KEY_LEN];
        char hex[2 * ROW_KEY_LEN + 1] = "the keyring";

        bench_new(&a, "unexplained");
        OK(bench_text(&a, before));

        struct tsec_span key = bench_store_key(&a, "sys/a", room);

        if (way == STRAY) {
            room[9] ^= 1;
        } else if (way == KEYRING) { /* authentic, and not the one that the log names */
            TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(1 << 20);
            static const uint8_t root[32] = { 9 };

            OK(keyring_seal(a.state->keyring, root, &blob, NULL));
            state_keyring_key(1, ring);
            bench_alter(&a, tsec_span(ring, sizeof(ring)), tsec_buf_span(&blob));
        }
        if (way != KEYRING) {
            tsec_hex_encode(tsec_span(room + 1, ROW_KEY_LEN), hex);
            bench_alter(&a, key, way == MISSING ? tsec_span("", 0) : tsec_span("x", 1));
        }
        bench_close(&a);
        expect_refused("unexplained", said[way]);
        expect_refused("unexplained", hex);
        store_mem_forget();
    }
}

static void
a_row_that_nobody_knew_and_that_is_gone_again_is_no_matter(void)
{
    struct state_bench a;
    struct state_bench b;
    uint8_t room[1 + ROW_KEY_LEN];
    bool behind = false;

    bench_new(&a, "gone");
    OK(bench_text(&a, before));

    const struct tsec_span key = bench_store_key(&a, "sys/a", room);

    room[7] ^= 1;
    bench_alter(&a, key, tsec_span("x", 1));
    OK(bench_begin(&b, "gone", NULL, NULL, NULL));
    OK(bench_load(&b, &behind, NULL));
    CU_ASSERT_TRUE(behind);
    bench_alter(&a, key, tsec_span("", 0));
    OK(bench_fetch(&b, &behind, NULL));
    CU_ASSERT_FALSE(behind);
    bench_publish(&b);
    bench_same(&a, &b);
    bench_close(&a);
    bench_end(&b, "gone");
}

/* The log names it, and still it is not a row of this cluster: no later leaf makes that right. */
static void
a_row_of_the_right_hash_that_does_not_authenticate_stops_the_start(void)
{
    TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(4096);
    static const uint8_t blob[305] = { 'T', 'S', 'R', '1', 1, 1 };
    struct mutation m = { .op = MUTATION_PUT, .version = 1, .class = ROW_CLASS_MIN };
    uint8_t key[1 + ROW_KEY_LEN] = { 'r' };
    struct state_bench a;
    struct state_bench b;
    bool behind = false;

    bench_new(&a, "junk");
    OK(bench_text(&a, before));
    tsec_sha256(tsec_span(blob, sizeof(blob)), m.hash);
    OK(mutation_leaf(a.state->keyring, ledger_batch_next(&a.batch), &m, 1, &leaf, NULL));
    bench_leaf(&a, tsec_buf_span(&leaf));
    bench_alter(&a, tsec_span(key, sizeof(key)), tsec_span(blob, sizeof(blob)));
    bench_close(&a);
    OK(bench_begin(&b, "junk", NULL, NULL, NULL));
    FAILS(bench_load(&b, &behind, NULL), TSEC_E_TAMPERED);
    bench_close(&b);
    store_mem_forget();
}

static void
a_keyring_stored_as_another_version_stops_the_start(void)
{
    TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(1 << 20);
    const struct tsec_sink sink = tsec_buf_sink(&blob);
    uint8_t key[KEYRING_KEY_LEN];
    struct tsec_err err = { 0 };
    struct state_bench a;
    struct state_bench b;

    bench_new(&a, "version");
    state_keyring_key(1, key);
    OK(store_fault_ops.get(a.store, tsec_span(key, sizeof(key)), &sink, NULL));
    state_keyring_key(2, key);
    bench_alter(&a, tsec_span(key, sizeof(key)), tsec_buf_span(&blob));
    FAILS(bench_begin(&b, "version", NULL, NULL, &err), TSEC_E_TAMPERED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "keyring"));
    bench_alter(&a, tsec_span(key, 5), tsec_buf_span(&blob));
    FAILS(bench_begin(&b, "version", NULL, NULL, NULL), TSEC_E_TAMPERED);
    bench_close(&a);
    store_mem_forget();
}

/* Deleted, says the log, and the host has kept it. */
static void
a_deleted_row_that_is_still_there_is_not_explained(void)
{
    TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(4096);
    const struct tsec_sink sink = tsec_buf_sink(&blob);
    struct state_bench a;
    struct state_bench b;
    uint8_t room[1 + ROW_KEY_LEN];
    bool behind = false;

    bench_new(&a, "kept");
    OK(bench_text(&a, before));
    OK(bench_begin(&b, "kept", NULL, NULL, NULL));
    OK(bench_text(&a, "put sys/n 1"));

    const struct tsec_span key = bench_store_key(&a, "sys/n", room);

    OK(store_fault_ops.get(a.store, key, &sink, NULL));
    OK(bench_load(&b, &behind, NULL));
    CU_ASSERT_TRUE(behind);
    OK(bench_text(&a, "del sys/n"));
    bench_alter(&a, key, tsec_buf_span(&blob));
    bench_read_on(&b);
    OK(bench_fetch(&b, &behind, NULL));
    CU_ASSERT_TRUE(behind);
    FAILS(state_behind(b.state, NULL), TSEC_E_TAMPERED);
    bench_close(&b);
    bench_close(&a);
    store_mem_forget();
}

static void
more_unknown_rows_than_any_writer_makes_are_tampering_at_once(void)
{
    enum { MANY = 65537, STEP = 4096 };
    static struct tsec_store_op ops[STEP];
    static uint8_t keys[STEP][1 + ROW_KEY_LEN];
    struct state_bench a;
    struct state_bench b;
    bool behind = false;

    bench_new(&a, "flood");
    for (unsigned at = 0; at < MANY; at += STEP) {
        unsigned n = 0;

        for (; n < STEP && at + n < MANY; n++) {
            keys[n][0] = 'r';
            keys[n][2] = (uint8_t)((at + n) >> 16);
            keys[n][3] = (uint8_t)((at + n) >> 8);
            keys[n][4] = (uint8_t)(at + n);
            ops[n] = (struct tsec_store_op){ .verb = TSEC_STORE_PUT,
                                             .key = tsec_span(keys[n], sizeof(keys[n])),
                                             .value = tsec_span("x", 1) };
        }
        OK(store_fault_ops.commit(a.store, ops, n, NULL));
    }
    OK(bench_begin(&b, "flood", NULL, NULL, NULL));
    FAILS(bench_load(&b, &behind, NULL), TSEC_E_TAMPERED);
    bench_close(&b);
    bench_alter(&a, tsec_span(keys[0], sizeof(keys[0])), tsec_span("", 0)); /* one less */
    OK(bench_begin(&b, "flood", NULL, NULL, NULL));
    OK(bench_load(&b, &behind, NULL));
    CU_ASSERT_TRUE(behind);
    bench_close(&b);
    bench_close(&a);
    store_mem_forget();
}

static const struct test_case cases[] = {
    { "a server starts beside others that write", a_server_starts_beside_others_that_write },
    { "a keyring that was replaced before the log was read is read again",
      a_keyring_that_was_replaced_before_the_log_was_read_is_read_again },
    { "a row of the right hash that does not authenticate stops the start",
      a_row_of_the_right_hash_that_does_not_authenticate_stops_the_start },
    { "a keyring stored as another version stops the start",
      a_keyring_stored_as_another_version_stops_the_start },
    { "a start that failed half-way may be freed", a_start_that_failed_half_way_may_be_freed },
    { "what no leaf explains stays behind", what_no_leaf_explains_stays_behind },
    { "a row that nobody knew, and that is gone again, is no matter",
      a_row_that_nobody_knew_and_that_is_gone_again_is_no_matter },
    { "a deleted row that is still there is not explained",
      a_deleted_row_that_is_still_there_is_not_explained },
    { "more unknown rows than any writer makes are tampering at once",
      more_unknown_rows_than_any_writer_makes_are_tampering_at_once },
};

TEST_MAIN("state/load", cases)
