/* SPDX-License-Identifier: Apache-2.0 */
#include "core/strings.h"

#include "tests/test.h"

static struct tsec_arena *arena;

static void
begin(void)
{
    CU_ASSERT_EQUAL_FATAL(tsec_arena_new(65536, &arena, NULL).code, 0);
}

static void
sorting_drops_doubles_and_empty_items(void)
{
    const char *items[] = { "b", "", "a", "b", "C" };
    struct tsec_strings list = { items, 5 };

    begin();
    list = strings_sorted(arena, list);
    CU_ASSERT_EQUAL_FATAL(list.len, 3);
    CU_ASSERT_STRING_EQUAL(list.items[0], "C");
    CU_ASSERT_STRING_EQUAL(list.items[1], "a");
    CU_ASSERT_STRING_EQUAL(list.items[2], "b");
    list = strings_lower_sorted(arena, list);
    CU_ASSERT_STRING_EQUAL(list.items[2], "c");
    CU_ASSERT_EQUAL(strings_sorted(arena, (struct tsec_strings){ NULL, 0 }).len, 0);
    tsec_arena_free(arena);
}

static void
adding_leaves_the_list_alone(void)
{
    const char *items[] = { "a" };
    const struct tsec_strings list = { items, 1 };
    struct tsec_strings more;

    begin();
    more = strings_with(arena, list, "z");
    CU_ASSERT_EQUAL(list.len, 1);
    CU_ASSERT_EQUAL_FATAL(more.len, 2);
    CU_ASSERT_TRUE(strings_have(more, "z"));
    CU_ASSERT_FALSE(strings_have(list, "z"));
    CU_ASSERT_FALSE(strings_have(more, "zz"));
    tsec_arena_free(arena);
}

static void
a_map_gives_what_it_has(void)
{
    const char *keys[] = { "a", "b" };
    const char *values[] = { "1", "2" };
    const struct tsec_string_map map = { keys, values, 2 };

    CU_ASSERT_STRING_EQUAL(string_map_get(&map, "b"), "2");
    CU_ASSERT_PTR_NULL(string_map_get(&map, "c"));
}

static const struct test_case cases[] = {
    { "sorting drops doubles and empty items", sorting_drops_doubles_and_empty_items },
    { "adding leaves the list alone", adding_leaves_the_list_alone },
    { "a map gives what it has", a_map_gives_what_it_has },
};

TEST_MAIN("core/strings", cases)
