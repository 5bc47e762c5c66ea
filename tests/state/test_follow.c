/* SPDX-License-Identifier: Apache-2.0 */
/* Two servers on one store: one commits, the other follows. */
#include "state/staging_internal.h"
#include "tests/state/several.h"

/* Scripts are separated by '|', each a commit. */
static void
commit_all(struct state_bench *b, const char *scripts)
{
    char copy[512];
    char *rest = copy;

    CU_ASSERT_TRUE_FATAL(strlen(scripts) < sizeof(copy));
    memcpy(copy, scripts, strlen(scripts) + 1);
    while (rest != NULL) {
        const char *script = strsep(&rest, "|");

        if (tsec_failed(bench_text(b, script))) {
            (void)fprintf(stderr, "%s\n", script);
            CU_FAIL_FATAL("a script");
        }
    }
}

static const char *const before = "create kv1;put sys/a 0;put sys/b 0|head sys/g 1 one|"
                                  "head sys/g 2 two;put kv1/x 1|head sys/g 3 three;head kv1/h 1 h";

static void
what_another_server_committed_is_followed(void)
{
    static const char *const table[] = {
        "put sys/n 1",
        "put sys/a 1",
        "put sys/a 1|put sys/a 2|put sys/a 3",
        "del sys/a",
        "del sys/a|put sys/a 1",
        "put sys/a 1|del sys/a",
        "put sys/n 1|del sys/n",
        "put sys/n 1|del sys/n|put sys/n 2;del sys/b",
        /* groups: the head moves, comes back, loses members, goes, is made again */
        "head sys/g 4 four",
        "head sys/g 1 again",
        "head sys/g 3 same",
        "head sys/n 1 new",
        "head sys/n 1 new|head sys/n 2 newer;member sys/n 1",
        "member sys/g 1",
        "head sys/g 4 four;member sys/g 3",
        "head sys/g 4 four|member sys/g 3|member sys/g 2|member sys/g 1",
        "head sys/g 1 back|member sys/g 3",
        "group sys/g",
        "group sys/g|head sys/g 1 fresh",
        "group sys/g|head sys/g 3 fresh",
        "group sys/g|head sys/g 9 fresh",
        "group sys/g|head sys/g 1 a|head sys/g 2 b",
        "group sys/g|head sys/g 2 a|head sys/g 1 b|member sys/g 2",
        "group sys/g|head sys/g 3 a|head sys/g 2 b|head sys/g 1 c",
        "group sys/g|head sys/g 1 a|group sys/g",
        "group sys/g;group kv1/h;del sys/a;del sys/b;del kv1/x",
        /* keys */
        "rotate sys",
        "rotate *",
        "mek",
        "mek|rotate sys|mek",
        "create kv2",
        "create kv2|put kv2/a 1;head kv2/g 1 x",
        "create kv2|put kv2/a 1|del kv2/a;destroy kv2",
        "del kv1/x;group kv1/h;destroy kv1",
        "del kv1/x;group kv1/h;destroy kv1|create kv1|put kv1/x 2",
        "rotate sys|reseal sys/a;reseal sys/b",
        "rotate kv1|reseal kv1/x|retire",
        "rotate kv1|del kv1/x;group kv1/h|retire",
        "rotate kv1|put kv1/x 2;head kv1/h 2 i;member kv1/h 1|retire;mek",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        struct state_bench a;
        struct state_bench b;

        bench_new(&a, "follow");
        commit_all(&a, before);
        OK(bench_reopen(&b, "follow", NULL));
        bench_same(&a, &b);
        commit_all(&a, table[i]);
        bench_follow(&b);
        bench_same(&a, &b);
        bench_same_as_fresh(&b, "follow");
        /* And the other way: what was followed is good to go on from. */
        commit_all(&b, "put sys/a b;head sys/g 7 b;put sys/z b|del sys/z|member sys/g 1");
        bench_follow(&a);
        bench_same(&a, &b);
        bench_expect(&a, "sys/a", "b");
        bench_expect(&a, "sys/g", "b");
        bench_close(&a);
        bench_end(&b, "follow");
    }
}

