/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/evidence_input.h
 * @brief Evidence as it comes to the command line: read within bounds, taken out of hex or base64,
 * and recognised.
 *
 * Recognising a format believes nothing: it only chooses which verifier reads the bytes.
 */
#ifndef TSEC_CLIENT_EVIDENCE_INPUT_H
#define TSEC_CLIENT_EVIDENCE_INPUT_H

#include "base/buf.h"

enum {
    EVIDENCE_FILE_MAX = 1024 * 1024, /* as text, with white space */
};

enum evidence_encoding { EVIDENCE_BIN = 0, EVIDENCE_HEX, EVIDENCE_BASE64 };

/** "bin", "hex", "base64".  False: none of these. */
bool evidence_encoding_parse(const char *name, enum evidence_encoding *out);

/** Appends what `text` says; white space in hex and base64 is passed over, and base64 may be of
 *  either alphabet, with padding or without.  TSEC_E_INVALID: not that encoding, or nothing, or
 *  more than evidence may have. */
TSEC_MUST_CHECK tsec_rc evidence_decode(enum evidence_encoding encoding, struct tsec_span text,
                                        struct tsec_buf *out, struct tsec_err *err);

/** The encoding that the text is in when it is in none of binary evidence's: for a hint. */
enum evidence_encoding evidence_encoding_guess(struct tsec_span text);

/** "nitro", "snp", "sgx", "tdx", "az-snp-vtpm", "maa"; NULL: none of these. */
const char *evidence_format_guess(struct tsec_span evidence);

#endif
