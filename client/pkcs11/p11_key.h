/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/pkcs11/p11_key.h
 * @brief A transit key as the objects that a token shows of it, from the server's description.
 *
 * Keys that neither sign nor decrypt for anybody but the server itself (symmetric ones, derived
 * ones) have no objects.
 */
#ifndef TSEC_CLIENT_P11_KEY_H
#define TSEC_CLIENT_P11_KEY_H

#include "base/cleanup.h"
#include "client/pkcs11/p11_object.h"

struct p11_key;

struct p11_key_reading {
    bool all_versions; /* that may still sign, the latest first; otherwise the latest only */
    bool guarded;      /* private keys are for who has logged in */
    bool usual_only;   /* nothing that p11_public_is_usual() denies */
};

/** `reply` is that of GET <mount>/keys/<name>.  TSEC_E_INVALID: no such reply. */
TSEC_MUST_CHECK tsec_rc p11_key_read(struct tsec_span name, struct tsec_span reply,
                                     const struct p11_key_reading *how, struct p11_key **out,
                                     struct tsec_err *err);
void p11_key_free(struct p11_key *key);
TSEC_DEFINE_AUTO(struct p11_key, p11_key_free)

const char *p11_key_name(const struct p11_key *key);
/** The first; ->next leads on.  NULL: none. */
struct p11_object *p11_key_objects(const struct p11_key *key);

#endif
