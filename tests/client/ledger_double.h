/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/client/ledger_double.h
 * @brief A small ledger in memory, made with the real leaves, tree, notes and age files, and served
 * by a server double; with ways to falsify it.
 */
#ifndef TSEC_TESTS_CLIENT_LEDGER_DOUBLE_H
#define TSEC_TESTS_CLIENT_LEDGER_DOUBLE_H

#include "base/buf.h"
#include "crypto/age.h"
#include "crypto/merkle.h"
#include "crypto/sign.h"
#include "tests/client/server_double.h"

enum { LEDGER_LEAVES_MAX = 1024 };

#define LEDGER_ORIGIN "ledger.example/test/1"

struct ledger_double {
    struct tsec_key *key;
    char vkey[256];
    char identity[TSEC_AGE_IDENTITY_LEN + 1];
    char recipient[TSEC_AGE_RECIPIENT_LEN + 1];
    uint8_t epoch_key[32];
    size_t len;
    struct tsec_buf leaves[LEDGER_LEAVES_MAX];
    size_t served;          /* the checkpoint is of so many */
    const char *origin;     /* of the checkpoint */
    bool only_full_bundles; /* a partial bundle is 404 */
    struct tsec_buf reply;
};

/** A boot leaf, an epoch, and audit entries {"n":i} up to `leaves`. */
struct ledger_double *ledger_double_new(size_t leaves);
void ledger_double_free(struct ledger_double *ledger);
void ledger_double_grow(struct ledger_double *ledger, size_t leaves);
/** An epoch whose key is for somebody else. */
void ledger_double_foreign_epoch(struct ledger_double *ledger);
/** For server_double_answering(). */
bool ledger_double_answer(void *ctx, const char *path, struct double_reply *out);

#endif
