/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/transit_key.h
 * @brief Keys that never leave: made, rotated, limited, trimmed, deleted.  What is done with them
 * is core/transit_crypt.h's.
 *
 * Rows: <mount>/k/<name> holds what a key is and may do, and no secret; <mount>/v/<id>/<n> holds
 * version n's material; <mount>/u/<id> counts the uses of a key whose uses are limited;
 * sys/transit-due/<second, 16 hex digits>/<id> finds keys that rotate by themselves.  A key's id
 * is random and never used again, and a version's material never changes: so what was parsed from
 * it stays true for as long as anybody keeps it, and a key made again under an old name shares
 * nothing with the one before.  A key is wholly there or wholly not: each change is one
 * transaction.
 */
#ifndef TSEC_CORE_TRANSIT_KEY_H
#define TSEC_CORE_TRANSIT_KEY_H

#include "core/record.h"
#include "core/transit_type.h"

enum {
    TRANSIT_NAME_MAX = 128,
    TRANSIT_ID_LEN = 32,        /* hexadecimal digits */
    TRANSIT_VERSIONS_MAX = 960, /* deleting a key is one transaction */
    TRANSIT_HMAC_KEY_LEN = 32,
    TRANSIT_KEY_SIZE_MIN = 32, /* of an hmac key */
    TRANSIT_KEY_SIZE_MAX = 512,
    TRANSIT_MATERIAL_MAX = TSEC_PAIR_PKCS8_MAX,
    TRANSIT_ROTATE_MIN_S = 3600,
};

struct transit_key {
    const char *name;
    const char *id;        /* TRANSIT_ID_LEN hexadecimal digits */
    const char *type_name; /* as stored; type() below */
    int64_t revision;      /* counts every change of this row, from 1 */
    int64_t created_ns;
    int64_t rotated_ns;       /* when the latest version came */
    int64_t next_rotation_ns; /* when it rotates by itself; 0: never */
    int64_t latest;
    int64_t min_available;  /* versions below it are gone; 0: none was trimmed */
    int64_t min_decryption; /* from 1 */
    int64_t min_encryption; /* 0: the latest only is meant when none is asked for, any is allowed */
    int64_t auto_rotate_ns; /* 0: never */
    int64_t key_size;       /* bytes, of an hmac key; otherwise 0 */
    int64_t max_uses;       /* 0: unlimited; counted exactly, over all servers */
    int64_t rate;           /* operations a second on each server; 0: unlimited */
    bool derived;
    bool convergent;
    bool deletion_allowed;
    bool exportable;
    bool plaintext_backup; /* allow_plaintext_backup */
    bool imported;
    bool imported_rotation; /* allow_rotation: an imported key may get versions made here */
    bool attested_only;     /* serves callers only whose login proved what they run */
    bool never_exportable;  /* exportable and plaintext_backup stay unset for ever */
};

/** One version, opened into the transaction's arena. */
struct transit_version {
    int64_t number;
    int64_t created_ns;
    struct tsec_span material; /* raw key; PKCS #8 DER; empty: a public key alone was imported */
    struct tsec_span hmac_key; /* TRANSIT_HMAC_KEY_LEN bytes */
    struct tsec_span spki;     /* empty for symmetric keys */
    struct tsec_span chain;    /* PEM certificates, the leaf first; empty: none was set */
    bool imported;
};

/** What a version is made of before it has a number: made outside any lock, in the arena. */
struct transit_fresh {
    enum transit_type type;
    struct tsec_span material;
    struct tsec_span hmac_key;
    struct tsec_span spki;
    bool imported;
};

/** The name's grammar: letters, digits, '_', '-' and '.'; first and last are no '-' or '.'. */
bool transit_name_valid(struct tsec_span name);
enum transit_type transit_key_type(const struct transit_key *key);

/** Makes material; no transaction, no lock: RSA takes seconds.  key_size 0: the default. */
TSEC_MUST_CHECK tsec_rc transit_make(enum transit_type type, int64_t key_size,
                                     struct tsec_arena *arena, struct transit_fresh *out,
                                     struct tsec_err *err);

/* ---- reading ---- */

/** TSEC_E_NOT_FOUND.  Lives as long as the transaction. */
TSEC_MUST_CHECK tsec_rc transit_key_find(struct txn *txn, const char *mount, struct tsec_span name,
                                         const struct transit_key **out, struct tsec_err *err);
/** TSEC_E_NOT_FOUND: no such version, or trimmed. */
TSEC_MUST_CHECK tsec_rc transit_key_version(struct txn *txn, const char *mount,
                                            const struct transit_key *key, int64_t number,
                                            struct transit_version *out, struct tsec_err *err);
/** The oldest version that is still there. */
int64_t transit_key_oldest(const struct transit_key *key);
/** Names in byte order. */
TSEC_MUST_CHECK tsec_rc transit_key_list(struct txn *txn, const char *mount,
                                         struct tsec_strings *out, struct tsec_err *err);

