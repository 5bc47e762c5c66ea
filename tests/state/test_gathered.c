/* SPDX-License-Identifier: Apache-2.0 */
#include "state/gathered.h"

#include "state/state_internal.h"
#include "tests/test.h"

#define OK(expr) CU_ASSERT_FALSE_FATAL(tsec_failed(expr))

static struct gathered *
fresh(void)
{
    struct gathered *g = NULL;

    OK(gathered_new(&g, NULL));
    return g;
}

static struct mutation
mutation(uint8_t op, uint8_t rk, uint64_t version)
{
    struct mutation m = { .op = op, .version = version, .class = ROW_CLASS_MIN };

    memset(m.rk, rk, sizeof(m.rk));
    memset(m.hash, (int)version, sizeof(m.hash));
    return m;
}

static size_t
count(const struct gathered *g)
{
    struct gathered_at at = { .last = NULL };
    size_t n = 0;

    while (gathered_next(g, &at) != NULL) {
        n++;
    }
    CU_ASSERT_EQUAL(n, g->len);
    return n;
}

/* "+" put, "-" delete. */
static void
the_last_word_of_a_row_counts(void)
{
    static const struct {
        const char *ops;
        bool resident;
        unsigned want; /* 0: nothing to do */
        uint64_t version;
    } table[] = {
        { "+", false, WANT_ROW, 1 },   { "++", false, WANT_ROW, 2 },  { "+-", false, 0, 0 },
        { "-", false, 0, 0 },          { "+-+", false, WANT_ROW, 3 }, { "+", true, WANT_ROW, 1 },
        { "-", true, WANT_GONE, 0 },   { "+-", true, WANT_GONE, 0 },  { "-+", true, WANT_ROW, 2 },
        { "-+-", true, WANT_GONE, 0 }, { "+--", true, WANT_GONE, 0 },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        struct gathered *g = fresh();
        uint8_t rk[ROW_KEY_LEN];

        memset(rk, 7, sizeof(rk));
        for (size_t at = 0; table[i].ops[at] != '\0'; at++) {
            const struct mutation m =
                mutation(table[i].ops[at] == '+' ? MUTATION_PUT : MUTATION_DELETE, 7, at + 1);

            OK(gathered_mutation(g, &m, table[i].resident, NULL));
        }

        const struct expected *e = gathered_find(g, rk);

        CU_ASSERT_EQUAL(count(g), table[i].want == 0 ? 0 : 1);
        CU_ASSERT_EQUAL_FATAL(e != NULL, table[i].want != 0);
        if (e != NULL) {
            CU_ASSERT_EQUAL(e->want, table[i].want);
            CU_ASSERT_TRUE(e->want != WANT_ROW || e->version == table[i].version);
        }
        gathered_free(g);
    }
}

static void
a_mutation_that_cannot_be_is_refused(void)
{
    static const struct {
        uint8_t op;
        uint8_t class;
    } table[] = {
        { 0, ROW_CLASS_MIN },
        { 3, ROW_CLASS_MIN },
        { 255, ROW_CLASS_MIN },
        { MUTATION_PUT, 0 },
        { MUTATION_PUT, ROW_CLASS_MIN - 1 },
        { MUTATION_PUT, ROW_CLASS_MAX + 1 },
        { MUTATION_PUT, 255 },
    };
    struct gathered *g = fresh();

    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        struct mutation m = mutation(table[i].op, 7, 1);

        m.class = table[i].class;
        CU_ASSERT_EQUAL(gathered_mutation(g, &m, false, NULL).code, TSEC_E_TAMPERED);
        CU_ASSERT_EQUAL(gathered_mutation(g, &m, true, NULL).code, TSEC_E_TAMPERED);
    }
    CU_ASSERT_EQUAL(count(g), 0);
    gathered_free(g);
}

static struct row *
row_of(uint64_t version)
{
    struct row *row = NULL;

    OK(row_new(tsec_span("sys/a", 5), 10, &row, NULL));
    row->version = version;
    return row;
}

static void
what_was_found_is_given_back_when_it_is_changed_again(void)
{
    static const uint8_t ops[] = { MUTATION_PUT, MUTATION_DELETE };

    for (size_t i = 0; i < 2 * TSEC_ARRAY_LEN(ops); i++) {
        struct gathered *g = fresh();
        struct mutation m = mutation(MUTATION_PUT, 7, 1);
        struct row *row = row_of(1);

        OK(gathered_mutation(g, &m, i >= 2, NULL));
        gathered_found(gathered_find(g, m.rk), row);
        CU_ASSERT_EQUAL(atomic_load(&row->refs), 2);
        m.op = ops[i % 2];
        m.version = 2;
        OK(gathered_mutation(g, &m, i >= 2, NULL));
        CU_ASSERT_EQUAL(atomic_load(&row->refs), 1);
        row_unref(row);
        gathered_free(g);
    }
}

