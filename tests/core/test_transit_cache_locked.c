/* SPDX-License-Identifier: Apache-2.0 */
/* In a process of its own: the locked heap is set up once and has one size. */
#include <inttypes.h>
#include <stdio.h>

#include "crypto/crypto.h"
#include "tests/core/cache_bench.h"

enum { HEAP = 32 * 1024, KEYS = 100, LEN = 480 /* and so 512 of the heap */ };

/* Whether the page of this address is locked and left out of core files: "lo" and "dd" in smaps. */
static bool
is_locked(const void *at)
{
    FILE *smaps = fopen("/proc/self/smaps", "re");
    char line[512];
    bool inside = false;
    bool locked = false;

    CU_ASSERT_PTR_NOT_NULL_FATAL(smaps);
    while (fgets(line, sizeof(line), smaps) != NULL) {
        uintptr_t from = 0;
        uintptr_t to = 0;

        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &from, &to) == 2) {
            inside = (uintptr_t)at >= from && (uintptr_t)at < to;
        } else if (inside && strncmp(line, "VmFlags:", 8) == 0) {
            locked = strstr(line, " lo") != NULL && strstr(line, " dd") != NULL;
        }
    }
    (void)fclose(smaps);
    return locked;
}

static void
make_keys(void)
{
    char name[8];

    for (int i = 0; i < KEYS; i++) {
        const struct transit_fresh fresh = keys_fresh(TRANSIT_HMAC, LEN, (uint8_t)i);

        (void)snprintf(name, sizeof(name), "k%d", i);
        OK(keys_create(&(struct transit_key){ .name = name, .type_name = "hmac" }, &fresh));
    }
}

static void
raw_keys_lie_in_locked_pages(void)
{
    keys_begin();
    OK(tsec_crypto_lock_heap(HEAP, NULL));
    make_keys();

    const struct transit_material *material = get(NULL, "k7", 1);

    CU_ASSERT_EQUAL(transit_material_hmac(material).ptr[LEN - 1], 7);
    CU_ASSERT_TRUE(is_locked(transit_material_hmac(material).ptr));
    CU_ASSERT_FALSE(is_locked(material)); /* it can tell */
    transit_material_release(material);
}

/* The budget would keep all of them, the heap has room for fewer. */
static void
a_full_heap_makes_the_cache_forget(void)
{
    TSEC_AUTO(transit_cache_free) struct transit_cache *cache = cache_of(ROOM);
    char name[8];

    for (int i = 0; i < 3 * KEYS; i++) {
        (void)snprintf(name, sizeof(name), "k%d", i % KEYS);
        touch(cache, name, 1);
        CU_ASSERT_TRUE(stats_of(cache).entries >= 1);
    }
    CU_ASSERT_TRUE(stats_of(cache).entries < HEAP / LEN);
}

static void
when_all_is_in_use_one_more_is_refused_and_nothing_breaks(void)
{
    TSEC_AUTO(transit_cache_free) struct transit_cache *cache = cache_of(ROOM);
    const struct transit_material *held[KEYS] = { NULL };
    char name[8];
    int n = 0;

    for (; n < KEYS; n++) {
        struct wish wish = { cache, name, 1, NULL };

        (void)snprintf(name, sizeof(name), "k%d", n);

        const tsec_rc rc = keys_run(run_get, &wish);

        if (tsec_failed(rc)) {
            EXPECT_CODE(rc, TSEC_E_NO_MEMORY);
            CU_ASSERT_PTR_NULL(wish.got);
            break;
        }
        held[n] = wish.got;
    }
    CU_ASSERT_TRUE(n > 20 && n < KEYS);
    for (int i = 0; i < n; i++) {
        CU_ASSERT_EQUAL(transit_material_hmac(held[i]).ptr[0], i);
        transit_material_release(held[i]);
    }
    transit_cache_clear(cache);
    touch(cache, "k99", 1);
    keys_end();
}

static const struct test_case cases[] = {
    { "raw keys lie in locked pages", raw_keys_lie_in_locked_pages },
    { "a full heap makes the cache forget", a_full_heap_makes_the_cache_forget },
    { "when all is in use one more is refused and nothing breaks",
      when_all_is_in_use_one_more_is_refused_and_nothing_breaks },
};

TEST_MAIN("core/transit_cache_locked", cases)
