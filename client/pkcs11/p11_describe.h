/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/pkcs11/p11_describe.h
 * @brief What the objects of one version of a transit key say of themselves.
 */
#ifndef TSEC_CLIENT_P11_DESCRIBE_H
#define TSEC_CLIENT_P11_DESCRIBE_H

#include "base/arena.h"
#include "client/pkcs11/p11_certificate.h"
#include "client/pkcs11/p11_object.h"

/** One version of a key, as the server tells of it. */
struct p11_view {
    const char *name;
    const char *label; /* the name; of older versions with ":N" behind it */
    int64_t version;
    bool guarded;   /* nobody sees private keys before a log-in */
    bool never_out; /* made on the server, and not exportable */
    bool local;     /* made on the server */
    struct p11_public public;
};

/* In the arena, with all that they point to.  NULL: no memory. */
struct p11_object *p11_describe_public(struct tsec_arena *arena, const struct p11_view *view);
struct p11_object *p11_describe_private(struct tsec_arena *arena, const struct p11_view *view);
/** The certificate at place `at` of the chain: 0 is the key's own. */
struct p11_object *p11_describe_certificate(struct tsec_arena *arena, const struct p11_view *view,
                                            const struct p11_certificate *cert, size_t at);

#endif
