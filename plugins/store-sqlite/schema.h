/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file schema.h
 * @brief The one table, and whether a file holds it and nothing else.
 */
#ifndef STORE_SQLITE_SCHEMA_H
#define STORE_SQLITE_SCHEMA_H

#include "conn.h"

/** Files up to this size are checked page by page when they are opened (about 0.4 ms per MiB); of a
 *  larger one only the pages that are read, and each record by the server's own seals. */
enum { SCHEMA_CHECK_MAX_MIB = 64 };

/** Creates the table in an empty file; turns on the write-ahead log.  TSEC_E_CONFIG: another
 *  program's database, or a later release's; TSEC_E_TAMPERED: fails its check. */
TSEC_MUST_CHECK tsec_rc schema_ensure(struct conn *writer, struct tsec_err *err);

#endif
