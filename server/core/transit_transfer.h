/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/transit_transfer.h
 * @brief Keys that come in wrapped, and those whose settings let them out: import, export, backup,
 * restore.
 *
 * Import: RSA-OAEP of an ephemeral AES-256 key under the mount's wrapping key (RSA-4096, row
 * <mount>/w), followed by the target key under that one by AES-KWP.  Backups are what Vault and
 * OpenBao write, so that keys can be moved here from there: base64 of JSON with every version in
 * clear; that is why two settings must allow one.
 */
#ifndef TSEC_CORE_TRANSIT_TRANSFER_H
#define TSEC_CORE_TRANSIT_TRANSFER_H

#include "core/transit_cache.h"

enum { TRANSIT_BACKUP_MAX = 768 * 1024, TRANSIT_IMPORT_MAX = 16 * 1024 };

/** The mount's wrapping key, PKCS #8 DER in the arena.  TSEC_E_NOT_FOUND: none was made yet. */
TSEC_MUST_CHECK tsec_rc transit_wrapping_find(struct txn *txn, const char *mount,
                                              struct tsec_span *pkcs8, struct tsec_err *err);
/** Keeps one that was made outside the lock (tsec_pair_generate()).  TSEC_E_CONFLICT: there is one.
 */
TSEC_MUST_CHECK tsec_rc transit_wrapping_keep(struct txn *txn, const char *mount,
                                              struct tsec_span pkcs8, struct tsec_err *err);
/** What `wrapped` holds, as a version of that type; no transaction.  `hash` of the OAEP.
 *  TSEC_E_INVALID with a sentence; nothing tells at which of the two wrappings it failed. */
TSEC_MUST_CHECK tsec_rc transit_unwrap(enum transit_type type, struct tsec_span wrapping_pkcs8,
                                       enum tsec_hash hash, struct tsec_span wrapped,
                                       struct tsec_arena *arena, struct transit_fresh *out,
                                       struct tsec_err *err);
/** Somebody else's key as a version: raw bytes, or PKCS #8 DER; every number is checked. */
TSEC_MUST_CHECK tsec_rc transit_take(enum transit_type type, struct tsec_span key,
                                     struct tsec_arena *arena, struct transit_fresh *out,
                                     struct tsec_err *err);
/** A public key alone: PEM or DER SubjectPublicKeyInfo. */
TSEC_MUST_CHECK tsec_rc transit_import_public(enum transit_type type, struct tsec_span key,
                                              struct tsec_arena *arena, struct transit_fresh *out,
                                              struct tsec_err *err);

enum transit_export {
    TRANSIT_EXPORT_ENCRYPTION = 1,
    TRANSIT_EXPORT_SIGNING,
    TRANSIT_EXPORT_HMAC,
    TRANSIT_EXPORT_PUBLIC,
    TRANSIT_EXPORT_CHAIN,
};
enum transit_export_format {
    TRANSIT_FORMAT_DEFAULT = 0, /* as Vault: base64; SEC 1 or PKCS #1 PEM */
    TRANSIT_FORMAT_RAW,
    TRANSIT_FORMAT_DER, /* PKCS #8, base64 */
    TRANSIT_FORMAT_PEM, /* PKCS #8 */
};
/** Appends the text of one version.  TSEC_E_DENIED: not exportable.  TSEC_E_INVALID: this type has
 *  no such key, or cannot be had in that format. */
TSEC_MUST_CHECK tsec_rc transit_export(const struct transit_key *key,
                                       const struct transit_version *version,
                                       enum transit_export what, enum transit_export_format format,
                                       struct tsec_buf *out, struct tsec_err *err);

/** Appends base64.  TSEC_E_DENIED: its settings do not allow it; TSEC_E_TOO_LARGE. */
TSEC_MUST_CHECK tsec_rc transit_backup(struct txn *txn, const char *mount,
                                       const struct transit_key *key, struct tsec_buf *out,
                                       struct tsec_err *err);
/** A key as a backup has it. */
struct transit_backup_key {
    struct transit_key key;           /* without id, revision and next rotation */
    struct transit_version *versions; /* from the oldest to the latest, without gaps */
    size_t versions_len;
    int64_t used; /* of max_uses */
};
/** Reads and checks a backup, base64; no transaction, because numbers of RSA keys take long to
 *  check.  What comes out lies in the arena.  Every version counts as imported: its material was
 *  outside.  TSEC_E_INVALID: not a backup; the detail says what is wrong. */
TSEC_MUST_CHECK tsec_rc transit_backup_read(struct tsec_span backup, int64_t now_ns,
                                            struct tsec_arena *arena,
                                            struct transit_backup_key *out, struct tsec_err *err);
/** Puts what was read.  `name` empty: the one in the backup.  `force`: a key that is there is
 *  replaced, but none that is never_exportable, nor one that is attested_only by one that is not.
 *  TSEC_E_CONFLICT: it is there. */
TSEC_MUST_CHECK tsec_rc transit_restore(struct txn *txn, const char *mount, struct tsec_span name,
                                        const struct transit_backup_key *backup, bool force,
                                        struct tsec_err *err);

#endif
