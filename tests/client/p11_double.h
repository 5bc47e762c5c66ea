/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/client/p11_double.h
 * @brief A transit mount with a few real keys, behind a server double; and a program's first calls.
 */
#ifndef TSEC_TESTS_CLIENT_P11_DOUBLE_H
#define TSEC_TESTS_CLIENT_P11_DOUBLE_H

#include <p11-kit/pkcs11.h>

#include "crypto/pair.h"
#include "tests/client/server_double.h"

enum { P11_DOUBLE_KEYS = 4, P11_DOUBLE_VERSIONS = 2 };

struct p11_double_key {
    const char *name; /* NULL: none */
    const char *chain;
    struct tsec_pair *versions[P11_DOUBLE_VERSIONS];
    int latest;
    bool exportable;
};

struct p11_double {
    struct server_double *server;
    struct p11_double_key keys[P11_DOUBLE_KEYS];
    const char *token; /* what others bring is refused */
    size_t asked;
    int fail_with; /* a status for every operation with a key; 0: none */
    struct tsec_buf reply;
    char last_body[8192];
};

/** Listens, and leads the environment there: mount "transit", token "t.good", a home of its own. */
void p11_double_start(struct p11_double *d);
void p11_double_stop(struct p11_double *d);
/** Makes (or rotates) a key. */
void p11_double_key(struct p11_double *d, const char *name, enum tsec_pair_kind kind);

const struct ck_function_list *p11_calls(void);
/** C_Initialize, and a session that may write. */
ck_session_handle_t p11_start(void);
void p11_stop(void);
/** The object of that class and label; 0: none. */
ck_object_handle_t p11_find(ck_session_handle_t session, ck_object_class_t kind, const char *label);

#endif
