/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "core/node_internal.h"
#include "tests/double/node_bench.h"
#include "tests/double/store_mem.h"
#include "tests/test.h"

#define OK(expr) CU_ASSERT_FALSE_FATAL(tsec_failed(expr))

enum { EVERY = 12, STEPS_MAX = 400 };

/* ---- a memory of two records ---- */

struct memory {
    struct node_seen seen;
    uint8_t records[2][LEDGER_SEEN_LEN];
    size_t lens[2];
    unsigned next;
    unsigned kept;
    unsigned settled;
    bool broken;
};

static tsec_rc
recall(void *ctx, void (*each)(void *, const struct tsec_span[2], const char *), void *each_ctx,
       struct tsec_err *err)
{
    struct memory *m = ctx;
    const struct tsec_span records[2] = { tsec_span(m->records[0], m->lens[0]),
                                          tsec_span(m->records[1], m->lens[1]) };

    if (m->broken) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "cannot be read");
    }
    each(each_ctx, records, "the memory");
    return TSEC_OK;
}

static void
keep(void *ctx, struct tsec_span record)
{
    struct memory *m = ctx;

    CU_ASSERT_EQUAL_FATAL(record.len, LEDGER_SEEN_LEN);
    memcpy(m->records[m->next], record.ptr, record.len);
    m->lens[m->next] = record.len;
    m->next = 1 - m->next;
    m->kept++;
}

static void
settle(void *ctx)
{
    ((struct memory *)ctx)->settled++;
}

static void
memory_init(struct memory *m)
{
    memset(m, 0, sizeof(*m));
    m->seen = (struct node_seen){ .ctx = m, .recall = recall, .keep = keep, .settle = settle };
}

/* A copy remembers what the other does, for itself. */
static void
memory_copy(struct memory *to, const struct memory *from)
{
    *to = *from;
    to->seen.ctx = to;
}

static uint64_t
newest(const struct memory *m)
{
    uint64_t size = 0;

    for (int b = 0; b < 8; b++) {
        size = size << 8 | m->records[1 - m->next][8 + b];
    }
    return size;
}

/* ---- nodes ---- */

static unsigned noticed;

static void
notice(const char *what, const struct tsec_err *err)
{
    (void)err;
    noticed += strstr(what, "seen before") != NULL ? 1 : 0;
}

static tsec_rc
open_with(struct node_bench *b, struct memory *m, const char *uri, bool init, struct tsec_err *err)
{
    b->stepped = true;
    b->snapshot_every = EVERY;
    b->seen = &m->seen;
    b->notice = notice;
    return node_bench_open(b, uri, init, err);
}

static void
put(struct node_bench *b, int times)
{
    for (int i = 0; i < times; i++) {
        OK(node_bench_put(b, "sys/n", "x"));
    }
}

/* As if the process had been killed: nothing of its end reaches the store, or the memory. */
static void
drop(struct node_bench *b, struct memory *m)
{
    struct memory kept;

    memory_copy(&kept, m);
    store_mem_copy("db", "kept");
    node_bench_close(b);
    store_mem_copy("kept", "db");
    memory_copy(m, &kept);
}

static void
expect_rollback(struct memory *m, const char *words)
{
    struct node_bench b = { .node = NULL };
    struct tsec_err err = { 0 };

    CU_ASSERT_EQUAL(open_with(&b, m, "mem:db", false, &err).code, TSEC_E_ROLLBACK);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, words));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "delete the memory"));
    node_bench_close(&b);
}

/* ---- tests ---- */

static void
each_answer_finds_its_log_remembered(void)
{
    struct node_bench b = { .node = NULL };
    struct memory m;

    memory_init(&m);
    OK(open_with(&b, &m, "mem:db", true, NULL));
    CU_ASSERT_EQUAL(newest(&m), ledger_size(b.node->active.ledger));
    for (int i = 0; i < 30; i++) {
        put(&b, 1);
        CU_ASSERT_EQUAL(newest(&m), ledger_size(b.node->active.ledger));
    }
    tsec_clock_fake_advance(&b.clock, 2 * TSEC_NS_PER_S);
    (void)node_step(b.node);
    CU_ASSERT_TRUE(m.settled > 0);
    node_bench_close(&b);
    OK(open_with(&b, &m, "mem:db", false, NULL)); /* a clean end is remembered as well */
    CU_ASSERT_TRUE(ledger_from(b.node->active.ledger) > 0);
    node_bench_close(&b);
    store_mem_forget();
}

static void
an_older_copy_is_refused_and_the_newest_is_not(void)
{
    struct node_bench b = { .node = NULL };
    struct memory m;

    memory_init(&m);
    OK(open_with(&b, &m, "mem:db", true, NULL));
    put(&b, 3);
    CU_ASSERT_TRUE_FATAL(store_mem_copy("db", "older"));
    put(&b, 1);
    drop(&b, &m);
    CU_ASSERT_TRUE_FATAL(store_mem_copy("db", "newest"));
    CU_ASSERT_TRUE_FATAL(store_mem_copy("older", "db"));
    expect_rollback(&m, "rollback detected: have");
    expect_rollback(&m, "rollback detected: have"); /* a refusal forgets nothing */
    m.records[1 - m.next][40] ^= 1;                 /* torn: the one before it counts */
    CU_ASSERT_EQUAL(noticed, 0);
    OK(open_with(&b, &m, "mem:db", false, NULL));
    CU_ASSERT_EQUAL(noticed, 0);
    node_bench_close(&b);
    CU_ASSERT_TRUE_FATAL(store_mem_copy("newest", "db"));
    memory_init(&m);
    OK(open_with(&b, &m, "mem:db", false, NULL));
    node_bench_close(&b);
    store_mem_forget();
}

