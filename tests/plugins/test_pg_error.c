/* SPDX-License-Identifier: Apache-2.0 */
#include "store-pg/pg_error.h"

#include <string.h>

#include "tests/test.h"

static void
each_state_has_its_result(void)
{
    static const struct {
        const char *state;
        enum tsec_code code;
        bool retry;
        bool drop;
        const char *says;
    } t[] = {
        { "22012", TSEC_E_CONFLICT, false, false, "was to be present" },
        { "23505", TSEC_E_CONFLICT, false, false, "was to be absent" },
        { "25006", TSEC_E_READ_ONLY, false, true, "no writes" },
        { "40001", TSEC_E_UNAVAILABLE, true, false, "others write the same" },
        { "40P01", TSEC_E_UNAVAILABLE, true, false, "others write the same" },
        { "40003", TSEC_E_UNAVAILABLE, false, false, "does not know" },
        { "53100", TSEC_E_UNAVAILABLE, false, false, "disk is full" },
        { "53200", TSEC_E_UNAVAILABLE, false, false, "short of something" },
        { "53300", TSEC_E_UNAVAILABLE, false, true, "max_connections" },
        { "55P03", TSEC_E_UNAVAILABLE, false, false, "held a lock" },
        { "57014", TSEC_E_UNAVAILABLE, false, false, "cancelled" },
        { "57P01", TSEC_E_UNAVAILABLE, true, true, "stops or starts" },
        { "57P02", TSEC_E_UNAVAILABLE, true, true, "stops or starts" },
        { "57P03", TSEC_E_UNAVAILABLE, true, true, "stops or starts" },
        { "57P05", TSEC_E_UNAVAILABLE, true, true, "stops or starts" },
        { "58030", TSEC_E_UNAVAILABLE, false, false, "look at its log" },
        { "08006", TSEC_E_UNAVAILABLE, true, true, "connection" },
        { "08P01", TSEC_E_UNAVAILABLE, true, true, "connection" },
        { "25P03", TSEC_E_UNAVAILABLE, true, true, "too long to continue" },
        { "26000", TSEC_E_UNAVAILABLE, true, true, "pools sessions" },
        { "28000", TSEC_E_CONFIG, false, true, "refuses the role" },
        { "28P01", TSEC_E_CONFIG, false, true, "refuses the role" },
        { "3D000", TSEC_E_CONFIG, false, true, "no such database" },
        { "3F000", TSEC_E_CONFIG, false, false, "--migrate" },
        { "42P01", TSEC_E_CONFIG, false, false, "--migrate" },
        { "42501", TSEC_E_CONFIG, false, false, "privilege" },
        { "XX001", TSEC_E_TAMPERED, false, false, "damaged" },
        { "XX002", TSEC_E_TAMPERED, false, false, "damaged" },
        { "XX000", TSEC_E_INTERNAL, false, false, "" },
        { "42601", TSEC_E_INTERNAL, false, false, "" },
        { "23502", TSEC_E_INTERNAL, false, false, "" },
        { NULL, TSEC_E_UNAVAILABLE, true, true, "connection" },
    };

    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        const struct pg_meaning *m = pg_meaning(t[i].state);

        CU_ASSERT_EQUAL(m->code, t[i].code);
        CU_ASSERT_EQUAL(m->retry, t[i].retry);
        CU_ASSERT_EQUAL(m->drop, t[i].drop);
        CU_ASSERT_PTR_NOT_NULL(strstr(m->advice, t[i].says));
    }
}

/* An answer is an answer, unless somebody else may have given it, or it says that it is none. */
static void
what_leaves_a_doubt(void)
{
    static const struct {
        const char *state;
        bool ended;
        bool before; /* of a statement before COMMIT */
        bool at;     /* of COMMIT itself */
    } t[] = {
        { "23505", false, false, false }, { "22012", false, false, false },
        { "40001", false, false, false }, { "40P01", false, false, false },
        { "53100", false, false, false }, { "57014", false, false, false },
        { "25006", false, false, false }, { "XX000", false, false, false },
        { "40003", false, false, true },  { "58030", false, false, true },
        { "08006", false, true, true },   { "08P01", false, true, true },
        { "57P01", true, true, true },    { "57P02", true, true, true },
        { "25P03", true, true, true },    { "XX000", true, true, true },
        { NULL, true, true, true },       { NULL, false, true, true },
    };

    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        CU_ASSERT_EQUAL(pg_commit_in_doubt(t[i].state, t[i].ended, false), t[i].before);
        CU_ASSERT_EQUAL(pg_commit_in_doubt(t[i].state, t[i].ended, true), t[i].at);
    }
}

static void
the_state_of_a_refused_connection_is_found_in_its_text(void)
{
    static const struct {
        const char *text;
        const char *state;
    } t[] = {
        { "connection to server at \"h\" (::1), port 1 failed: FATAL:  28P01: password", "28P01" },
        { "FATAL:  57P03: the database system is starting up\nLOCATION:  x", "57P03" },
        { "connection failed: Connection refused\n\tIs the server running?", "" },
        { "first failed: Connection refused\nsecond failed: FATAL:  3D000: no x", "3D000" },
        { "FATAL:  abcde: lower case is none", "" },
        { "FATAL:  28P0: too short", "" },
        { "FATAL:  28P0", "" },
        { "FATAL:  ", "" },
        { "", "" },
    };

    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        char state[PG_STATE_LEN + 1] = "junk";

        pg_state_in_text(t[i].text, state);
        CU_ASSERT_STRING_EQUAL(state, t[i].state);
    }
}

static const struct test_case cases[] = {
    { "each SQLSTATE has its result", each_state_has_its_result },
    { "what leaves a doubt about a commit", what_leaves_a_doubt },
    { "the SQLSTATE of a refused connection is found in its text",
      the_state_of_a_refused_connection_is_found_in_its_text },
};

TEST_MAIN("store-pg/pg_error", cases)
