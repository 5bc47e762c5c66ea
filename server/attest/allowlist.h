/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file attest/allowlist.h
 * @brief Which code may attest: measurement expressions, any of which may hold.
 *
 * It knows nothing of debug mode or simulation: those are decided apart.  Immutable once made and
 * counted by its holders, so that a new list takes the place of an old one while appraisals with
 * the old one go on.
 */
#ifndef TSEC_ATTEST_ALLOWLIST_H
#define TSEC_ATTEST_ALLOWLIST_H

#include "appraisal/expr.h"
#include "base/cleanup.h"

enum {
    ALLOWLIST_MAX = 8192,
    ALLOWLIST_ENTRY_MAX = 4095, /* characters of one entry */
};

struct allowlist;

/** Texts as appraisal/expr.h reads them.  TSEC_E_CONFIG. */
TSEC_MUST_CHECK tsec_rc allowlist_new(const struct tsec_span *entries, size_t n,
                                      struct allowlist **out, struct tsec_err *err);
/** What either allows; holds both, either may be NULL.  Entries of `first` come first. */
TSEC_MUST_CHECK tsec_rc allowlist_join(struct allowlist *first, struct allowlist *second,
                                       struct allowlist **out, struct tsec_err *err);
struct allowlist *allowlist_hold(struct allowlist *list);
/** One holder less; frees at the last. */
void allowlist_free(struct allowlist *list);
TSEC_DEFINE_AUTO(struct allowlist, allowlist_free)

size_t allowlist_len(const struct allowlist *list); /* 0 for NULL */
/** As it was written; lives as long as the list. */
const char *allowlist_entry(const struct allowlist *list, size_t index);
/** Whether an entry is written just so. */
bool allowlist_has(const struct allowlist *list, const char *entry);
/** Whether an entry names this TEE; a bare entry names none. */
bool allowlist_names(const struct allowlist *list, const char *tee);

/** Whether an entry holds, and which.  When none does, `why` (may be NULL) gets what differs from
 *  the nearest one: for operators, never for who sent the evidence. */
bool allowlist_match(const struct allowlist *list, const struct tsec_claims *claims, size_t *index,
                     struct tsec_buf *why);

#endif
