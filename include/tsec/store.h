/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tsec/store.h
 * @brief What a store plugin must do: six operations on opaque bytes, and three that help.
 *
 * The contract, which tests/contract/ runs against every store:
 *
 *  - A key is 1..TSEC_STORE_KEY_MAX bytes, a value 0..TSEC_STORE_VALUE_MAX bytes; both may hold any
 *    byte, NUL included.  A longer one is TSEC_E_INVALID and changes nothing.
 *  - get() of a key that is not there is TSEC_E_NOT_FOUND, and the sink is not called.
 *  - scan() visits the keys that start with `prefix` and are greater than `after`, in byte order
 *    (memcmp order, a prefix before what it begins), each once, at most `limit`; it sees every
 *    record whose commit returned OK before the scan began.  A visitor that fails ends the scan,
 *    and scan() returns its result.  A visitor does not call the store, nor does a sink.
 *  - commit() applies all of its operations or none, and they are durable (they survive a power
 *    cut) when it returns OK.  A key stands in it at most once (else TSEC_E_INVALID).  An operation
 *    that expects TSEC_STORE_ABSENT and finds the key present is TSEC_E_CONFLICT: nothing of the
 *    commit is applied.  One that expects TSEC_STORE_PRESENT and finds the key absent is
 *    TSEC_E_CONFLICT likewise.  With TSEC_STORE_ANY, deleting what is not there is OK.
 *  - TSEC_E_OUTCOME_UNKNOWN from commit(): it may or may not have been applied, whole; the caller
 *    will look.  TSEC_E_UNAVAILABLE, TSEC_E_READ_ONLY and any other failure: surely not applied.
 *  - A store that was unreachable is tried again by the next call; no call blocks for longer than
 *    the plugin's documented timeouts.
 *  - A record that was committed by another process is seen by the next get() and scan().
 */
#ifndef TSEC_STORE_H
#define TSEC_STORE_H

#include <stdbool.h>

#include <tsec/plugin.h>

#define TSEC_STORE_KEY_MAX   ((size_t)64)
#define TSEC_STORE_VALUE_MAX ((size_t)(1024 * 1024 + 4096))
#define TSEC_STORE_OPS_MAX   ((size_t)4096)
#define TSEC_STORE_KEYS_MAX  ((size_t)256)

enum tsec_store_verb { TSEC_STORE_PUT = 1, TSEC_STORE_DELETE = 2 };
enum tsec_store_expect { TSEC_STORE_ANY = 0, TSEC_STORE_ABSENT = 1, TSEC_STORE_PRESENT = 2 };

struct tsec_store_op {
    enum tsec_store_verb verb;
    enum tsec_store_expect expect;
    struct tsec_span key;
    struct tsec_span value; /* PUT only */
};

/** Called for one record; the spans are valid during the call only. */
typedef tsec_rc (*tsec_store_visit_fn)(void *ctx, struct tsec_span key, struct tsec_span value);

struct tsec_store;

struct tsec_store_ops {
    uint32_t struct_size;

    /** Mandatory.  `uri` as configured (storage.database_uri).  TSEC_E_CONFIG: the URI makes no
     *  sense; TSEC_E_UNAVAILABLE: locked, unreachable; TSEC_E_TAMPERED: fails its integrity check;
     *  each with a detail that says what to do. */
    TSEC_MUST_CHECK tsec_rc (*open)(const struct tsec_host *host, const char *uri,
                                    struct tsec_store **out, struct tsec_err *err);
    void (*close)(struct tsec_store *store);

    TSEC_MUST_CHECK tsec_rc (*get)(struct tsec_store *store, struct tsec_span key,
                                   const struct tsec_sink *out, struct tsec_err *err);
    TSEC_MUST_CHECK tsec_rc (*scan)(struct tsec_store *store, struct tsec_span prefix,
                                    struct tsec_span after, size_t limit, tsec_store_visit_fn visit,
                                    void *ctx, struct tsec_err *err);
    TSEC_MUST_CHECK tsec_rc (*commit)(struct tsec_store *store, const struct tsec_store_op *ops,
                                      size_t n, struct tsec_err *err);
    /** OK: the next commit is expected to work.  Cheap, never blocks long.  A detail in err beside
     *  OK is a remark that operators must see, such as that the database may lose what it said it
     *  has; it names no address and no user. */
    TSEC_MUST_CHECK tsec_rc (*health)(struct tsec_store *store, struct tsec_err *err);
    /* ---- 1.0 ends here; a store plugin must be of 1.1, which added TSEC_STORE_PRESENT ---- */

    /** Optional: get() of up to TSEC_STORE_KEYS_MAX keys in one question.  Visits those that are
     *  there, each once for each time it stands in `keys`, in any order; a failing visitor ends it
     *  as it ends a scan.  TSEC_E_INVALID: too many keys, or one that cannot be. */
    TSEC_MUST_CHECK tsec_rc (*get_many)(struct tsec_store *store, const struct tsec_span *keys,
                                        size_t n, tsec_store_visit_fn visit, void *ctx,
                                        struct tsec_err *err);
    /** Optional: true when nobody else can write to this database while it is open here, so that
     *  one server is all there can be.  Without it several are assumed. */
    bool (*exclusive)(struct tsec_store *store);
    /** Optional: makes or brings up to date what open() needs in the database, says what it did by
     *  host->log, and closes what it opened.  A store without it needs nothing of the kind.  Two at
     *  once are safe; TSEC_E_CONFIG: not allowed to, or the database is a later release's. */
    TSEC_MUST_CHECK tsec_rc (*migrate)(const struct tsec_host *host, const char *uri,
                                       struct tsec_err *err);
    /* ---- 1.1 ends here ---- */
};

#endif
