/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/note.h
 * @brief Signed notes (C2SP signed-note) with Ed25519, and checkpoints (C2SP tlog-checkpoint).
 *
 * Key id = SHA-256(name ‖ "\n" ‖ 0x01 ‖ public key)[:4].  A verifier ignores signature lines of
 * keys it does not know, and refuses a note on which its own key's line does not verify.
 */
#ifndef TSEC_CRYPTO_NOTE_H
#define TSEC_CRYPTO_NOTE_H

#include "crypto/sign.h"

enum { TSEC_NOTE_NAME_MAX = 128, TSEC_NOTE_MAX = 16384 };

/** A name is not empty, holds no white space and no '+'. */
bool tsec_note_name_valid(struct tsec_span name);

/** "name+hex(keyid)+base64(0x01 ‖ pub)". */
TSEC_MUST_CHECK tsec_rc tsec_note_vkey(const char *name, const struct tsec_key *key,
                                       struct tsec_buf *out, struct tsec_err *err);

struct tsec_note_verifier {
    char name[TSEC_NOTE_NAME_MAX + 1];
    uint32_t key_id;
    uint8_t public_key[TSEC_ED25519_KEY_LEN];
};
TSEC_MUST_CHECK tsec_rc tsec_note_verifier_parse(struct tsec_span vkey,
                                                 struct tsec_note_verifier *out,
                                                 struct tsec_err *err);

/** `text` ends in a newline.  Appends text ‖ "\n" ‖ "— name base64(keyid ‖ sig)\n". */
TSEC_MUST_CHECK tsec_rc tsec_note_sign(const char *name, const struct tsec_key *key,
                                       struct tsec_span text, struct tsec_buf *out,
                                       struct tsec_err *err);
/** Checks the note's form and the verifier's signature; `text` is borrowed from the note.
 *  TSEC_E_INVALID: malformed; TSEC_E_DENIED: not signed by it, or the signature is wrong. */
TSEC_MUST_CHECK tsec_rc tsec_note_open(struct tsec_span note,
                                       const struct tsec_note_verifier *verifier,
                                       struct tsec_span *text, struct tsec_err *err);

struct tsec_checkpoint {
    char origin[TSEC_NOTE_NAME_MAX + 1];
    uint64_t size;
    uint8_t root[TSEC_SHA256_LEN];
};
/** "origin\nsize\nbase64(root)\n". */
void tsec_checkpoint_text(const struct tsec_checkpoint *checkpoint, struct tsec_buf *out);
TSEC_MUST_CHECK tsec_rc tsec_checkpoint_parse(struct tsec_span text, struct tsec_checkpoint *out,
                                              struct tsec_err *err);

#endif
