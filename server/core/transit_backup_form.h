/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/transit_backup_form.h
 * @brief What writing and reading backups of keys share: how Vault's JSON says what a key is.
 *
 * {"policy": what the key is and may do, with "keys": {"1": version, ...}, "archived_keys":
 * {"keys": [...]}}.  Byte strings are base64; numbers of curves and of RSA are JSON numbers of any
 * size.  Vault keeps versions below min_decryption_version in the archive only, where the element i
 * is version min_available_version + i; here every version is written to "keys", which Vault takes
 * too.  What Vault has not is in an object of its own, which Vault passes over: BACKUP_OWN.
 */
#ifndef TSEC_CORE_TRANSIT_BACKUP_FORM_H
#define TSEC_CORE_TRANSIT_BACKUP_FORM_H

#include "core/transit_key.h"

#define BACKUP_OWN "tee_secrets"

enum { BACKUP_KDF_HKDF = 1, BACKUP_CONVERGENT = 3 };

/** Vault's number of a type; types that Vault has not have ours, from 1000 on.  -1: no type. */
int64_t transit_backup_number(enum transit_type type);
/** 0: a type that there is not here. */
enum transit_type transit_backup_type(int64_t number);

/** The material of one version, as an entry of "keys" has it.  TSEC_E_INVALID. */
TSEC_MUST_CHECK tsec_rc transit_backup_material(const struct transit_key *key,
                                                struct tsec_span entry, struct tsec_arena *arena,
                                                struct transit_fresh *out, struct tsec_err *err);

/* ---- members of an object; null is as if it was not there ---- */

TSEC_MUST_CHECK tsec_rc backup_i64(struct tsec_span object, const char *name, int64_t *out,
                                   struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc backup_bool(struct tsec_span object, const char *name, bool *out,
                                    struct tsec_err *err);
/** The inside of a string, unescaped, in the arena; NULL: not there. */
TSEC_MUST_CHECK tsec_rc backup_text(struct tsec_span object, const char *name,
                                    struct tsec_arena *arena, const char **out,
                                    struct tsec_err *err);
/** The bytes of a base64 string, in the arena; empty: not there. */
TSEC_MUST_CHECK tsec_rc backup_bytes(struct tsec_span object, const char *name,
                                     struct tsec_arena *arena, struct tsec_span *out,
                                     struct tsec_err *err);
/** An object or an array, not walked; empty: not there. */
TSEC_MUST_CHECK tsec_rc backup_container(struct tsec_span object, const char *name, bool array,
                                         struct tsec_span *out, struct tsec_err *err);
/** Base64 of a raw JSON string, in the arena. */
TSEC_MUST_CHECK tsec_rc backup_decode(struct tsec_span raw, struct tsec_arena *arena,
                                      struct tsec_span *out, struct tsec_err *err);

#endif
