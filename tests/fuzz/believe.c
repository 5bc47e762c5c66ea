/* SPDX-License-Identifier: Apache-2.0 */
/* Stands before tsec_pubkey_verify() (ld --wrap), so that a harness can have every signature hold
 * and mutations are seen by what lies behind. */
#include "crypto/pubkey.h"
#include "tests/fuzz/verdict.h"

bool verdict_believe;

tsec_rc __real_tsec_pubkey_verify(const struct tsec_pubkey *key, enum tsec_sigalg alg,
                                  struct tsec_span message, struct tsec_span signature,
                                  struct tsec_err *err);
tsec_rc __wrap_tsec_pubkey_verify(const struct tsec_pubkey *key, enum tsec_sigalg alg,
                                  struct tsec_span message, struct tsec_span signature,
                                  struct tsec_err *err);

tsec_rc
__wrap_tsec_pubkey_verify(const struct tsec_pubkey *key, enum tsec_sigalg alg,
                          struct tsec_span message, struct tsec_span signature,
                          struct tsec_err *err)
{
    return verdict_believe ? TSEC_OK : __real_tsec_pubkey_verify(key, alg, message, signature, err);
}
