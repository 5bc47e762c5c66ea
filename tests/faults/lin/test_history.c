/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/faults/lin/history.h"

#include <stdlib.h>
#include <string.h>

#include "tests/faults/lin/search.h"
#include "tests/faults/lin/window.h"
#include "tests/test.h"

static bool
read_text(const char *text, struct lin_history *out)
{
    char *copy = strdup(text);
    FILE *in = fmemopen(copy, strlen(text), "r");

    CU_ASSERT_PTR_NOT_NULL_FATAL(in);

    const bool ok = lin_history_read(out, in);

    (void)fclose(in);
    free(copy);
    return ok;
}

static void
every_form_is_read(void)
{
    struct lin_history h;

    CU_ASSERT_TRUE_FATAL(read_text("# a comment\n"
                                   "a 10 20 put v1 1\n"
                                   "b 11 - cas 0 v2 -\n"
                                   "a 30 40 cas 1 v3 conflict\n"
                                   "a 30 40 cas 1 v4 2\n"
                                   "a 50 60 get v4 2\n"
                                   "a 61 62 delete\n"
                                   "a 63 64 get - 2\n"
                                   "b 63 - get - -\n",
                                   &h));
    CU_ASSERT_EQUAL_FATAL(h.n_keys, 2);
    CU_ASSERT_STRING_EQUAL(h.keys[0].name, "a");
    CU_ASSERT_EQUAL(h.keys[0].n, 6);
    CU_ASSERT_EQUAL(h.keys[0].unknown, 0);
    CU_ASSERT_EQUAL(h.keys[1].unknown, 2);
    CU_ASSERT_EQUAL(h.keys[0].ops[5].value, 0);
    CU_ASSERT_EQUAL(h.keys[0].ops[3].value, h.keys[0].ops[2].value);
    CU_ASSERT_TRUE(h.keys[0].ops[1].conflict);
    CU_ASSERT_EQUAL(h.keys[0].ops[2].expected, 1);
    CU_ASSERT_EQUAL(h.keys[1].ops[0].ret, LIN_NEVER);
    CU_ASSERT_STRING_EQUAL(h.lines[h.keys[0].ops[5].line], "a 63 64 get - 2");
    for (size_t i = 0; i < h.n_keys; i++) {
        const struct lin_view whole = LIN_WHOLE;

        CU_ASSERT_EQUAL(lin_search(h.keys[i].ops, h.keys[i].n, &whole), LIN_ACCEPTED);
    }
    lin_history_free(&h);
}

static void
what_is_no_operation_is_refused(void)
{
    static const char *const wrong[] = {
        "a 10 20\n",
        "a 10 20 put v1\n",
        "a 10 20 put v1 0\n",
        "a 10 20 put - 1\n",
        "a 10 20 put v1 -\n",
        "a 10 - put v1 1\n",
        "a 20 10 put v1 1\n",
        "a -1 10 put v1 1\n",
        "a 10 20 put v1 1 1\n",
        "a 10 20  put v1 1\n",
        "a 10 20 swap v1 1\n",
        "a 10 20 cas v1 1\n",
        "a 10 20 cas x v1 1\n",
        "a 10 - cas 1 v1 conflict\n",
        "a 10 20 get v1 0\n",
        "a 10 20 get v1 -\n",
        "a 10 - get v1 1\n",
        "a 10 20 get v1 4294967295\n",
        "a 10 20 get v1 1x\n",
        "a 10 20 delete v1\n",
        "a 10 99999999999999999999999 delete\n",
        "a 10 20 put v1 1\nb 10 20 put v1 1\n",
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct lin_history h;

        if (read_text(wrong[i], &h)) {
            (void)fprintf(stderr, "read: %s", wrong[i]);
            CU_FAIL("it was read");
        }
        CU_ASSERT_PTR_NOT_NULL(strstr(h.wrong, "is no operation"));
        lin_history_free(&h);
    }
}

static void
the_window_shows_what_is_wrong_and_little_else(void)
{
    char text[64 * 200] = "";
    struct lin_history h;
    const struct lin_view whole = LIN_WHOLE;
    size_t shown = 0, at = 0;

    for (unsigned i = 1; i <= 100; i++) {
        at += (size_t)snprintf(text + at, sizeof(text) - at, "k %u %u put v%u %u\n", i * 10,
                               i * 10 + 3, i, i);
        at += (size_t)snprintf(text + at, sizeof(text) - at, "k %u %u get v%u %u\n", i * 10 + 5,
                               i * 10 + 8, i == 60 ? 59 : i, i == 60 ? 59 : i);
    }
    CU_ASSERT_TRUE_FATAL(read_text(text, &h));
    CU_ASSERT_EQUAL(lin_search(h.keys[0].ops, h.keys[0].n, &whole), LIN_REFUSED);

    const struct lin_view window = lin_window(h.keys[0].ops, h.keys[0].n);

    for (size_t i = 0; i < h.keys[0].n; i++) {
        if (lin_window_has(&window, &h.keys[0].ops[i])) {
            shown++;
            CU_ASSERT_TRUE(h.keys[0].ops[i].line == 2 * 59 || h.keys[0].ops[i].line == 2 * 59 + 1);
        }
    }
    CU_ASSERT_EQUAL(shown, 2);
    lin_history_free(&h);
}

static const struct test_case cases[] = {
    { "every form is read", every_form_is_read },
    { "what is no operation is refused", what_is_no_operation_is_refused },
    { "the window shows what is wrong and little else",
      the_window_shows_what_is_wrong_and_little_else },
};

TEST_MAIN("history", cases)
