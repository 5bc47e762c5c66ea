/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/secret.h
 * @brief Versioned secrets (KV version 2): written, read, deleted, brought back, destroyed, listed.
 *
 * A secret is a path below a mount; its data is a run of bytes that nothing here looks into.  Every
 * write makes a version; the oldest go when there are more than the secret or its mount keeps.  A
 * deleted version can be brought back, a destroyed one is gone from the store.
 *
 * Rows: <mount>/config, and a group <mount>/d/<path> (state/txn.h) with a member for each version's
 * data.  The head is the current version and carries the metadata of all of them, so that a write
 * costs one row.  What other members say about metadata is old and not read.
 */
#ifndef TSEC_CORE_SECRET_H
#define TSEC_CORE_SECRET_H

#include "base/strings.h"
#include "state/txn.h"

enum {
    SECRET_PATH_MAX = 512,
    SECRET_SEGMENT_MAX = 256,     /* between two '/' */
    SECRET_VERSIONS_DEFAULT = 10, /* kept when neither secret nor mount says */
    /* Removing a secret is one transaction: its versions must fit, with what else it writes. */
    SECRET_VERSIONS_MAX = TXN_WRITES_MAX - 24,
    SECRET_CUSTOM_MAX = 64,
    SECRET_CUSTOM_KEY_MAX = 128,
    SECRET_CUSTOM_VALUE_MAX = 512,
};

/** What holds for every secret of a mount. */
struct secret_config {
    int64_t max_versions;    /* 0: the default */
    int64_t delete_after_ns; /* 0: never; negative: never, whatever a secret says */
    bool cas_required;
};

struct secret_version {
    uint64_t number;
    int64_t created_ns;
    int64_t deletion_ns; /* 0: not deleted; in the future: it will be */
    bool destroyed;
    uint16_t slot; /* of its member; 0: it has none */
};

/** The metadata of a secret. */
struct secret {
    int64_t created_ns;
    int64_t updated_ns;
    uint64_t current;        /* 0: nothing was written yet */
    uint64_t oldest;         /* 0: none was dropped yet */
    int64_t max_versions;    /* 0: the mount's */
    int64_t delete_after_ns; /* 0: the mount's; negative: never */
    bool cas_required;
    struct tsec_string_map custom;
    struct secret_version *versions; /* ascending, without gaps, up to the current one */
    size_t versions_len;
};

struct secret_reading {
    struct secret secret;
    struct secret_version version;
    bool live; /* neither deleted nor destroyed; otherwise data is empty */
    struct tsec_span data;
};

struct secret_write {
    struct tsec_span data;
    bool has_cas;
    uint64_t cas; /* what the caller believes to be current; 0: nothing was written yet */
};

/** Whether the version is deleted by now. */
bool secret_version_deleted(const struct secret_version *version, int64_t now_ns);

TSEC_MUST_CHECK tsec_rc secret_config_read(struct txn *txn, const char *mount,
                                           struct secret_config *out, struct tsec_err *err);
/** TSEC_E_INVALID: max_versions is negative or above SECRET_VERSIONS_MAX. */
TSEC_MUST_CHECK tsec_rc secret_config_write(struct txn *txn, const char *mount,
                                            const struct secret_config *config,
                                            struct tsec_err *err);

/** Whether the path has an entry, be it of metadata only; tells create from update. */
bool secret_exists(struct txn *txn, const char *mount, struct tsec_span path);

/** version 0: the current one.  TSEC_E_NOT_FOUND: no such secret or version, or dropped already.
 *  A deleted or destroyed version is found, and not live. */
TSEC_MUST_CHECK tsec_rc secret_read(struct txn *txn, const char *mount, struct tsec_span path,
                                    uint64_t version, struct secret_reading *out,
                                    struct tsec_err *err);

/** A new version.  TSEC_E_CONFLICT: cas is not the current version.  TSEC_E_DENIED: cas is required
 *  and was not given.  TSEC_E_INVALID: not a path. out->data stays empty. */
TSEC_MUST_CHECK tsec_rc secret_write(struct txn *txn, const char *mount, struct tsec_span path,
                                     const struct secret_write *write, struct secret_reading *out,
                                     struct tsec_err *err);

/** Secrets and versions that are not there are passed over, as are destroyed ones. */
TSEC_MUST_CHECK tsec_rc secret_delete_current(struct txn *txn, const char *mount,
                                              struct tsec_span path, struct tsec_err *err);

enum secret_change { SECRET_DELETE = 1, SECRET_UNDELETE, SECRET_DESTROY };
struct secret_changes {
    enum secret_change change;
    const uint64_t *versions;
    size_t versions_len;
};
TSEC_MUST_CHECK tsec_rc secret_change_versions(struct txn *txn, const char *mount,
                                               struct tsec_span path,
                                               const struct secret_changes *changes,
                                               struct tsec_err *err);

TSEC_MUST_CHECK tsec_rc secret_meta_read(struct txn *txn, const char *mount, struct tsec_span path,
                                         struct secret *out, struct tsec_err *err);

/** What is not given stays as it is. */
struct secret_settings {
    bool has_max_versions;
    bool has_cas_required;
    bool has_delete_after;
    bool has_custom;
    bool cas_required;
    int64_t max_versions;
    int64_t delete_after_ns;
    struct tsec_string_map custom; /* replaces all */
};
/** Makes the entry when there is none.  TSEC_E_INVALID: past a limit; the detail is a sentence for
 *  the client. */
TSEC_MUST_CHECK tsec_rc secret_meta_write(struct txn *txn, const char *mount, struct tsec_span path,
                                          const struct secret_settings *settings,
                                          struct tsec_err *err);

/** The secret with all versions and metadata; nothing when it is not there. */
TSEC_MUST_CHECK tsec_rc secret_remove(struct txn *txn, const char *mount, struct tsec_span path,
                                      struct tsec_err *err);

struct secret_listing {
    struct tsec_span folder; /* empty (the mount's root), or ends in '/' */
    struct tsec_span after;  /* a name as listed; empty: from the start */
    size_t limit;            /* 0: all */
    bool deep;               /* every secret below, with the rest of its path */
    tsec_rc (*visit)(void *ctx, struct tsec_span name);
    void *ctx;
};
/** Names in byte order; a folder ends in '/'. */
TSEC_MUST_CHECK tsec_rc secret_list(struct txn *txn, const char *mount,
                                    const struct secret_listing *listing, struct tsec_err *err);

#endif
