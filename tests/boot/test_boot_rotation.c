/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that rotate by themselves, on two servers over one store: each rotates once. */
#include "boot/boot_internal.h"

#include <time.h>

#include "core/mount.h"
#include "core/transit_key.h"
#include "tests/double/node_bench.h"
#include "tests/double/store_mem.h"
#include "tests/test.h"

#define OK(expr) CU_ASSERT_FALSE_FATAL(tsec_failed(expr))
enum { KEYS = 5, PATIENCE = 2000 /* of 5 ms */ };

struct fixture {
    struct node_bench servers[2];
    struct boot_jobs jobs[2];
    struct workers *workers[2];
    char mount[MOUNT_ID_LEN + 1];
};

static tsec_rc
make_mount(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct fixture *f = ctx;
    struct mount mount = { .path = "transit/", .type = "transit" };

    TSEC_TRY(mount_add(txn, MOUNT_SECRETS, &mount, err));
    memcpy(f->mount, mount.id, sizeof(f->mount));
    return TSEC_OK;
}

static tsec_rc
make_keys(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct fixture *f = ctx;

    for (int i = 0; i < KEYS; i++) {
        const bool pair = i == 0;
        const struct transit_key settings = {
            .name = tsec_arena_printf(txn_arena(txn), "k%d", i),
            .type_name = pair ? "ecdsa-p256" : "aes256-gcm96",
            .auto_rotate_ns = 3600 * TSEC_NS_PER_S,
        };
        const struct transit_key *out = NULL;
        struct transit_fresh fresh;

        TSEC_TRY(
            transit_make(transit_type_named(settings.type_name), 0, txn_arena(txn), &fresh, err));
        TSEC_TRY(transit_key_create(txn, f->mount, &settings, &fresh, &out, err));
    }
    return TSEC_OK;
}

/* The clocks of the benches stand in the past: by the real one every key is due. */
static void
start(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(f->servers); i++) {
        OK(node_bench_open(&f->servers[i], "mem:rotation", i == 0, NULL));
        OK(workers_new(2, 16, &f->workers[i], NULL));
        (void)pthread_mutex_init(&f->jobs[i].workers_lock, NULL);
        f->jobs[i].workers = f->workers[i];
    }
    OK(node_bench_do(&f->servers[0], make_mount, f, NULL, NULL, NULL));
    OK(node_bench_do(&f->servers[0], make_keys, f, NULL, NULL, NULL));
}

static void
end(struct fixture *f)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(f->servers); i++) {
        boot_jobs_stop(&f->jobs[i]);
        workers_free(f->workers[i]);
        node_bench_close(&f->servers[i]);
    }
    store_mem_forget();
}

struct sum {
    const char *mount;
    int64_t latest;
    bool due;
};

static tsec_rc
read_sum(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct sum *sum = ctx;
    struct tsec_strings names;
    struct transit_due due;

    sum->latest = 0;
    TSEC_TRY(transit_key_list(txn, sum->mount, &names, err));
    for (size_t i = 0; i < names.len; i++) {
        const struct transit_key *key = NULL;
        struct transit_version version;

        TSEC_TRY(transit_key_find(txn, sum->mount, tsec_span_str(names.items[i]), &key, err));
        TSEC_TRY(transit_key_version(txn, sum->mount, key, key->latest, &version, err));
        CU_ASSERT_TRUE(version.material.len > 0);
        sum->latest += key->latest;
    }
    sum->due = !tsec_failed(transit_next_due(txn, &due, NULL));
    return TSEC_OK;
}

static struct sum
sum_of(struct fixture *f, size_t server)
{
    struct sum sum = { .mount = f->mount };

    OK(node_bench_do(&f->servers[server], read_sum, &sum, NULL, NULL, NULL));
    return sum;
}

static bool
both_idle(struct fixture *f)
{
    return !atomic_load(&f->jobs[0].rotating_user_keys)
           && !atomic_load(&f->jobs[1].rotating_user_keys);
}

/* Until the keys have so many versions together, and nobody is at it. */
static bool
wait_for(struct fixture *f, int64_t latest)
{
    const struct timespec moment = { 0, 5 * TSEC_NS_PER_MS };

    for (int i = 0; i < PATIENCE; i++) {
        if (both_idle(f) && sum_of(f, 0).latest >= latest) {
            return true;
        }
        (void)nanosleep(&moment, NULL);
    }
    return false;
}

static void
every_key_that_is_due_rotates_once(void)
{
    struct fixture f;

    start(&f);
    CU_ASSERT_EQUAL(sum_of(&f, 1).latest, KEYS);
    boot_rotate_due(&f.jobs[0], f.servers[0].node);
    boot_rotate_due(&f.jobs[1], f.servers[1].node);
    CU_ASSERT_TRUE(wait_for(&f, 2 * KEYS));
    boot_rotate_due(&f.jobs[1], f.servers[1].node);
    CU_ASSERT_TRUE(wait_for(&f, 2 * KEYS));
    CU_ASSERT_EQUAL(sum_of(&f, 0).latest, 2 * KEYS);
    CU_ASSERT_EQUAL(sum_of(&f, 1).latest, 2 * KEYS);
    CU_ASSERT_FALSE(sum_of(&f, 1).due);
    end(&f);
}

static void
after_the_workers_nothing_is_begun(void)
{
    struct fixture f;

    start(&f);
    for (size_t i = 0; i < 2; i++) {
        boot_jobs_stop(&f.jobs[i]);
        boot_rotate_due(&f.jobs[i], f.servers[i].node);
        CU_ASSERT_FALSE(atomic_load(&f.jobs[i].rotating_user_keys));
    }
    CU_ASSERT_EQUAL(sum_of(&f, 0).latest, KEYS);
    end(&f);
}

static tsec_rc
remove_mount(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct mount *mount = NULL;

    (void)ctx;
    TSEC_TRY(mount_at(txn, MOUNT_SECRETS, "transit/", &mount, err));
    return mount_remove(txn, MOUNT_SECRETS, mount, err);
}

static tsec_rc
count_due(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct tsec_strings names;

    TSEC_TRY(record_names(txn, tsec_span_str("sys/transit-due/"), tsec_span(NULL, 0), 0, true,
                          &names, err));
    *(size_t *)ctx = names.len;
    return TSEC_OK;
}

static void
keys_of_a_mount_that_is_gone_are_forgotten(void)
{
    size_t due = 0;
    struct fixture f;

    start(&f);
    OK(node_bench_do(&f.servers[0], remove_mount, NULL, NULL, NULL, NULL));
    OK(node_bench_do(&f.servers[0], count_due, &due, NULL, NULL, NULL));
    CU_ASSERT_EQUAL(due, KEYS);
    boot_rotate_due(&f.jobs[0], f.servers[0].node);
    CU_ASSERT_TRUE(wait_for(&f, KEYS));
    OK(node_bench_do(&f.servers[0], count_due, &due, NULL, NULL, NULL));
    CU_ASSERT_EQUAL(due, 0);
    CU_ASSERT_EQUAL(sum_of(&f, 0).latest, KEYS); /* their rows await the purge */
    end(&f);
}

static const struct test_case cases[] = {
    { "every key that is due rotates once", every_key_that_is_due_rotates_once },
    { "after the workers nothing is begun", after_the_workers_nothing_is_begun },
    { "keys of a mount that is gone are forgotten", keys_of_a_mount_that_is_gone_are_forgotten },
};

TEST_MAIN("boot/boot_rotation", cases)
