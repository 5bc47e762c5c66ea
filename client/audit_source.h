/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/audit_source.h
 * @brief Where a ledger is read from: a server, or a folder that mirrors one (C2SP tlog-tiles).
 *
 * What it gives is not believed: audit_log checks it.
 */
#ifndef TSEC_CLIENT_AUDIT_SOURCE_H
#define TSEC_CLIENT_AUDIT_SOURCE_H

#include "client/http.h"

/** 256 leaves of the largest size, each with its length. */
enum { AUDIT_BUNDLE_MAX = 256 * (65535 + 2), AUDIT_PATH_MAX = 512 };

struct audit_source {
    struct cli_http *http; /* NULL: from the folder */
    const char *folder;
};

/** Appends what stands at a path: "checkpoint", "vkey", "tile/entries/000.p/5".
 *  TSEC_E_NOT_FOUND: nothing. */
TSEC_MUST_CHECK tsec_rc audit_source_get(const struct audit_source *source, const char *path,
                                         struct tsec_buf *out, struct tsec_err *err);
/** The entry bundle number n with at least `width` entries; a server that has grown may only have a
 *  fuller one. */
TSEC_MUST_CHECK tsec_rc audit_source_bundle(const struct audit_source *source, uint64_t n,
                                            unsigned width, struct tsec_buf *out,
                                            struct tsec_err *err);
/** Appends "tile/entries/…" or "tile/LEVEL/…", and a NUL; width 256 is a whole tile. */
void audit_tile_path(struct tsec_buf *out, const char *area, uint64_t n, unsigned width);

#endif