static void
rows_are_found_again_under_another_keyring(void)
{
    static const uint8_t hash[TSEC_SHA256_LEN] = { 1 };
    struct gathered *g = fresh();
    const struct mutation m = mutation(MUTATION_PUT, 7, 42);
    struct row *row = row_of(42);
    struct keyring *keyring = NULL;

    OK(gathered_mutation(g, &m, false, NULL));
    gathered_found(gathered_find(g, m.rk), row);
    gathered_rotation(g, 2, hash);
    CU_ASSERT_TRUE(g->has_rotation && g->keyring == NULL);
    OK(keyring_new("test.example/ledger/1", 1, &keyring, NULL));
    gathered_keyring(g, &keyring);
    CU_ASSERT_PTR_NULL(keyring);
    CU_ASSERT_PTR_NOT_NULL(g->keyring);
    CU_ASSERT_EQUAL(atomic_load(&row->refs), 1);
    CU_ASSERT_EQUAL(gathered_find(g, m.rk)->want, WANT_ROW);
    CU_ASSERT_EQUAL(gathered_find(g, m.rk)->version, 42);
    gathered_rotation(g, 3, hash);
    CU_ASSERT_PTR_NULL(g->keyring);
    row_unref(row);
    gathered_free(g);
}

static void
a_row_that_was_seen_must_be_seen_to_be_gone(void)
{
    struct gathered *g = fresh();
    struct mutation m = mutation(MUTATION_DELETE, 7, 1);

    OK(gathered_stray(g, m.rk, NULL));
    OK(gathered_mutation(g, &m, false, NULL));
    CU_ASSERT_EQUAL_FATAL(count(g), 1);
    CU_ASSERT_EQUAL(gathered_find(g, m.rk)->want, WANT_EXPLAINED);
    m.op = MUTATION_PUT;
    OK(gathered_mutation(g, &m, false, NULL));
    CU_ASSERT_EQUAL(gathered_find(g, m.rk)->want, WANT_ROW);
    gathered_free(g);
}

static void
the_first_that_is_behind_is_told(void)
{
    static const uint8_t one[ROW_KEY_LEN] = { 1 };
    static const uint8_t two[ROW_KEY_LEN] = { 2 };
    struct gathered *g = fresh();

    gathered_behind(g, BEHIND_MISSING, one);
    gathered_behind(g, BEHIND_KEYRING, NULL);
    gathered_behind(g, BEHIND_ALTERED, two);
    CU_ASSERT_EQUAL(g->behind, BEHIND_MISSING);
    CU_ASSERT_EQUAL(g->behind_rk[0], 1);
    gathered_clear(g);
    CU_ASSERT_EQUAL(g->behind, BEHIND_NOT);
    gathered_free(g);
}

static void
many_are_gathered_and_forgotten(void)
{
    struct gathered *g = fresh();
    struct mutation m = mutation(MUTATION_PUT, 0, 1);
    const size_t small = g->buckets_len;

    for (uint32_t i = 0; i < 5000; i++) {
        memcpy(m.rk + 2, &i, sizeof(i));
        OK(gathered_mutation(g, &m, false, NULL));
    }
    CU_ASSERT_EQUAL(count(g), 5000);
    CU_ASSERT_TRUE(g->buckets_len > small);
    for (uint32_t i = 0; i < 5000; i += 2) {
        memcpy(m.rk + 2, &i, sizeof(i));
        CU_ASSERT_PTR_NOT_NULL(gathered_find(g, m.rk));
        gathered_remove(g, m.rk);
        CU_ASSERT_PTR_NULL(gathered_find(g, m.rk));
    }
    CU_ASSERT_EQUAL(count(g), 2500);
    gathered_clear(g);
    CU_ASSERT_EQUAL(count(g), 0);
    CU_ASSERT_EQUAL(g->buckets_len, small);
    gathered_free(g);
    gathered_free(NULL);
}

static const struct test_case cases[] = {
    { "the last word of a row counts", the_last_word_of_a_row_counts },
    { "a mutation that cannot be is refused", a_mutation_that_cannot_be_is_refused },
    { "what was found is given back when it is changed again",
      what_was_found_is_given_back_when_it_is_changed_again },
    { "rows are found again under another keyring", rows_are_found_again_under_another_keyring },
    { "a row that was seen must be seen to be gone", a_row_that_was_seen_must_be_seen_to_be_gone },
    { "the first that is behind is told", the_first_that_is_behind_is_told },
    { "many are gathered and forgotten", many_are_gathered_and_forgotten },
};

TEST_MAIN("state/gathered", cases)
