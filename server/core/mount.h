/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/mount.h
 * @brief The mount table: which engine answers below which path.
 *
 * Paths end in '/', and none lies inside another.  A secrets mount has a data encryption key of its
 * own, named by its id; moving it changes the path only.  Login mounts ("token/", "approle/",
 * "attest/") stand in a table of their own, and their rows belong to "sys".
 *
 * Rows: sys/mount/<path/>, sys/auth-mount/<path/>, sys/purge/<id> while a removed mount's rows go.
 */
#ifndef TSEC_CORE_MOUNT_H
#define TSEC_CORE_MOUNT_H

#include "core/record.h"

enum { MOUNT_PATH_MAX = 256, MOUNT_ID_LEN = 9 };

enum mount_table { MOUNT_SECRETS = 1, MOUNT_AUTH };

struct mount {
    const char *id;   /* "m" and 8 hex digits: the first part of its rows' keys */
    const char *path; /* "secret/" */
    const char *type; /* "kv"; "token", "approle", "attest" */
    const char *description;
    const char *uuid;
    const char *accessor; /* "kv_" and 8 hex digits */
    const char *listing_visibility;
    const char *token_type;         /* of login mounts: "default-service" */
    struct tsec_string_map options; /* {"version":"2"} */
    struct tsec_strings audit_request_keys;
    struct tsec_strings audit_response_keys;
    int64_t default_ttl_s; /* 0: the system's */
    int64_t max_ttl_s;
    int64_t created_ns;
    bool force_no_cache;
    bool local;
    bool seal_wrap;
};

/** "a/b" or "/a/b/" → "a/b/" in the arena.  NULL: empty, too long, or not a path a mount can have
 *  (reserved names, empty or dotted segments, control characters). */
const char *mount_path(struct tsec_arena *arena, enum mount_table table, struct tsec_span path);

/** Fills id, uuid, accessor and creation time, writes the row, and creates the data key.
 *  TSEC_E_CONFLICT: the path is in use, lies below or above one that is. */
TSEC_MUST_CHECK tsec_rc mount_add(struct txn *txn, enum mount_table table, struct mount *mount,
                                  struct tsec_err *err);
/** Writes a changed row. */
TSEC_MUST_CHECK tsec_rc mount_store(struct txn *txn, enum mount_table table,
                                    const struct mount *mount, struct tsec_err *err);
/** The mount at exactly that path. */
TSEC_MUST_CHECK tsec_rc mount_at(struct txn *txn, enum mount_table table, const char *path,
                                 const struct mount **out, struct tsec_err *err);
/** The mount that `path` (without leading '/') lies under; *rest is what follows it. */
TSEC_MUST_CHECK tsec_rc mount_find(struct txn *txn, enum mount_table table, struct tsec_span path,
                                   const struct mount **out, struct tsec_span *rest,
                                   struct tsec_err *err);
/** Every mount's path, in order. */
TSEC_MUST_CHECK tsec_rc mount_paths(struct txn *txn, enum mount_table table,
                                    struct tsec_strings *out, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc mount_move(struct txn *txn, enum mount_table table,
                                   const struct mount *mount, const char *to, struct tsec_err *err);
/** The mount is gone with this transaction; its rows are left to core_purge_step(). */
TSEC_MUST_CHECK tsec_rc mount_remove(struct txn *txn, enum mount_table table,
                                     const struct mount *mount, struct tsec_err *err);

/** The tables of a new server: secret/ (kv version 2), token/, approle/, attest/. */
TSEC_MUST_CHECK tsec_rc mount_defaults(struct txn *txn, struct tsec_err *err);

#endif
