/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/transit_plan.h
 * @brief One request on data, single or batch, from its body to its answer: which items, with which
 * versions of the key, what is to be done with them, and what came out.
 *
 * transit_operate() is all a handler calls: it reads the body, finds the key, lets its settings
 * decide (who is served, how often, how often in all), takes the versions it needs, has the work
 * done by api_work(), and answers.  An item that fails has a sentence of its own and holds up no
 * other.  Base64 is undone and done as part of the work: outside every lock.
 *
 * What the items hold lies in the body and the arena; what comes out lies in a buffer that is
 * wiped.
 */
#ifndef TSEC_API_TRANSIT_PLAN_H
#define TSEC_API_TRANSIT_PLAN_H

#include "api/ahead.h"
#include "api/transit_body.h"
#include "api/transit_wire.h"
#include "base/base64.h"
#include "core/transit_crypt.h"

enum { TRANSIT_BATCH_MAX = 1000 };

/** Text in the plan's output, by place: the buffer grows. */
struct transit_piece {
    size_t at;
    size_t len;
};

struct transit_item {
    /* from the request; empty: not given */
    struct tsec_span data;       /* base64: plaintext, ciphertext without its prefix, input */
    struct tsec_span context;    /* base64 */
    struct tsec_span associated; /* base64 */
    struct tsec_span proof;      /* of a verification, without its prefix */
    struct tsec_span reference;
    int64_t version;                          /* of what is made or opened */
    int64_t onto;                             /* rewrap: of what is made */
    const struct transit_material *material;  /* of `version` */
    const struct transit_material *successor; /* of `onto` */

    /* what came of it */
    const char *error; /* a sentence for the caller, whose fault it is; NULL: done */
    bool valid;
    int recovery_id; /* -1: none */
    struct transit_piece out;
    struct transit_piece also; /* datakey: the key; sign: the derived public key */
};

enum transit_marshaling {
    TRANSIT_ASN1 = 0,
    TRANSIT_JWS,      /* r ‖ s, base64url */
    TRANSIT_RAW,      /* r ‖ s, base64 */
    TRANSIT_ETHEREUM, /* r ‖ s ‖ v */
};

struct transit_held; /* a version that the plan holds */
struct transit_kind;

struct transit_plan {
    struct api_work work; /* first */
    const struct transit_kind *kind;
    struct tsec_arena *arena;
    struct transit_item *items;
    size_t len;
    bool batch;
    int64_t partial; /* partial_failure_response_code; 0: none */

    /* of the whole request */
    struct tsec_signing how;
    enum transit_marshaling marshaling;
    int64_t version; /* key_version */
    size_t bytes;    /* datakey: length of the key */
    bool tell;       /* datakey: it is in the answer */

    /* of the key */
    enum transit_type type;
    bool derived;
    bool convergent;
    struct transit_held *held;
    /** Of a key that is yet to be made, by the work itself; NULL: there is one. */
    const struct transit_key *settings;
    struct transit_fresh fresh;

    tsec_rc fault; /* of ours, while it was worked on: the whole request fails */
    struct tsec_buf out;
    struct tsec_buf scratch[4]; /* while one item is worked on */
};

/** What tells the operations apart. */
struct transit_kind {
    const char *no_key; /* there is no such key */
    bool fails;         /* a batch with a failed item is answered 400 */
    bool uses;          /* counts against max_uses */
    bool batches;       /* takes batch_input */
    bool contexts;      /* all items have one, or none */
    bool verdict;       /* put() is also for items that failed */
    /** Reads what holds for the whole request, before the key is known.  May be NULL. */
    tsec_rc (*options)(struct api_call *call, struct transit_plan *plan,
                       const struct transit_body *body, struct tsec_err *err);
    /** Reads an item.  TSEC_E_INVALID with a sentence: the whole request is refused; what concerns
     *  the item alone goes into item->error. */
    tsec_rc (*read)(struct transit_plan *plan, struct transit_item *item,
                    const struct transit_body *body, struct tsec_err *err);
    /** There is no such key: sets plan->settings to what is to be made, or leaves it.  NULL: none
     *  is ever made. */
    tsec_rc (*make)(struct api_call *call, struct transit_plan *plan,
                    const struct transit_body *body, struct tsec_err *err);
    /** Whether the key can do this.  Answers and fails. */
    tsec_rc (*suits)(struct api_call *call, const struct transit_plan *plan);
    /** Sets item->version (and onto): a sentence when it may not be. */
    const char *(*choose)(const struct transit_plan *plan, struct transit_item *item,
                          const struct transit_key *key);
    unsigned (*cost_us)(const struct transit_plan *plan, const struct transit_item *item);
    void (*work)(struct transit_plan *plan, struct transit_item *item);
    /** The members of what came out, inside an object. */
    void (*put)(const struct transit_plan *plan, const struct transit_item *item,
                struct tsec_json_out *out);
};

