/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file channel_bare.h
 * @brief What a handshake of the channel needs, in bare OpenSSL: P-384, SHA-384 and HKDF.
 *
 * Contexts are ready and the bytes are always the same; one thread.  Whatever fails ends the
 * program.
 */
#ifndef BENCH_CHANNEL_BARE_H
#define BENCH_CHANNEL_BARE_H

#include <stdbool.h>

/** Ends the program when not ok. */
void need(bool ok, const char *what);
/** Processor time of this thread. */
double core_seconds(void);

void bare_setup(void);
void bare_done(void);
void bare_keygen(void);
/** A key pair, the peer's point decoded, and ECDH. */
void bare_agree(void);
/** One side's key schedule. */
void bare_derive(void);
void bare_sign(void);
/** Of what bare_sign() made first, by a key that is ready, or decoded first. */
void bare_verify(void);
void bare_decode_verify(void);

#endif
