/* SPDX-License-Identifier: Apache-2.0 */
/* What two servers over one store find due at the same moment is done once. */
#include "boot/boot_internal.h"

#include "tests/double/node_bench.h"
#include "tests/double/store_mem.h"
#include "tests/test.h"

#define OK(expr) CU_ASSERT_FALSE_FATAL(tsec_failed(expr))

#define HOUR_NS (3600 * TSEC_NS_PER_S)

struct fixture {
    struct node_bench servers[2];
    struct boot_jobs jobs[2];
};

static tsec_rc
read_status(void *ctx, struct txn *txn, struct tsec_err *err)
{
    (void)err;
    node_key_status(txn, ctx);
    return TSEC_OK;
}

/* Waits, too, for what was submitted before. */
static struct node_key_status
status(struct node_bench *server)
{
    struct node_key_status out = { 0 };

    OK(node_bench_do(server, read_status, &out, NULL, NULL, NULL));
    return out;
}

static void
start(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(f->servers); i++) {
        OK(node_bench_open(&f->servers[i], "mem:jobs", i == 0, NULL));
        atomic_store(&f->jobs[i].dek_max_age_ns, INT64_MAX);
        atomic_store(&f->jobs[i].mek_max_age_ns, INT64_MAX);
        atomic_store(&f->jobs[i].dek_max_uses, UINT64_MAX);
    }
}

static void
end(struct fixture *f)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(f->servers); i++) {
        node_bench_close(&f->servers[i]);
    }
    store_mem_forget();
}

static void
look_both(struct fixture *f, int times)
{
    for (int t = 0; t < times; t++) {
        for (size_t i = 0; i < TSEC_ARRAY_LEN(f->servers); i++) {
            boot_background(&f->jobs[i], f->servers[i].node);
        }
        for (size_t i = 0; i < TSEC_ARRAY_LEN(f->servers); i++) {
            (void)status(&f->servers[i]);
        }
    }
}

/* The keys of the benches are as old as their clock, which stands. */
static void
a_master_key_that_is_too_old_for_both_is_replaced_once(void)
{
    struct node_key_status before;
    struct node_key_status after;
    struct fixture f;

    start(&f);
    before = status(&f.servers[0]);
    atomic_store(&f.jobs[0].mek_max_age_ns, HOUR_NS);
    atomic_store(&f.jobs[1].mek_max_age_ns, HOUR_NS);
    look_both(&f, 4);
    after = status(&f.servers[0]);
    CU_ASSERT_EQUAL(after.mek_version, before.mek_version + 1);
    CU_ASSERT_EQUAL(status(&f.servers[1]).mek_version, after.mek_version);
    CU_ASSERT_EQUAL(status(&f.servers[1]).keyring_version, after.keyring_version);
    end(&f);
}

static void
a_data_key_that_is_too_old_for_both_is_replaced_once(void)
{
    struct node_key_status before;
    struct node_key_status after;
    struct fixture f;

    start(&f);
    OK(node_bench_put(&f.servers[1], "sys/a", "one"));
    before = status(&f.servers[0]);
    atomic_store(&f.jobs[0].dek_max_age_ns, HOUR_NS);
    atomic_store(&f.jobs[1].dek_max_age_ns, HOUR_NS);
    look_both(&f, 6);
    after = status(&f.servers[0]);
    CU_ASSERT_TRUE(after.dek_created_ns > before.dek_created_ns);
    CU_ASSERT_EQUAL(after.deks, before.deks); /* the old one was emptied and retired */
    CU_ASSERT_EQUAL(after.old_deks, 0);
    CU_ASSERT_EQUAL(after.keyring_version, before.keyring_version + 2);
    CU_ASSERT_EQUAL(status(&f.servers[1]).keyring_version, after.keyring_version);
    end(&f);
}

static void
where_nothing_is_due_nothing_is_written(void)
{
    struct node_key_status before;
    struct node_health health;
    uint64_t leaves;
    struct fixture f;

    start(&f);
    before = status(&f.servers[0]);
    node_health(f.servers[0].node, &health);
    leaves = health.ledger_size;
    for (int i = 0; i < 3; i++) {
        boot_background(&f.jobs[0], f.servers[0].node);
        boot_background(&f.jobs[1], f.servers[1].node);
    }
    CU_ASSERT_EQUAL(status(&f.servers[0]).keyring_version, before.keyring_version);
    node_health(f.servers[0].node, &health);
    CU_ASSERT_EQUAL(health.ledger_size, leaves + 1); /* the question's own */
    end(&f);
}

static const struct test_case cases[] = {
    { "a master key that is too old for both is replaced once",
      a_master_key_that_is_too_old_for_both_is_replaced_once },
    { "a data key that is too old for both is replaced once",
      a_data_key_that_is_too_old_for_both_is_replaced_once },
    { "where nothing is due nothing is written", where_nothing_is_due_nothing_is_written },
};

TEST_MAIN("boot/boot_jobs", cases)
