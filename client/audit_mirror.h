/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/audit_mirror.h
 * @brief A ledger written into a folder as C2SP tlog-tiles lays it out: checkpoint, entry bundles
 * and the tiles of hashes, which are computed here and not copied.
 *
 * The checkpoint is written last, when everything under it is verified and in place.
 */
#ifndef TSEC_CLIENT_AUDIT_MIRROR_H
#define TSEC_CLIENT_AUDIT_MIRROR_H

#include "client/audit_log.h"

struct audit_mirror;

/** Makes the folder when it is not there. */
TSEC_MUST_CHECK tsec_rc audit_mirror_new(const char *folder, struct audit_mirror **out,
                                         struct tsec_err *err);
void audit_mirror_free(struct audit_mirror *mirror);
TSEC_DEFINE_AUTO(struct audit_mirror, audit_mirror_free)

/** The log's leaves come here from then on. */
void audit_mirror_attach(struct audit_mirror *mirror, struct audit_log *log);
/** Writes the tiles that are not full, the key, and the checkpoint. */
TSEC_MUST_CHECK tsec_rc audit_mirror_finish(struct audit_mirror *mirror, const char *vkey,
                                            struct tsec_span note, struct tsec_err *err);

#endif
