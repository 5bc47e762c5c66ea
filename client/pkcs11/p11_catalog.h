/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/pkcs11/p11_catalog.h
 * @brief All objects of the token, and the handles that programs hold on them.
 *
 * A handle stays what it is for as long as the catalog lives.  A key that was rotated or deleted in
 * the meantime leaves the objects of its former version where they are, found by nobody: what is
 * signed with such a handle fits the public key that was shown with it, or is refused by the
 * server.  Any number of threads.
 */
#ifndef TSEC_CLIENT_P11_CATALOG_H
#define TSEC_CLIENT_P11_CATALOG_H

#include "base/clock.h"
#include "client/pkcs11/p11_object.h"
#include "client/pkcs11/p11_server.h"

enum {
    P11_KEYS_MAX = 1000, /* of a mount that is listed; `keys` names those of a larger one */
    P11_FRESH_MS = 3000, /* programs look for one thing after the other */
    P11_HANDLES_MAX = 65536,
};

struct p11_catalog;

/** Borrows all three.  Asks nothing yet. */
TSEC_MUST_CHECK tsec_rc p11_catalog_new(const struct p11_settings *settings,
                                        struct p11_server *server, const struct tsec_clock *clock,
                                        struct p11_catalog **out, struct tsec_err *err);
void p11_catalog_free(struct p11_catalog *catalog);
TSEC_DEFINE_AUTO(struct p11_catalog, p11_catalog_free)

/** Asks the server when the last time was longer ago than P11_FRESH_MS, or `now`. */
TSEC_MUST_CHECK ck_rv_t p11_catalog_refresh(struct p11_catalog *catalog, bool now);
/** Nothing is found before the next refresh that succeeds. */
void p11_catalog_forget(struct p11_catalog *catalog);

/** Those that are there and match, in order; *out is malloc'ed. */
TSEC_MUST_CHECK ck_rv_t p11_catalog_find(struct p11_catalog *catalog,
                                         const struct ck_attribute *templ, unsigned long count,
                                         ck_object_handle_t **out, unsigned long *out_len);
/** NULL: never was one, or there is no log-in for it.  Lives as long as the catalog. */
const struct p11_object *p11_catalog_object(struct p11_catalog *catalog, ck_object_handle_t handle);

#endif
