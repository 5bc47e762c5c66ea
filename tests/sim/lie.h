/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/sim/lie.h
 * @brief One record of a database, altered: what a host may show instead of the truth.
 */
#ifndef TSEC_TESTS_SIM_LIE_H
#define TSEC_TESTS_SIM_LIE_H

#include "tests/sim/database.h"
#include "tests/sim/random.h"

enum lie_kind { LIE_FLIP, LIE_HIDE, LIE_SWAP, LIE_CUT, LIE_KINDS };

struct lie {
    enum lie_kind kind;
    uint8_t key[TSEC_STORE_KEY_MAX];
    size_t key_len;
    uint8_t other[TSEC_STORE_KEY_MAX]; /* whose value stands there instead */
    size_t other_len;
    uint32_t bit;
};

/** About any record of the database; false: it has none. */
bool lie_draw(struct lie *lie, const struct database *db, struct sim_random *random);
/** As it is shown; nothing when the record is not there. */
void lie_apply(const struct lie *lie, struct database *db);

#endif
