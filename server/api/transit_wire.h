/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/transit_wire.h
 * @brief "vault:v3:…", as ciphertexts, signatures and HMACs travel; and which versions of a key may
 * be asked for.
 */
#ifndef TSEC_API_TRANSIT_WIRE_H
#define TSEC_API_TRANSIT_WIRE_H

#include "base/buf.h"
#include "core/transit_key.h"

enum transit_thing { TRANSIT_CIPHERTEXT = 0, TRANSIT_SIGNATURE, TRANSIT_MAC };

/** The version and what follows the prefix.  NULL: read; otherwise what is wrong with it. */
const char *transit_wire_read(enum transit_thing thing, struct tsec_span text, int64_t *version,
                              struct tsec_span *rest);
/** Appends the prefix. */
void transit_wire_put(struct tsec_buf *out, int64_t version);

/** The version of the key that a new thing is made with; 0 becomes the latest.  NULL: it may be. */
const char *transit_wire_making(enum transit_thing thing, const struct transit_key *key,
                                int64_t *version);
/** Whether a thing of that version may be opened or verified.  NULL: it may. */
const char *transit_wire_opening(enum transit_thing thing, const struct transit_key *key,
                                 int64_t *version);

#endif
