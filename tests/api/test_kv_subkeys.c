/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/kv_bench.h"

static void
write_one(void)
{
    kv_begin();
    EXPECT(200, kv_post("data/s", "{\"data\":{\"old\":\"hidden-1\"}}"));
    EXPECT(200, kv_post("data/s", "{\"data\":{\"a\":\"hidden-2\",\"b\":{\"c\":[1],\"d\":"
                                  "{\"e\":true}},\"f\":{}}}"));
}

static void
names_are_shown_without_values(void)
{
    write_one();
    EXPECT(200, kv_get("subkeys/s"));
    EXPECT_AT("data.subkeys", "{\"a\":null,\"b\":{\"c\":null,\"d\":{\"e\":null}},\"f\":null}");
    EXPECT_AT("data.metadata.version", "2");
    CU_ASSERT_FALSE(kv_says("hidden"));
    EXPECT(200, kv_get("subkeys/s?version=1"));
    EXPECT_AT("data.subkeys", "{\"old\":null}");
    CU_ASSERT_FALSE(kv_says("hidden"));
    kv_end();
}

static void
depth_cuts_what_is_below(void)
{
    write_one();
    EXPECT(200, kv_get("subkeys/s?depth=1"));
    EXPECT_AT("data.subkeys", "{\"a\":null,\"b\":null,\"f\":null}");
    EXPECT(200, kv_get("subkeys/s?depth=2"));
    EXPECT_AT("data.subkeys", "{\"a\":null,\"b\":{\"c\":null,\"d\":null},\"f\":null}");
    EXPECT(200, kv_get("subkeys/s?depth=0"));
    EXPECT_AT("data.subkeys.b.d", "{\"e\":null}");
    EXPECT(400, kv_get("subkeys/s?depth=x"));
    EXPECT(400, kv_get("subkeys/s?depth=-1"));
    EXPECT(400, kv_get("subkeys/s?depth=4294967296"));
    EXPECT(400, kv_get("subkeys/s?version=x"));
    kv_end();
}

static void
what_is_gone_shows_no_names(void)
{
    write_one();
    EXPECT_NOTHING(kv_get("subkeys/never"));
    EXPECT_NOTHING(kv_get("subkeys/s?version=9"));
    EXPECT(204, kv_delete("data/s"));
    EXPECT(404, kv_get("subkeys/s"));
    EXPECT_AT("data.subkeys", "null");
    EXPECT_AT("data.metadata.version", "2");
    kv_end();
}

static const struct test_case cases[] = {
    { "names are shown without values", names_are_shown_without_values },
    { "depth cuts what is below", depth_cuts_what_is_below },
    { "what is gone shows no names", what_is_gone_shows_no_names },
};

TEST_MAIN("api/kv_subkeys", cases)
