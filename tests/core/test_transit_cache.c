/* SPDX-License-Identifier: Apache-2.0 */
#include "core/transit_cache.h"

#include "tests/core/cache_bench.h"
#include "tests/freed_library.h"

static bool
is_kept(struct transit_cache *cache, const char *name, int64_t number)
{
    const uint64_t hits = stats_of(cache).hits;

    touch(cache, name, number);
    return stats_of(cache).hits > hits;
}

static void
a_version_is_parsed_once(void)
{
    keys_begin();
    TSEC_AUTO(transit_cache_free) struct transit_cache *cache = cache_of(ROOM);

    OK(keys_create_aes("k"));

    const struct transit_material *one = get(cache, "k", 1);
    const struct transit_material *again = get(cache, "k", 1);
    const struct transit_cache_stats stats = stats_of(cache);

    CU_ASSERT_PTR_EQUAL(one, again);
    CU_ASSERT_EQUAL(stats.misses, 1);
    CU_ASSERT_EQUAL(stats.hits, 1);
    CU_ASSERT_EQUAL(stats.entries, 1);
    CU_ASSERT_TRUE(stats.bytes >= transit_material_bytes(one));
    transit_material_release(one);
    transit_material_release(again);
    keys_end();
}

static void
versions_and_keys_are_told_apart(void)
{
    keys_begin();
    TSEC_AUTO(transit_cache_free) struct transit_cache *cache = cache_of(ROOM);
    const struct transit_fresh second = keys_fresh(TRANSIT_AES256_GCM96, 32, 2);
    const struct transit_fresh other = keys_fresh(TRANSIT_AES256_GCM96, 32, 3);
    static const struct {
        const char *name;
        int64_t number;
        uint8_t fill;
    } all[] = { { "k", 1, 1 }, { "k", 2, 2 }, { "l", 1, 3 } };

    OK(keys_create_aes("k"));
    OK(keys_rotate("k", &second));
    OK(keys_create(&(struct transit_key){ .name = "l", .type_name = "aes256-gcm96" }, &other));
    for (size_t i = 0; i < 2 * TSEC_ARRAY_LEN(all); i++) { /* parsed, then found */
        const size_t at = i % TSEC_ARRAY_LEN(all);
        const struct transit_material *material = get(cache, all[at].name, all[at].number);

        CU_ASSERT_PTR_NOT_NULL_FATAL(material);
        CU_ASSERT_EQUAL(transit_material_raw(material).ptr[31], all[at].fill);
        transit_material_release(material);
    }
    CU_ASSERT_EQUAL(stats_of(cache).misses, 3);
    CU_ASSERT_EQUAL(stats_of(cache).hits, 3);
    keys_end();
}

static void
a_key_made_again_under_an_old_name_is_another(void)
{
    keys_begin();
    TSEC_AUTO(transit_cache_free) struct transit_cache *cache = cache_of(ROOM);
    const struct transit_settings deletable = { .has_deletion_allowed = true,
                                                .deletion_allowed = true };
    const struct transit_fresh other = keys_fresh(TRANSIT_AES256_GCM96, 32, 9);

    OK(keys_create_aes("k"));
    touch(cache, "k", 1);
    OK(keys_configure("k", &deletable));
    OK(keys_delete("k"));
    CU_ASSERT_PTR_NULL(get(cache, "k", 1));
    OK(keys_create(&(struct transit_key){ .name = "k", .type_name = "aes256-gcm96" }, &other));

    const struct transit_material *material = get(cache, "k", 1);

    CU_ASSERT_PTR_NOT_NULL_FATAL(material);
    CU_ASSERT_EQUAL(transit_material_raw(material).ptr[0], 9);
    transit_material_release(material);
    keys_end();
}

static void
a_version_that_is_not_there_is_refused_though_it_was_kept(void)
{
    keys_begin();
    TSEC_AUTO(transit_cache_free) struct transit_cache *cache = cache_of(ROOM);
    const struct transit_settings minima = { .has_min_decryption = true,
                                             .min_decryption = 2,
                                             .has_min_encryption = true,
                                             .min_encryption = 2 };

    OK(keys_create_aes("k"));
    OK(keys_rotate_times("k", 1));
    touch(cache, "k", 1);
    OK(keys_configure("k", &minima));
    OK(keys_trim("k", 2));
    for (int64_t number = -1; number <= 4; number++) {
        const struct transit_material *material = get(cache, "k", number);

        CU_ASSERT_EQUAL(material != NULL, number == 2);
        CU_ASSERT_STRING_EQUAL(keys_detail(), number == 2 ? "" : "no such key version");
        transit_material_release(material);
    }
    keys_end();
}

