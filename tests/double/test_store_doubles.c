/* SPDX-License-Identifier: Apache-2.0 */
/* The doubles do what a test tells them; that they are stores is the contract test's business. */
#include <string.h>

#include "base/err.h"
#include "base/span.h"
#include "tests/contract/store_contract.h"
#include "tests/double/store_fault.h"
#include "tests/double/store_mem.h"

static const struct store_subject faulty = { .ops = &store_fault_ops };
static const struct store_subject plain = { .ops = &store_mem_ops };

static void
the_nth_call_is_refused_and_no_other(void)
{
    struct tsec_store *store;

    store_contract_use(&faulty);
    store = contract_open("fault:mem:");
    CU_ASSERT_PTR_EQUAL(store_fault_last(), store);
    store_fault_at(store, STORE_CALL_COMMIT, 3, STORE_FAULT_REFUSE, TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(contract_put(store, "a", "1").code, 0);
    CU_ASSERT_EQUAL(contract_put(store, "a", "2").code, 0);
    CU_ASSERT_EQUAL(contract_put(store, "a", "3").code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_TRUE(contract_holds(store, "a", "2"));
    CU_ASSERT_EQUAL(contract_put(store, "a", "4").code, 0);
    CU_ASSERT_EQUAL(store_fault_calls(store, STORE_CALL_COMMIT), 4);
    CU_ASSERT_EQUAL(store_fault_calls(store, STORE_CALL_GET), 1);
    store_fault_ops.close(store);
    CU_ASSERT_PTR_NULL(store_fault_last());
}

static void
a_lost_answer_is_applied_or_not(void)
{
    struct tsec_store *store;

    store_contract_use(&faulty);
    store = contract_open("fault:mem:");
    store_fault_at(store, STORE_CALL_COMMIT, 1, STORE_FAULT_LOSE_APPLIED, TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_EQUAL(contract_put(store, "a", "1").code, TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_TRUE(contract_holds(store, "a", "1"));
    store_fault_at(store, STORE_CALL_COMMIT, 1, STORE_FAULT_REFUSE, TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_EQUAL(contract_put(store, "a", "2").code, TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_TRUE(contract_holds(store, "a", "1"));
    store_fault_at(store, STORE_CALL_COMMIT, 2, STORE_FAULT_REFUSE, TSEC_E_UNAVAILABLE);
    store_fault_clear(store);
    CU_ASSERT_EQUAL(contract_put(store, "a", "3").code, 0);
    CU_ASSERT_EQUAL(contract_put(store, "a", "4").code, 0);
    store_fault_ops.close(store);
}

static tsec_rc
visit(void *ctx, struct tsec_span key, struct tsec_span value)
{
    (void)ctx;
    (void)key;
    (void)value;
    return TSEC_OK;
}

static void
a_store_that_is_down_refuses_everything(void)
{
    struct tsec_store *store;
    const struct tsec_span none = { NULL, 0 };

    store_contract_use(&faulty);
    store = contract_open("fault:mem:");
    CU_ASSERT_EQUAL(contract_put(store, "a", "1").code, 0);
    store_fault_down(store, TSEC_E_READ_ONLY);
    CU_ASSERT_EQUAL(contract_put(store, "a", "2").code, TSEC_E_READ_ONLY);
    CU_ASSERT_FALSE(contract_holds(store, "a", "1"));
    CU_ASSERT_EQUAL(store_fault_ops.scan(store, none, none, 1, visit, NULL, NULL).code,
                    TSEC_E_READ_ONLY);
    CU_ASSERT_EQUAL(store_fault_ops.health(store, NULL).code, TSEC_E_READ_ONLY);
    store_fault_clear(store);
    CU_ASSERT_EQUAL(store_fault_ops.health(store, NULL).code, 0);
    CU_ASSERT_TRUE(contract_holds(store, "a", "1"));
    store_fault_ops.close(store);
}

static void
a_copy_is_the_store_as_it_was(void)
{
    struct tsec_store *store;

    store_contract_use(&plain);
    CU_ASSERT_FALSE(store_mem_copy("none", "copy"));
    store = contract_open("mem:live");
    CU_ASSERT_EQUAL(contract_put(store, "a", "old").code, 0);
    CU_ASSERT_TRUE(store_mem_copy("live", "copy"));
    CU_ASSERT_EQUAL(contract_put(store, "a", "new").code, 0);
    CU_ASSERT_EQUAL(contract_put(store, "b", "new").code, 0);
    store_mem_ops.close(store);
    CU_ASSERT_TRUE(store_mem_copy("copy", "live")); /* the host turns the clock back */
    store = contract_open("mem:live");
    CU_ASSERT_TRUE(contract_holds(store, "a", "old"));
    CU_ASSERT_TRUE(contract_holds(store, "b", NULL));
    store_mem_ops.close(store);
    store_mem_forget();
    store = contract_open("mem:live");
    CU_ASSERT_TRUE(contract_holds(store, "a", NULL));
    store_mem_ops.close(store);
    store_mem_forget();
}

static void
an_unnamed_store_is_ones_own(void)
{
    struct tsec_store *one;
    struct tsec_store *two;

    store_contract_use(&plain);
    one = contract_open("mem:");
    two = contract_open("mem:");
    CU_ASSERT_EQUAL(contract_put(one, "a", "1").code, 0);
    CU_ASSERT_TRUE(contract_holds(two, "a", NULL));
    store_mem_ops.close(one);
    store_mem_ops.close(two);
}

static const struct test_case cases[] = {
    { "the nth call is refused and no other", the_nth_call_is_refused_and_no_other },
    { "a lost answer is applied, or not", a_lost_answer_is_applied_or_not },
    { "a store that is down refuses everything", a_store_that_is_down_refuses_everything },
    { "a copy is the store as it was", a_copy_is_the_store_as_it_was },
    { "an unnamed store is one's own", an_unnamed_store_is_ones_own },
};

TEST_MAIN("double/stores", cases)
