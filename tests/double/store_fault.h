/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/double/store_fault.h
 * @brief A store before another that fails, or loses an answer, when a test says so.
 *
 * URI: "fault:" and the URI of the store behind it.  Without an instruction every call is passed
 * on.  Instructions may come from any thread, while calls are under way.
 */
#ifndef TSEC_TESTS_STORE_FAULT_H
#define TSEC_TESTS_STORE_FAULT_H

#include <tsec/store.h>

extern const struct tsec_store_ops store_fault_ops;
extern const struct tsec_plugin store_fault_plugin; /* "store-fault" */

enum store_call {
    STORE_CALL_GET,
    STORE_CALL_SCAN,
    STORE_CALL_COMMIT,
    STORE_CALL_HEALTH,
    STORE_CALLS
};

enum store_fault {
    STORE_FAULT_REFUSE,       /* not done, and the answer is the code given */
    STORE_FAULT_LOSE_APPLIED, /* done, but the answer is the code given */
};

/** The store behind those opened from now on; store_mem_ops unless told. */
void store_fault_behind(const struct tsec_store_ops *ops);

/** The nth call of that kind from now (1: the next) meets the fault; replaces what was said of that
 *  kind.  A lost answer of a commit is TSEC_E_OUTCOME_UNKNOWN with either fault: applied or not. */
void store_fault_at(struct tsec_store *store, enum store_call call, unsigned nth,
                    enum store_fault fault, enum tsec_code code);
/** Every call is refused with `code`, until store_fault_clear(). */
void store_fault_down(struct tsec_store *store, enum tsec_code code);
/** Forgets all instructions. */
void store_fault_clear(struct tsec_store *store);

/** Calls of that kind so far, failed ones included. */
unsigned store_fault_calls(struct tsec_store *store, enum store_call call);
/** The one opened last, for a test whose subject opens it. */
struct tsec_store *store_fault_last(void);

#endif
