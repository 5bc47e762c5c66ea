/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sim_seal.h
 * @brief The server's root key, wrapped for this simulated TEE and this measurement.
 */
#ifndef ATTEST_SIM_SEAL_H
#define ATTEST_SIM_SEAL_H

#include <tsec/attest.h>

#include "base/secret.h"
#include "sim_form.h"

/** "TSW1" ‖ nonce[12] ‖ ciphertext[32] ‖ tag[16] */
enum { SIM_WRAPPING_LEN = 4 + 12 + 32 + 16 };

TSEC_MUST_CHECK tsec_rc sim_wrap(struct tsec_secret *seal_key,
                                 const uint8_t measurement[SIM_MEASUREMENT_LEN], bool debug,
                                 const uint8_t key[TSEC_ROOT_KEY_LEN],
                                 uint8_t out[SIM_WRAPPING_LEN], struct tsec_err *err);
/** TSEC_E_INVALID: no such wrapping; TSEC_E_DENIED: another TEE's, another measurement's, or
 *  changed. */
TSEC_MUST_CHECK tsec_rc sim_unwrap(struct tsec_secret *seal_key,
                                   const uint8_t measurement[SIM_MEASUREMENT_LEN], bool debug,
                                   struct tsec_span wrapping, uint8_t key[TSEC_ROOT_KEY_LEN],
                                   struct tsec_err *err);

#endif
