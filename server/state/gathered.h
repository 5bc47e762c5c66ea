/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file state/gathered.h
 * @brief What the log says that memory does not have yet: rows to be there, rows to be gone, a
 * keyring; and what of it was found in the store so far.
 *
 * It shows nothing to anybody and changes no row.  One thread.
 */
#ifndef TSEC_STATE_GATHERED_H
#define TSEC_STATE_GATHERED_H

#include "state/table.h"

struct mutation;

enum want {
    WANT_ROW = 1,   /* the log says what it is; not found yet */
    WANT_NOTHING,   /* found: `row` */
    WANT_GONE,      /* the log says it is no more */
    WANT_EXPLAINED, /* it is in the store, and the log does not know it */
};

/* How the store is not as the log says. */
enum behind { BEHIND_NOT = 0, BEHIND_KEYRING, BEHIND_MISSING, BEHIND_ALTERED, BEHIND_STRAY };

/* One row as the log left it. */
struct expected {
    struct expected *next;
    union {
        uint64_t version;
        struct row *row; /* WANT_NOTHING: a reference; it knows its version itself */
    };
    uint8_t want; /* enum want */
    uint8_t class;
    bool found; /* the store has a row there, but not this one */
    uint8_t rk[ROW_KEY_LEN];
    uint8_t hash[TSEC_SHA256_LEN];
};

struct gathered {
    struct expected **buckets;
    size_t buckets_len;
    uint64_t seed[2];
    size_t len;
    size_t strays; /* rows the log did not know when they were seen */
    bool has_rotation;
    uint64_t keyring_version;
    uint8_t keyring_hash[TSEC_SHA256_LEN];
    struct keyring *keyring; /* the one named above, once it was found */

    enum behind behind; /* the first thing that is so */
    uint8_t behind_rk[ROW_KEY_LEN];
};

TSEC_MUST_CHECK tsec_rc gathered_new(struct gathered **out, struct tsec_err *err);
void gathered_free(struct gathered *gathered); /* NULL is harmless */
/** Forgets everything. */
void gathered_clear(struct gathered *gathered);

/** NULL: nothing was said of it. */
struct expected *gathered_find(const struct gathered *gathered, const uint8_t *rk);
/** A mutation of the log, after those before it.  `resident`: memory has a row of that rk. */
TSEC_MUST_CHECK tsec_rc gathered_mutation(struct gathered *gathered, const struct mutation *m,
                                          bool resident, struct tsec_err *err);
void gathered_rotation(struct gathered *gathered, uint64_t version,
                       const uint8_t hash[TSEC_SHA256_LEN]);
/** A row of the store that the log does not know.  TSEC_E_TOO_LARGE: there are too many. */
TSEC_MUST_CHECK tsec_rc gathered_stray(struct gathered *gathered, const uint8_t *rk,
                                       struct tsec_err *err);
/** Memory has it now. */
void gathered_remove(struct gathered *gathered, const uint8_t *rk);
/** The row was found: takes a reference of its own. */
void gathered_found(struct expected *expected, struct row *row);
/** The keyring was found: takes it.  Rows are to be found again, under it. */
void gathered_keyring(struct gathered *gathered, struct keyring **keyring);

/** Remembers it when it is the first; `rk` of a row. */
void gathered_behind(struct gathered *gathered, enum behind how, const uint8_t *rk);

/** One after the other; `at` begins as zeroes.  Nothing may be added or removed meanwhile. */
struct gathered_at {
    size_t bucket;
    struct expected *last;
};
struct expected *gathered_next(const struct gathered *gathered, struct gathered_at *at);

#endif
