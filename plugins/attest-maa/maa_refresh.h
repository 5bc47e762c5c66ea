/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file maa_refresh.h
 * @brief What ages is fetched again: token keys, CRLs, TCB info, QE identities, AMD's chains.
 *
 * Only in refresh(), which a background thread calls; never while anybody waits for a verdict.  A
 * failure keeps what is there.  Each document lies in the cache folder with the time it was
 * fetched, and is there again after a restart.
 */
#ifndef ATTEST_MAA_MAA_REFRESH_H
#define ATTEST_MAA_MAA_REFRESH_H

#include "kept.h"
#include "maa_settings.h"

enum { MAA_REFRESH_PAUSE_S = 60, MAA_REFRESH_KEYS_S = 24 * 3600 };

struct maa_refresh;

/** Reads the cache folder into `kept`.  A file that cannot be read is logged and left aside.  All
 *  three outlive it. */
TSEC_MUST_CHECK tsec_rc maa_refresh_new(const struct tsec_host *host,
                                        const struct maa_settings *settings, struct kept *kept,
                                        struct maa_refresh **out, struct tsec_err *err);
void maa_refresh_free(struct maa_refresh *refresh);
TSEC_DEFINE_AUTO(struct maa_refresh, maa_refresh_free)

/** Any thread: a machine whose TCB info will be wanted.  At most MAA_FMSPCS are remembered. */
void maa_refresh_seen(struct maa_refresh *refresh, const uint8_t fmspc[MAA_FMSPC_LEN]);

/** Fetches.  Within MAA_REFRESH_PAUSE_S of the last try it does nothing.  TSEC_E_UNAVAILABLE: not
 *  all could be fetched; what could is in use. */
TSEC_MUST_CHECK tsec_rc maa_refresh_run(struct maa_refresh *refresh, struct tsec_err *err);

/** How old things are, in err->detail.  TSEC_E_UNAVAILABLE: the last refresh failed, and the token
 *  keys are older than MAA_REFRESH_KEYS_S or missing. */
TSEC_MUST_CHECK tsec_rc maa_refresh_health(struct maa_refresh *refresh, struct tsec_err *err);

#endif