/* ---- changing; each fails with a sentence for the client in err->detail ---- */

/** Whether settings go together: before material is made for them.  TSEC_E_INVALID. */
TSEC_MUST_CHECK tsec_rc transit_check_settings(const struct transit_key *key, struct tsec_err *err);
/** `settings` gives type_name, key_size, derived, convergent, exportable, plaintext_backup,
 *  auto_rotate_ns, max_uses, rate, attested_only, never_exportable, imported_rotation; the rest is
 * made up.  *out is in the arena.  TSEC_E_CONFLICT: there is one.  TSEC_E_INVALID: settings that do
 * not go together, or a name that is none. */
TSEC_MUST_CHECK tsec_rc transit_key_create(struct txn *txn, const char *mount,
                                           const struct transit_key *settings,
                                           const struct transit_fresh *first,
                                           const struct transit_key **out, struct tsec_err *err);
/** TSEC_E_INVALID: material of another type, too many versions, or an imported key that may not
 *  rotate (unless fresh->imported). */
TSEC_MUST_CHECK tsec_rc transit_key_rotate(struct txn *txn, const char *mount,
                                           const struct transit_key *key,
                                           const struct transit_fresh *fresh,
                                           const struct transit_key **out, struct tsec_err *err);

/** What is not given stays. */
struct transit_settings {
    bool has_min_decryption;
    bool has_min_encryption;
    bool has_deletion_allowed;
    bool has_exportable;
    bool has_plaintext_backup;
    bool has_auto_rotate;
    bool has_max_uses;
    bool has_rate;
    bool has_attested_only;
    bool has_never_exportable;
    bool deletion_allowed;
    bool exportable;       /* can be set, never unset */
    bool plaintext_backup; /* likewise */
    bool attested_only;    /* likewise: who may configure a key must not open it to others */
    bool never_exportable; /* likewise: nor let it out */
    int64_t min_decryption;
    int64_t min_encryption;
    int64_t auto_rotate_ns;
    int64_t max_uses;
    int64_t rate;
};
TSEC_MUST_CHECK tsec_rc transit_key_configure(struct txn *txn, const char *mount,
                                              const struct transit_key *key,
                                              const struct transit_settings *settings,
                                              const struct transit_key **out, struct tsec_err *err);
/** Versions below are gone for good.  TSEC_E_INVALID: the other minima are not set, or lower. */
TSEC_MUST_CHECK tsec_rc transit_key_trim(struct txn *txn, const char *mount,
                                         const struct transit_key *key, int64_t min_available,
                                         const struct transit_key **out, struct tsec_err *err);
/** TSEC_E_DENIED: its settings do not allow it. */
TSEC_MUST_CHECK tsec_rc transit_key_delete(struct txn *txn, const char *mount,
                                           const struct transit_key *key, struct tsec_err *err);
/** Of the version; checked by the caller (tsec_chain_for()). */
TSEC_MUST_CHECK tsec_rc transit_key_set_chain(struct txn *txn, const char *mount,
                                              const struct transit_key *key, int64_t number,
                                              struct tsec_span chain, struct tsec_err *err);
/** Counts `n` uses of a key whose uses are limited; nothing for others.  TSEC_E_DENIED: it has
 *  fewer left. */
TSEC_MUST_CHECK tsec_rc transit_key_use(struct txn *txn, const char *mount,
                                        const struct transit_key *key, int64_t n,
                                        struct tsec_err *err);
/** Left; -1: unlimited. */
TSEC_MUST_CHECK tsec_rc transit_key_uses_left(struct txn *txn, const char *mount,
                                              const struct transit_key *key, int64_t *out,
                                              struct tsec_err *err);

/* ---- in the background ---- */

struct transit_due {
    const char *mount; /* its id */
    const char *name;
    enum transit_type type; /* 0: the key is gone, and there is nothing to make */
    int64_t key_size;
    struct tsec_span entry; /* of the index */
};
/** A key that should have been rotated by now (a short look at an index by time, however many keys
 *  there are); it and its strings live as long as the transaction.  TSEC_E_NOT_FOUND: none. */
TSEC_MUST_CHECK tsec_rc transit_next_due(struct txn *txn, struct transit_due *out,
                                         struct tsec_err *err);

enum transit_due_end {
    TRANSIT_DUE_ROTATED = 1,
    TRANSIT_DUE_NOT_ANY_MORE, /* another server did it, or the key changed; nothing was written */
    TRANSIT_DUE_GONE,         /* the key is: its entry went too */
    TRANSIT_DUE_PUT_OFF,      /* it cannot rotate (`err` says why); the next try is a period away */
};
/** Rotates what transit_next_due() found, if it is due still.  `fresh` NULL: nothing was made. */
TSEC_MUST_CHECK tsec_rc transit_rotate_due(struct txn *txn, const struct transit_due *due,
                                           const struct transit_fresh *fresh,
                                           enum transit_due_end *end, struct tsec_err *err);

#endif
