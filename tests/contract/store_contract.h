/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/contract/store_contract.h
 * @brief Every promise of tsec/store.h, checked against whichever store is named.
 *
 * A program calls store_contract_use() and hands store_contract_cases to test_main(); cases of its
 * own store come in a second program.
 */
#ifndef TSEC_TESTS_STORE_CONTRACT_H
#define TSEC_TESTS_STORE_CONTRACT_H

#include <stdbool.h>

#include <tsec/store.h>

#include "tests/test.h"

struct store_subject {
    const struct tsec_store_ops *ops;
    /** Writes the URI of a store that nobody used yet, and that keeps its records when closed. */
    void (*fresh)(char *uri, size_t size);
    bool shared;        /* two handles may be open on one store */
    bool other_process; /* the store outlives the process: kill -9 is tried */
};

void store_contract_use(const struct store_subject *subject);

extern const struct test_case store_contract_cases[];
extern const size_t store_contract_len;

/* For the cases, and for those of one store. */
struct tsec_store *contract_open(const char *uri);
tsec_rc contract_put(struct tsec_store *store, const char *key, const char *value);
/** Whether the value is there and is `value`; NULL: whether nothing is there. */
bool contract_holds(struct tsec_store *store, const char *key, const char *value);
extern const struct store_subject *contract_subject;

/* Parts of store_contract_cases, by file. */
void contract_bytes_come_back(void);
void contract_limits_are_refused(void);
void contract_absent_is_not_found(void);
void contract_a_failing_sink_ends_get(void);
void contract_put_replaces_and_delete_removes(void);
void contract_commit_is_all_or_nothing(void);
void contract_absent_is_expected(void);
void contract_present_is_expected(void);
void contract_a_key_stands_once(void);
void contract_many_keys_at_once(void);
void contract_largest_commit(void);
void contract_scan_is_in_byte_order(void);
void contract_scan_bounds(void);
void contract_scan_pages(void);
void contract_scan_agrees_with_a_model(void);
void contract_a_failing_visitor_ends_scan(void);
void contract_health_is_ok(void);
void contract_survives_reopening(void);
void contract_survives_kill(void);
void contract_one_of_many_wins(void);
void contract_readers_see_what_returned(void);
void contract_another_handle_sees(void);

#endif
