/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file audit/entry.h
 * @brief What one audit entry says: who asked for what, what was decided, what came of it.
 *
 * Canonical JSON (RFC 8785: sorted members, no white space), at most TSEC_AUDIT_ENTRY_MAX bytes.
 * Never a secret, a token or a body; the path as a pseudonym, an HMAC under a key of the cluster,
 * so that an auditor can search for a path he knows and nobody can read one he does not.
 */
#ifndef TSEC_AUDIT_ENTRY_H
#define TSEC_AUDIT_ENTRY_H

#include "base/buf.h"
#include "base/strings.h"
#include "crypto/hash.h"

enum { AUDIT_PSEUDONYM_LEN = 12 + 64, AUDIT_PATHS_MAX = 32 };

/** "hmac-sha256:" and hex of HMAC(K_pseudonym, field ‖ 0 ‖ value), NUL-terminated. */
void audit_pseudonym(const struct tsec_hmac_key *key, const char *field, struct tsec_span value,
                     char out[AUDIT_PSEUDONYM_LEN + 1]);

/** What came of evidence that was appraised.  Every pointer may be NULL: the member is left out. */
struct audit_evidence {
    const char *format;
    const char *tee;     /* of evidence that was admitted */
    const char *verdict; /* "genuine", "refused" */
    const char *reason;  /* slug of a refusal */
    const char *detail;  /* which check failed, expected and seen: for operators */
};

/** What an update of the allowed measurements came to. */
struct audit_measurements {
    int64_t sequence;
    size_t added;
    size_t removed;
    size_t revoked; /* tokens, with it */
    const char *signer;
};

/** Every pointer may be NULL: the member is left out. */
struct audit_entry {
    const char *id; /* the request's */
    int64_t ts_ns;
    const char *actor_kind; /* "token", "operator", "system", "anyone" */
    const char *actor_accessor;
    const char *actor_name; /* display name of the token */
    const char *actor_role;
    const char *actor_measurement;
    const char *operation;     /* operationId */
    struct tsec_span path;     /* given as it is, comes out as a pseudonym; empty: left out */
    struct tsec_strings paths; /* of what one operation handed out, likewise; at most
                                  AUDIT_PATHS_MAX */
    bool allow;
    const char *policy; /* the one that decided */
    const char *reason; /* slug of the error when refused or failed */
    int status;
    uint64_t count; /* of an aggregated entry; 0: left out */
    int64_t dur_us;
    const struct audit_evidence *evidence;
    const struct audit_measurements *measurements;
    const char *remote;
};

void audit_entry_json(const struct audit_entry *entry, const struct tsec_hmac_key *pseudonym,
                      struct tsec_buf *out);

#endif
