/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/evidence_collateral.h
 * @brief Collateral from files and folders, handed to a verifier; recognised by content alone.
 *
 * A folder gives every regular file in it that the verifier recognises, and what else lies there is
 * passed over; a file that is named by itself must be recognised.  Folders in folders are not
 * entered.
 */
#ifndef TSEC_CLIENT_EVIDENCE_COLLATERAL_H
#define TSEC_CLIENT_EVIDENCE_COLLATERAL_H

#include "client/evidence_verifier.h"

enum {
    EVIDENCE_FOLDER_FILES = 1024,
    EVIDENCE_COLLATERAL_TOTAL = 64 * 1024 * 1024,
};

/** What became of the files so far. */
struct evidence_collateral {
    size_t taken;
    size_t passed_over; /* in folders */
    size_t bytes;
    char unknown[160]; /* the first file named by itself that was not recognised, and why */
};

/** A file or a folder.  A failure is one of reading, or too much of it. */
TSEC_MUST_CHECK tsec_rc evidence_collateral_load(struct evidence_verifier *verifier,
                                                 const char *path, struct evidence_collateral *sum,
                                                 struct tsec_err *err);

#endif
