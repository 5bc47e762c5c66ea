/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file boot/seen_file.h
 * @brief A small file on this machine in which a server notes how far it saw the ledger, so that it
 * notices an older copy of the database at its next start.  It does not know what a record means,
 * and never decides.
 *
 * Two slots, 4096 bytes apart, are written in turn: a record that was torn leaves the one before
 * it.  Several servers may share a folder: each locks a file of its own, PATH, PATH.1, PATH.2, ...,
 * and all are read at a start.  It is for accidents: whoever can write the file can delete it.
 */
#ifndef TSEC_BOOT_SEEN_FILE_H
#define TSEC_BOOT_SEEN_FILE_H

#include "core/node.h"

enum { SEEN_FILES_MAX = 16, SEEN_RECORD_LEN = LEDGER_SEEN_LEN };

struct seen_file;

/** TSEC_E_CONFIG: it cannot be made or opened there. */
TSEC_MUST_CHECK tsec_rc seen_file_open(const char *path, struct seen_file **out,
                                       struct tsec_err *err);
void seen_file_close(struct seen_file *file); /* NULL is harmless */
/** What a node is given. */
const struct node_seen *seen_file_seen(const struct seen_file *file);
/** The one that is written. */
const char *seen_file_path(const struct seen_file *file);
/** It was not there before. */
bool seen_file_new(const struct seen_file *file);

#endif