static void
nothing_new_changes_nothing(void)
{
    struct state_bench a;
    struct state_bench b;

    bench_new(&a, "nothing");
    commit_all(&a, before);
    OK(bench_reopen(&b, "nothing", NULL));

    const uint64_t commits = b.state->commits;

    bench_follow(&b);
    bench_follow(&b);
    CU_ASSERT_EQUAL(b.state->commits, commits);
    bench_same(&a, &b);
    bench_close(&a);
    bench_end(&b, "nothing");
}

static void
nothing_is_seen_before_it_is_published_and_nothing_after_it_is_dropped(void)
{
    struct state_bench a;
    struct state_bench b;
    bool behind = true;

    bench_new(&a, "drop");
    commit_all(&a, before);
    OK(bench_reopen(&b, "drop", NULL));
    commit_all(&a, "put sys/a 1;put sys/n 1;del sys/b|rotate sys|head sys/g 4 four");
    for (int i = 0; i < 2; i++) {
        bench_read_on(&b);
        OK(bench_fetch(&b, &behind, NULL));
        CU_ASSERT_FALSE(behind);
        bench_expect(&b, "sys/a", "0");
        bench_expect(&b, "sys/b", "0");
        bench_expect(&b, "sys/n", "-");
        bench_expect(&b, "sys/g", "three");
        bench_drop(&b);
        bench_expect(&b, "sys/a", "0");
    }
    bench_follow(&b);
    bench_expect(&b, "sys/a", "1");
    bench_same(&a, &b);
    bench_close(&a);
    bench_end(&b, "drop");
}

static void
what_ran_before_it_was_followed_is_run_again(void)
{
    static const struct {
        const char *theirs;
        const char *ours;
        bool current;
    } table[] = {
        { "put sys/a 1", "get sys/a", false },
        { "put sys/a 1", "put sys/a 2", false },
        { "put sys/a 1", "get sys/b", true },
        { "put sys/a 1", "put sys/b 2", true },
        { "put sys/n 1", "put sys/n 2", false },
        { "put sys/n 1", "get sys/n", false }, /* an absence was read */
        { "put sys/n 1", "get sys/m", true },
        { "put sys/n 1|del sys/n", "get sys/n", true }, /* absent then and now */
        { "del sys/a", "get sys/a", false },
        { "del sys/a|put sys/a 0", "get sys/a", false },
        { "rotate sys|reseal sys/a", "get sys/a", false },
        { "head sys/g 4 x", "get sys/g", false },
        { "head sys/g 4 x", "head sys/g 5 y", false },
        { "member sys/g 1", "get sys/g", true },
        { "member sys/g 1", "member sys/g 1", false },
        { "member sys/g 1", "group sys/g", false },
        { "group sys/g", "get sys/g", false },
        { "group sys/g|head sys/g 3 three", "get sys/g", false },
        /* A listing that writes nothing too: the other server's may have been over before. */
        { "put sys/n 1", "list sys/", false },
        { "put sys/n 1", "list sys/;put sys/b 1", false },
        { "del sys/a", "list sys/", false },
        { "put kv1/n 1", "list sys/", false },
        { "put sys/a 1", "list sys/", true },
        { "put sys/a 1", "list sys/;put sys/b 1", true },
        { "put sys/n 1|del sys/n", "list sys/", true },
        /* Keys, which an operation may have read as well. */
        { "rotate sys", "put sys/b 1", false },
        { "rotate sys", "get sys/b", false },
        { "create kv2", "get sys/b", false },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        struct state_bench a;
        struct state_bench b;
        struct bench_txn t;
        char script[64];

        bench_new(&a, "again");
        commit_all(&a, before);
        OK(bench_reopen(&b, "again", NULL));
        memcpy(script, table[i].ours, strlen(table[i].ours) + 1);
        bench_run(&b, &t, bench_script, script);
        commit_all(&a, table[i].theirs);
        bench_follow(&b);
        if (staging_current(b.staging, t.txn) != table[i].current) {
            CU_FAIL("a line of the table");
            (void)fprintf(stderr, "%s / %s\n", table[i].theirs, table[i].ours);
        }
        t.rc = staging_rerun(b.staging, t.txn, t.run, t.ctx, NULL); /* a row may be gone now */
        OK(staging_add(b.staging, t.txn, NULL));
        bench_txn_done(&t);
        OK(bench_commit(&b));
        bench_follow(&a);
        bench_same(&a, &b);
        bench_close(&a);
        bench_end(&b, "again");
    }
}