static void
without_a_cache_each_call_parses(void)
{
    keys_begin();
    OK(keys_create_aes("k"));

    const struct transit_material *one = get(NULL, "k", 1);
    const struct transit_material *two = get(NULL, "k", 1);

    CU_ASSERT_PTR_NOT_NULL(one);
    CU_ASSERT_PTR_NOT_EQUAL(one, two);
    CU_ASSERT_PTR_NULL(get(NULL, "k", 2));
    transit_material_release(one);
    transit_material_release(two);
    transit_cache_sweep(NULL);
    transit_cache_clear(NULL);
    keys_end();
}

static void
what_was_used_longest_ago_makes_room(void)
{
    keys_begin();
    TSEC_AUTO(transit_cache_free) struct transit_cache *cache = cache_of(16 * 8 * 1024);

    OK(keys_create_aes("k"));
    OK(keys_rotate_times("k", 19)); /* all in one shard, which has 8 KiB: room for three */
    touch(cache, "k", 1);
    touch(cache, "k", 2);
    for (int64_t number = 3; number <= 20; number++) {
        touch(cache, "k", number);
        CU_ASSERT_TRUE(is_kept(cache, "k", 1)); /* it is used all the time */
        CU_ASSERT_TRUE(stats_of(cache).bytes <= 8 * 1024);
    }
    CU_ASSERT_TRUE(stats_of(cache).entries >= 2);
    CU_ASSERT_TRUE(stats_of(cache).entries < 8);
    CU_ASSERT_TRUE(is_kept(cache, "k", 20));
    CU_ASSERT_FALSE(is_kept(cache, "k", 2));
    keys_end();
}

static void
what_is_larger_than_its_share_is_used_and_not_kept(void)
{
    keys_begin();
    TSEC_AUTO(transit_cache_free) struct transit_cache *cache = cache_of(16);

    OK(keys_create_aes("k"));
    CU_ASSERT_FALSE(is_kept(cache, "k", 1));
    CU_ASSERT_FALSE(is_kept(cache, "k", 1));
    CU_ASSERT_EQUAL(stats_of(cache).entries, 0);
    CU_ASSERT_EQUAL(stats_of(cache).bytes, 0);
    keys_end();
}

static void
what_was_not_used_for_a_while_is_swept_away(void)
{
    keys_begin();
    TSEC_AUTO(transit_cache_free) struct transit_cache *cache = cache_of(ROOM);

    OK(keys_create_aes("k"));
    OK(keys_rotate_times("k", 1));
    touch(cache, "k", 1);
    touch(cache, "k", 2);
    tsec_clock_fake_advance(&hands, 59 * TSEC_NS_PER_S);
    touch(cache, "k", 2);
    transit_cache_sweep(cache);
    CU_ASSERT_EQUAL(stats_of(cache).entries, 2);
    tsec_clock_fake_advance(&hands, 2 * TSEC_NS_PER_S);
    transit_cache_sweep(cache);
    CU_ASSERT_EQUAL(stats_of(cache).entries, 1);
    CU_ASSERT_TRUE(is_kept(cache, "k", 2));
    CU_ASSERT_FALSE(is_kept(cache, "k", 1));
    keys_end();
}

static void
dropping_a_key_drops_all_of_its_versions_and_no_other(void)
{
    keys_begin();
    TSEC_AUTO(transit_cache_free) struct transit_cache *cache = cache_of(ROOM);
    char name[8];

    OK(keys_create_aes("k"));
    OK(keys_rotate_times("k", 9));
    for (int64_t number = 1; number <= 10; number++) {
        touch(cache, "k", number);
    }
    for (int i = 0; i < 40; i++) { /* some of them in the same shard */
        (void)snprintf(name, sizeof(name), "l%d", i);
        OK(keys_create_aes(name));
        touch(cache, name, 1);
    }
    CU_ASSERT_EQUAL(stats_of(cache).entries, 50);
    transit_cache_drop(cache, keys_get("k"));
    CU_ASSERT_EQUAL(stats_of(cache).entries, 40);
    CU_ASSERT_TRUE(is_kept(cache, "l7", 1));
    CU_ASSERT_FALSE(is_kept(cache, "k", 3));
    transit_cache_drop(NULL, keys_get("k"));
    keys_end();
}