/** `i`: the variable of the path that names the key. */
TSEC_MUST_CHECK tsec_rc transit_operate(struct api_call *call, const struct transit_kind *kind,
                                        size_t i, struct tsec_err *err);
/** The same with a body that was read already. */
TSEC_MUST_CHECK tsec_rc transit_operate_on(struct api_call *call, const struct transit_kind *kind,
                                           size_t i, const struct transit_body *body,
                                           struct tsec_err *err);

/* ---- between the files of this noun ---- */

/** The items, of a batch or alone.  TSEC_E_INVALID with a sentence. */
TSEC_MUST_CHECK tsec_rc transit_items_read(struct transit_plan *plan,
                                           const struct transit_body *body, struct tsec_err *err);
/** The envelope with what came out; 400 when the only item failed. */
TSEC_MUST_CHECK tsec_rc transit_items_answer(struct api_call *call, const struct transit_plan *plan,
                                             struct tsec_err *err);

/* ---- for the kinds ---- */

/** Context and reference of an item. */
TSEC_MUST_CHECK tsec_rc transit_read_item(struct transit_plan *plan, struct transit_item *item,
                                          const struct transit_body *body, struct tsec_err *err);
/** The same of what is encrypted, whose nonce nobody chooses: one that is given is refused. */
TSEC_MUST_CHECK tsec_rc transit_read_making(struct transit_plan *plan, struct transit_item *item,
                                            const struct transit_body *body, struct tsec_err *err);
/** The item failed; the sentence is static or in the arena. */
void transit_item_fails(struct transit_item *item, const char *sentence);
/** It failed as a function of core/ did: the detail is for the caller, unless the fault is ours. */
void transit_item_failed(struct transit_plan *plan, struct transit_item *item, tsec_rc rc,
                         const struct tsec_err *err);
/** Base64 into one of the plan's scratch buffers, emptied before.  False: the item failed, with
 *  that sentence. */
bool transit_decode(struct transit_plan *plan, struct transit_item *item, size_t scratch,
                    enum tsec_base64_kind kind, struct tsec_span text, const char *sentence);
/** Context and associated data decoded (scratch 2 and 3).  False: the item failed. */
bool transit_item_params(struct transit_plan *plan, struct transit_item *item,
                         struct transit_params *params);
/** Base64 of the bytes after the prefix of the version, as a piece of the output. */
struct transit_piece transit_put_wire(struct transit_plan *plan, int64_t version,
                                      enum tsec_base64_kind kind, struct tsec_span bytes);
struct transit_piece transit_put_base64(struct transit_plan *plan, struct tsec_span bytes);
/** Makes room for about so much, but not past the ceiling: a buffer that grows step by step is
 *  copied and wiped each time. */
void transit_expect(struct tsec_buf *buf, size_t more);
struct tsec_span transit_piece_of(const struct transit_plan *plan, struct transit_piece piece);

/** What encrypting or hashing takes, besides a key's own work. */
unsigned transit_bytes_us(size_t len);

/* ---- of transit_encrypt.c, for what encrypts besides ---- */

/** Answers 400 and fails when keys of that type do not encrypt. */
TSEC_MUST_CHECK tsec_rc transit_suits_encryption(struct api_call *call,
                                                 const struct transit_plan *plan);
/** Associated data for a key that takes none: a sentence. */
const char *transit_associated_suits(const struct transit_plan *plan,
                                     const struct transit_item *item);
unsigned transit_encrypt_us(const struct transit_plan *plan, const struct transit_item *item);
/** Encrypts `plain` with that version of the key into item->out. */
void transit_seal_item(struct transit_plan *plan, struct transit_item *item,
                       const struct transit_material *material, int64_t version,
                       const struct transit_params *params, struct tsec_span plain);

#endif
