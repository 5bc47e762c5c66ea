/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/audit_memory.h
 * @brief What this user has seen of a ledger: its key and its last checkpoint, kept in a file.
 *
 * The file is a line with the key and the signed note as it was; it is checked again when it is
 * read.
 */
#ifndef TSEC_CLIENT_AUDIT_MEMORY_H
#define TSEC_CLIENT_AUDIT_MEMORY_H

#include "crypto/note.h"

enum { AUDIT_VKEY_MAX = 512 };

struct audit_memory {
    char path[4096];
    bool found;
    char vkey[AUDIT_VKEY_MAX];
    struct tsec_checkpoint checkpoint;
};

/** `file` NULL: a file named after the ledger in $XDG_STATE_HOME/tee-secrets, or
 *  ~/.local/state/tee-secrets.  No file is no failure. */
TSEC_MUST_CHECK tsec_rc audit_memory_load(const char *file, const char *ledger,
                                          struct audit_memory *out, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc audit_memory_store(const struct audit_memory *memory, const char *vkey,
                                           struct tsec_span note, struct tsec_err *err);

#endif