static void
what_is_held_outlives_the_clearing_and_is_wiped_after(void)
{
    keys_begin();
    TSEC_AUTO(transit_cache_free) struct transit_cache *cache = cache_of(ROOM);
    const struct transit_fresh marked = keys_fresh(TRANSIT_AES256_GCM96, 32, 0x6b);
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(256);
    const struct transit_params plainly = { 0 };

    OK(keys_create(&(struct transit_key){ .name = "k", .type_name = "aes256-gcm96" }, &marked));

    const struct transit_material *held = get(cache, "k", 1);

    CU_ASSERT_TRUE_FATAL(freed_library_watches());
    freed_library_seek(marked.material.ptr, marked.material.len);
    transit_cache_clear(cache);
    CU_ASSERT_EQUAL(stats_of(cache).entries, 0);
    CU_ASSERT_EQUAL(stats_of(cache).bytes, 0);
    OK(transit_encrypt(held, &plainly, tsec_span_str("p"), &sealed, NULL));
    CU_ASSERT_FALSE(is_kept(cache, "k", 1));
    transit_material_release(held);
    transit_cache_clear(cache);
    CU_ASSERT_EQUAL(freed_library_leaks(), 0);
    keys_end();
}

/* What was being parsed while everything was forgotten is not remembered after that. */
struct late {
    struct wish wish;
    bool drop;
};

static tsec_rc
run_late(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct late *late = ctx;
    const struct transit_key *key = NULL;

    transit_material_release(late->wish.got);
    late->wish.got = NULL;
    TSEC_TRY(transit_key_find(txn, KEYS_MOUNT, tsec_span_str("k"), &key, err));

    /* A row of RSA's size would take long; here the order is what counts. */
    const uint64_t epoch = transit_cache_epoch(late->wish.cache);
    struct transit_version version;
    const struct transit_material *parsed = NULL;

    TSEC_TRY(transit_key_version(txn, KEYS_MOUNT, key, 1, &version, err));
    if (late->drop) {
        transit_cache_drop(late->wish.cache, key);
    } else {
        transit_cache_clear(late->wish.cache);
    }
    TSEC_TRY(transit_material_new(transit_key_type(key), &version, &parsed, err));
    late->wish.got = transit_cache_put(late->wish.cache, key->id, parsed, epoch);
    return TSEC_OK;
}

static void
what_was_parsed_before_a_clearing_is_not_kept_after_it(void)
{
    keys_begin();
    TSEC_AUTO(transit_cache_free) struct transit_cache *cache = cache_of(ROOM);
    struct late late = { .wish = { .cache = cache } };

    OK(keys_create_aes("k"));
    for (int i = 0; i < 2; i++) {
        late.drop = i == 1;
        OK(keys_run(run_late, &late));
        CU_ASSERT_PTR_NOT_NULL(late.wish.got);
        CU_ASSERT_EQUAL(stats_of(cache).entries, 0);
    }
    transit_material_release(late.wish.got);
    keys_end();
}

static const struct test_case cases[] = {
    { "a version is parsed once", a_version_is_parsed_once },
    { "versions and keys are told apart", versions_and_keys_are_told_apart },
    { "a key made again under an old name is another",
      a_key_made_again_under_an_old_name_is_another },
    { "a version that is not there is refused, though it was kept",
      a_version_that_is_not_there_is_refused_though_it_was_kept },
    { "without a cache each call parses", without_a_cache_each_call_parses },
    { "what was used longest ago makes room", what_was_used_longest_ago_makes_room },
    { "what is larger than its share is used and not kept",
      what_is_larger_than_its_share_is_used_and_not_kept },
    { "what was not used for a while is swept away", what_was_not_used_for_a_while_is_swept_away },
    { "dropping a key drops all of its versions and no other",
      dropping_a_key_drops_all_of_its_versions_and_no_other },
    { "what is held outlives the clearing and is wiped after",
      what_is_held_outlives_the_clearing_and_is_wiped_after },
    { "what was parsed before a clearing is not kept after it",
      what_was_parsed_before_a_clearing_is_not_kept_after_it },
};

TEST_MAIN("core/transit_cache", cases)