static void
a_reader_keeps_the_row_that_it_read(void)
{
    struct state_bench a;
    struct state_bench b;
    struct bench_txn t;
    char script[] = "get sys/a;get sys/g";

    bench_new(&a, "keeps");
    commit_all(&a, before);
    OK(bench_reopen(&b, "keeps", NULL));
    bench_run(&b, &t, bench_script, script);
    commit_all(&a, "del sys/a;group sys/g");
    bench_follow(&b);
    for (size_t i = 0; i < t.txn->reads_len; i++) {
        CU_ASSERT_EQUAL(atomic_load(&t.txn->reads[i].row->refs), 1);
    }
    bench_txn_done(&t);
    bench_close(&a);
    bench_end(&b, "keeps");
}

static uint64_t
uses_of(struct state_bench *b, const char *mount)
{
    struct keyring_dek dek;

    CU_ASSERT_TRUE_FATAL(keyring_dek_primary(b->state->keyring, tsec_span_str(mount), &dek));
    return dek.uses;
}

static void
keys_that_stay_keep_the_count_of_their_uses(void)
{
    struct state_bench a;
    struct state_bench b;

    bench_new(&a, "uses");
    commit_all(&a, "create kv1;create kv2|put kv1/x 1");
    OK(bench_reopen(&b, "uses", NULL));
    commit_all(&b, "put kv1/y 1|put kv1/z 1;put sys/a 1");
    CU_ASSERT_EQUAL(uses_of(&b, "kv1"), 2);
    bench_follow(&a);
    commit_all(&a, "destroy kv2;rotate sys");
    bench_follow(&b);
    CU_ASSERT_EQUAL(uses_of(&b, "kv1"), 2);
    CU_ASSERT_EQUAL(uses_of(&b, "sys"), 0);
    bench_close(&a);
    bench_end(&b, "uses");
}

/* ---- at random ---- */

enum { SERVERS = 3, PLAIN = 6, GROUPS = 3, SLOTS = 4, STEPS = 400 };

struct model {
    unsigned plain[PLAIN]; /* 0: not there */
    unsigned member[GROUPS][SLOTS];
    unsigned head[GROUPS]; /* a slot, or SLOTS: no group */
};

static uint64_t dice = 88172645463325252U;

static unsigned
roll(unsigned sides)
{
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return (unsigned)((dice >> 32) % sides);
}

static void
plain_step(struct model *m, unsigned n, char *out, size_t room)
{
    const unsigned i = roll(PLAIN);

    switch (roll(4)) {
    case 0:
        m->plain[i] = 0;
        (void)snprintf(out, room, "del sys/p%u", i);
        break;
    case 1:
        (void)snprintf(out, room, "reseal sys/p%u", i);
        break;
    default:
        m->plain[i] = n;
        (void)snprintf(out, room, "put sys/p%u %u", i, n);
        break;
    }
}

static void
group_step(struct model *m, unsigned n, char *out, size_t room)
{
    const unsigned g = roll(GROUPS);
    const unsigned slot = roll(SLOTS);
    const unsigned how = roll(8);

    if (how == 0) {
        memset(m->member[g], 0, sizeof(m->member[g]));
        m->head[g] = SLOTS;
        (void)snprintf(out, room, "group kv1/g%u", g);
    } else if (how <= 2 && m->head[g] != slot) {
        m->member[g][slot] = 0;
        (void)snprintf(out, room, "member kv1/g%u %u", g, slot);
    } else {
        m->member[g][slot] = n;
        m->head[g] = slot;
        (void)snprintf(out, room, "head kv1/g%u %u %u", g, slot, n);
    }
}

static void
random_commit(struct state_bench *b, struct model *m, unsigned n)
{
    static const char *const keys[] = { "rotate sys", "rotate kv1", "rotate *", "retire", "mek" };
    char script[80] = "";

    if (roll(6) == 0) {
        (void)snprintf(script, sizeof(script), "%s", keys[roll(TSEC_ARRAY_LEN(keys))]);
    } else if (roll(2) == 0) {
        plain_step(m, n, script, sizeof(script));
    } else {
        group_step(m, n, script, sizeof(script));
    }
    if (tsec_failed(bench_text(b, script))) {
        (void)fprintf(stderr, "step %u: %s\n", n, script);
        CU_FAIL_FATAL("a step");
    }
}

