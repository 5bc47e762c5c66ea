/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/mint/mint_nitro_internal.h
 * @brief What the parts of a minted document share: its keys and its certificates in CBOR.
 */
#ifndef MINT_NITRO_INTERNAL_H
#define MINT_NITRO_INTERNAL_H

#include "tests/mint/mint_cbor.h"
#include "tests/mint/mint_nitro.h"

enum { MINT_NITRO_STRANGER = MINT_NITRO_CERTS, MINT_NITRO_SLOTS };

/** The program's key of that kind at that place; never to be freed. */
struct mint_key *mint_nitro_key(size_t slot, enum tsec_pubkey_kind kind);
void mint_nitro_put_leaf(const struct mint_nitro_spec *spec, struct tsec_buf *out);
void mint_nitro_put_cabundle(const struct mint_nitro_spec *spec, struct tsec_buf *out);
void mint_nitro_genuine_chain(struct mint_nitro_spec *spec);

#endif
