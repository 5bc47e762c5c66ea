/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/sim/auditor.h
 * @brief Reads the log of a database as an auditor does who holds an age identity: no server has a
 * part in it.
 */
#ifndef TSEC_TESTS_SIM_AUDITOR_H
#define TSEC_TESTS_SIM_AUDITOR_H

#include "base/err.h"
#include "tests/sim/database.h"

enum { AUDITOR_LEAVES = 8192 };

struct auditor {
    uint8_t identity[32];
    uint8_t recipient[32];
    const char *origin;
};

/** With an identity of its own. */
TSEC_MUST_CHECK tsec_rc auditor_init(struct auditor *auditor, const char *origin,
                                     struct tsec_err *err);

/** For each leaf the number N of an entry whose id is "cN"; 0 for all others. */
struct auditor_log {
    uint32_t calls[AUDITOR_LEAVES];
    uint64_t size;
    unsigned boots;
};

/** TSEC_E_TAMPERED: a gap, a leaf that stands elsewhere, an entry that does not open, an epoch or
 *  a nonce that was used twice. */
TSEC_MUST_CHECK tsec_rc auditor_read(const struct auditor *auditor, const struct database *db,
                                     struct auditor_log *out, struct tsec_err *err);

/** How long the log is, by its last segment alone. */
uint64_t auditor_size(const struct database *db);

#endif