/* In one go, or with a question that fails, or after it was given up. */
static void
random_follow(struct state_bench *b)
{
    bool behind = false;

    if (roll(3) == 0) {
        store_fault_at(b->store, STORE_CALL_GET, 1 + roll(3), STORE_FAULT_REFUSE,
                       TSEC_E_UNAVAILABLE);
        bench_read_on(b);
        if (!tsec_failed(bench_fetch(b, &behind, NULL))) {
            CU_ASSERT_FALSE(behind);
        }
        store_fault_clear(b->store);
    }
    if (roll(3) == 0) {
        bench_drop(b);
    }
    bench_follow(b);
}

static void
check_model(struct state_bench *b, const struct model *m)
{
    char key[24];
    char value[24];

    for (unsigned i = 0; i < PLAIN; i++) {
        (void)snprintf(key, sizeof(key), "sys/p%u", i);
        (void)snprintf(value, sizeof(value), "%u", m->plain[i]);
        bench_expect(b, key, m->plain[i] == 0 ? "-" : value);
    }
    for (unsigned g = 0; g < GROUPS; g++) {
        const bool none = m->head[g] == SLOTS;

        (void)snprintf(key, sizeof(key), "kv1/g%u", g);
        (void)snprintf(value, sizeof(value), "%u", none ? 0 : m->member[g][m->head[g]]);
        bench_expect(b, key, none ? "-" : value);
    }
}

static void
servers_that_write_in_turns_have_the_same(void)
{
    struct state_bench b[SERVERS];
    struct model m = { .head = { SLOTS, SLOTS, SLOTS } };

    bench_new(&b[0], "random");
    OK(bench_text(&b[0], "create kv1"));
    for (unsigned i = 1; i < SERVERS; i++) {
        OK(bench_reopen(&b[i], "random", NULL));
    }
    for (unsigned n = 1; n <= STEPS; n++) {
        struct state_bench *one = &b[roll(SERVERS)];

        random_follow(one);
        check_model(one, &m);
        for (unsigned more = 1 + roll(4); more > 0; more--) {
            random_commit(one, &m, n);
        }
        check_model(one, &m);
        if (n % 8 == 0) {
            struct state_bench *other = &b[roll(SERVERS)];

            random_follow(other);
            bench_same(one, other);
            bench_same_as_fresh(other, "random");
        }
    }
    for (unsigned i = SERVERS; i > 0; i--) {
        bench_close(&b[i - 1]);
    }
    store_mem_forget();
}

/* What this server wrote itself, too, when others may have seen it first. */
static void
a_list_is_made_again_after_a_batch_in_doubt(void)
{
    for (int doubted = 0; doubted < 2; doubted++) {
        struct state_bench b;
        struct bench_txn list;
        struct bench_txn put;
        char lists[] = "list sys/";
        char puts[] = "put sys/n 1";

        bench_new(&b, "doubt");
        commit_all(&b, before);
        bench_run(&b, &list, bench_script, lists);
        bench_run(&b, &put, bench_script, puts);
        OK(staging_add(b.staging, put.txn, NULL));
        if (doubted == 1) {
            staging_doubted(b.staging);
        }
        OK(bench_commit(&b));
        CU_ASSERT_EQUAL(staging_current(b.staging, list.txn), doubted == 0);
        bench_txn_done(&list);
        bench_txn_done(&put);
        bench_end(&b, "doubt");
    }
}

static const struct test_case cases[] = {
    { "what another server committed is followed", what_another_server_committed_is_followed },
    { "nothing new changes nothing", nothing_new_changes_nothing },
    { "nothing is seen before it is published, and nothing after it is dropped",
      nothing_is_seen_before_it_is_published_and_nothing_after_it_is_dropped },
    { "what ran before it was followed is run again",
      what_ran_before_it_was_followed_is_run_again },
    { "a reader keeps the row that it read", a_reader_keeps_the_row_that_it_read },
    { "keys that stay keep the count of their uses", keys_that_stay_keep_the_count_of_their_uses },
    { "servers that write in turns have the same", servers_that_write_in_turns_have_the_same },
    { "a list is made again after a batch in doubt", a_list_is_made_again_after_a_batch_in_doubt },
};

TEST_MAIN("state/follow", cases)