static void
a_log_that_went_on_from_an_older_copy_is_refused(void)
{
    struct node_bench b = { .node = NULL };
    struct memory m;
    struct memory other;

    memory_init(&m);
    OK(open_with(&b, &m, "mem:db", true, NULL));
    CU_ASSERT_TRUE_FATAL(store_mem_copy("db", "older"));
    put(&b, 2);
    drop(&b, &m);
    CU_ASSERT_TRUE_FATAL(store_mem_copy("older", "db"));
    memory_init(&other);
    OK(open_with(&b, &other, "mem:db", false, NULL));
    put(&b, 8);
    drop(&b, &other);
    expect_rollback(&m, "the ledger is not the one");
    store_mem_forget();
}

/* The start begins at a snapshot that is newer than the memory. */
static void
begin_behind_the_snapshot(struct memory *m, bool forked)
{
    struct node_bench b = { .node = NULL };
    struct memory other;

    memory_init(m);
    OK(open_with(&b, m, "mem:db", true, NULL));
    CU_ASSERT_TRUE_FATAL(store_mem_copy("db", "older"));
    put(&b, 2);
    drop(&b, m);
    memory_copy(&other, m);
    if (forked) {
        CU_ASSERT_TRUE_FATAL(store_mem_copy("older", "db"));
        memory_init(&other);
    }
    OK(open_with(&b, &other, "mem:db", false, NULL));
    put(&b, 4 * EVERY);
    node_bench_close(&b);
}

static void
what_lies_before_the_snapshot_must_be_what_was_seen(void)
{
    struct node_bench b = { .node = NULL };
    struct memory m;
    struct tsec_err err = { 0 };
    uint64_t seen;
    unsigned kept;

    begin_behind_the_snapshot(&m, true);
    kept = m.kept;
    OK(open_with(&b, &m, "mem:db", false, NULL));
    CU_ASSERT_TRUE_FATAL(ledger_from(b.node->active.ledger) > 8);
    for (int i = 0; i < STEPS_MAX && !node_failure(b.node, &err); i++) {
        (void)node_step(b.node);
    }
    CU_ASSERT_TRUE(node_failure(b.node, &err));
    CU_ASSERT_EQUAL(err.code, TSEC_E_ROLLBACK);
    node_bench_close(&b);
    CU_ASSERT_EQUAL(m.kept, kept); /* or a second start would not notice */
    store_mem_forget();

    begin_behind_the_snapshot(&m, false);
    seen = newest(&m);
    OK(open_with(&b, &m, "mem:db", false, NULL));
    CU_ASSERT_EQUAL(newest(&m), seen);
    put(&b, 1);
    put(&b, 1);
    CU_ASSERT_EQUAL(newest(&m), ledger_size(b.node->active.ledger));
    CU_ASSERT_EQUAL(node_status(b.node), NODE_ACTIVE);
    node_bench_close(&b);
    store_mem_forget();
}

static void
what_others_wrote_is_remembered_too(void)
{
    struct node_bench a = { .node = NULL };
    struct node_bench b = { .node = NULL };
    struct memory ours;
    struct memory theirs;
    uint64_t size;

    memory_init(&ours);
    memory_init(&theirs);
    OK(open_with(&a, &ours, "mem:db", true, NULL));
    OK(open_with(&b, &theirs, "mem:db", false, NULL));
    put(&b, 3);
    size = ledger_size(b.node->active.ledger);
    for (int i = 0; i < STEPS_MAX && newest(&ours) < size; i++) {
        tsec_clock_fake_advance(&a.clock, TSEC_NS_PER_S);
        (void)node_step(a.node);
    }
    CU_ASSERT_EQUAL(newest(&ours), size);
    node_bench_close(&a);
    node_bench_close(&b);
    store_mem_forget();
}

static void
the_memory_of_another_log_is_noticed_and_replaced(void)
{
    struct node_bench b = { .node = NULL };
    struct memory m;

    memory_init(&m);
    OK(open_with(&b, &m, "mem:other", true, NULL));
    put(&b, 40);
    node_bench_close(&b);
    noticed = 0;
    OK(open_with(&b, &m, "mem:db", true, NULL));
    CU_ASSERT_EQUAL(noticed, 1);
    CU_ASSERT_EQUAL(newest(&m), ledger_size(b.node->active.ledger));
    node_bench_close(&b);
    noticed = 0;
    store_mem_forget();
}

static void
a_memory_that_cannot_be_read_stops_the_start(void)
{
    struct node_bench b = { .node = NULL };
    struct memory m;
    struct tsec_err err = { 0 };

    memory_init(&m);
    OK(open_with(&b, &m, "mem:db", true, NULL));
    node_bench_close(&b);
    m.broken = true;
    CU_ASSERT_EQUAL(open_with(&b, &m, "mem:db", false, &err).code, TSEC_E_CONFIG);
    node_bench_close(&b);
    store_mem_forget();
}

static const struct test_case cases[] = {
    { "each answer finds its log remembered", each_answer_finds_its_log_remembered },
    { "an older copy is refused and the newest is not",
      an_older_copy_is_refused_and_the_newest_is_not },
    { "a log that went on from an older copy is refused",
      a_log_that_went_on_from_an_older_copy_is_refused },
    { "what lies before the snapshot must be what was seen",
      what_lies_before_the_snapshot_must_be_what_was_seen },
    { "what others wrote is remembered too", what_others_wrote_is_remembered_too },
    { "the memory of another log is noticed and replaced",
      the_memory_of_another_log_is_noticed_and_replaced },
    { "a memory that cannot be read stops the start",
      a_memory_that_cannot_be_read_stops_the_start },
};

TEST_MAIN("core/node_seen", cases)
