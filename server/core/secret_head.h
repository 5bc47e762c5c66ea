/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/secret_head.h
 * @brief The head of a secret's group: metadata and current data, between its row and memory.
 *
 * Shared by the files of core/secret.h; decides nothing.
 */
#ifndef TSEC_CORE_SECRET_HEAD_H
#define TSEC_CORE_SECRET_HEAD_H

#include "core/secret.h"

struct secret_head {
    struct tsec_span group; /* its key */
    bool exists;
    uint16_t slot; /* the member that is the head; 0: none */
    struct secret secret;
    uint64_t data_version;
    struct tsec_span data;
};

/** The key of the secret's group.  TSEC_E_INVALID: not a path a secret can have. */
TSEC_MUST_CHECK tsec_rc secret_head_key(struct txn *txn, const char *mount, struct tsec_span path,
                                        struct tsec_span *group, struct tsec_err *err);
/** Reads the head, or says that there is none.  Errors as secret_head_key(). */
TSEC_MUST_CHECK tsec_rc secret_head_load(struct txn *txn, const char *mount, struct tsec_span path,
                                         struct secret_head *out, struct tsec_err *err);
/** Puts it into head->slot. */
TSEC_MUST_CHECK tsec_rc secret_head_store(struct txn *txn, const struct secret_head *head,
                                          struct tsec_err *err);
/** The data of another version than the head's. */
TSEC_MUST_CHECK tsec_rc secret_member_data(struct txn *txn, const struct secret_head *head,
                                           const struct secret_version *version,
                                           struct tsec_span *data, struct tsec_err *err);
/** Borrowed from the head; NULL: no such version. */
struct secret_version *secret_head_version(const struct secret_head *head, uint64_t number);

/** The payload of a head; `head` needs its secret and data only. */
void secret_head_pack(const struct secret_head *head, struct tsec_buf *out);
TSEC_MUST_CHECK tsec_rc secret_head_unpack(struct tsec_span payload, struct tsec_arena *arena,
                                           struct secret_head *out, struct tsec_err *err);

#endif
