/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_names.h"

#include "tests/test.h"

static void
push(struct tsec_json_names *names, const char *raw)
{
    const struct tsec_json_name name = { .raw = tsec_span_str(raw),
                                         .escaped = strchr(raw, '\\') != NULL };

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_json_names_push(names, name, NULL)));
}

static void
an_inner_object_does_not_disturb_the_outer(void)
{
    struct tsec_json_names names;

    tsec_json_names_init(&names);
    push(&names, "\"a\"");
    push(&names, "\"b\"");
    push(&names, "\"a\""); /* of an inner object */
    CU_ASSERT_FALSE(tsec_json_names_pop(&names, 2));
    push(&names, "\"\\u0062\"");
    CU_ASSERT_TRUE(tsec_json_names_pop(&names, 0));
    CU_ASSERT_FALSE(tsec_json_names_pop(&names, 0));
    tsec_json_names_done(&names);
}

static void
many_names_move_to_memory_of_their_own(void)
{
    static char raw[1000][8];
    struct tsec_json_names names;

    tsec_json_names_init(&names);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(raw); i++) {
        raw[i][0] = raw[i][4] = '"';
        raw[i][1] = (char)('0' + i / 100);
        raw[i][2] = (char)('0' + i / 10 % 10);
        raw[i][3] = (char)('0' + i % 10);
        push(&names, raw[i]);
    }
    CU_ASSERT_PTR_NOT_EQUAL(names.items, names.first);
    push(&names, "\"\\u0039\\u0039\\u0039\"");
    CU_ASSERT_TRUE(tsec_json_names_pop(&names, 500));
    CU_ASSERT_FALSE(tsec_json_names_pop(&names, 0));
    tsec_json_names_done(&names);
}

enum { NAME_LEN = 26, NAMES_MAX = 140 };

/* Writes names that begin, end and are as long alike, so that their hashes are the same. */
static void
crowd(char raw[NAMES_MAX][NAME_LEN])
{
    for (unsigned i = 0; i < NAMES_MAX; i++) {
        memcpy(raw[i], "\"same-start-...-same-end\"", NAME_LEN - 1);
        raw[i][NAME_LEN - 1] = '\0';
        raw[i][12] = (char)('a' + i % 16);
        raw[i][13] = (char)('a' + i / 16);
    }
}

static void
one_name_twice_is_found_among_any_number(void)
{
    static char raw[NAMES_MAX][NAME_LEN];
    struct tsec_json_names names;

    crowd(raw);
    for (size_t n = 2; n <= NAMES_MAX; n++) {
        const size_t again = n * 7 % (n - 1);

        tsec_json_names_init(&names);
        for (size_t i = 0; i < n; i++) {
            push(&names, raw[i]);
        }
        CU_ASSERT_FALSE(tsec_json_names_pop(&names, 0));
        for (size_t i = 0; i < n; i++) {
            push(&names, raw[i == n - 1 ? again : i]);
        }
        CU_ASSERT_TRUE(tsec_json_names_pop(&names, 0));
        tsec_json_names_done(&names);
    }
}

static void
names_in_disguise_are_found_among_any_number(void)
{
    static char raw[NAMES_MAX][NAME_LEN];
    struct tsec_json_names names;

    crowd(raw);
    for (size_t n = 2; n <= NAMES_MAX; n++) {
        tsec_json_names_init(&names);
        for (size_t i = 0; i + 1 < n; i++) {
            push(&names, raw[i]);
        }
        push(&names, "\"\\u0073ame-star\"");
        CU_ASSERT_FALSE(tsec_json_names_pop(&names, 0));
        push(&names, "\"\\u0061\"");
        for (size_t i = 0; i + 1 < n; i++) {
            push(&names, raw[i]);
        }
        push(&names, "\"a\"");
        CU_ASSERT_TRUE(tsec_json_names_pop(&names, 0));
        tsec_json_names_done(&names);
    }
}

static void
order_is_that_of_the_unescaped_bytes(void)
{
    static const char *const sorted[] = { "\"\"",        "\"\\u0001\"",
                                          "\"a\"",       "\"\\u0061b\"",
                                          "\"b\"",       "\"\\u00e9\"",
                                          "\"\\uffff\"", "\"\\ud83d\\ude00\"" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(sorted); i++) {
        for (size_t j = 0; j < TSEC_ARRAY_LEN(sorted); j++) {
            const int order =
                tsec_json_strings_compare(tsec_span_str(sorted[i]), tsec_span_str(sorted[j]));

            CU_ASSERT_EQUAL((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
}

static const struct test_case cases[] = {
    { "an inner object does not disturb the outer", an_inner_object_does_not_disturb_the_outer },
    { "many names move to memory of their own", many_names_move_to_memory_of_their_own },
    { "one name twice is found among any number", one_name_twice_is_found_among_any_number },
    { "names in disguise are found among any number",
      names_in_disguise_are_found_among_any_number },
    { "order is that of the unescaped bytes", order_is_that_of_the_unescaped_bytes },
};

TEST_MAIN("codec/json_names", cases)
