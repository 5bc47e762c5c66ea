/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/call.h
 * @brief One run of one operation: what a handler is given, and the ways it may answer.
 *
 * A handler reads the request, uses the transaction, and fills the reply; it has no other effect
 * and may run again on a newer state.  It never sees who else is connected, which database there
 * is, or the HTTP library.  The dispatcher has authenticated the caller and decided the policy
 * before it runs; what the route table says about a caller cannot be forgotten by a handler.
 */
#ifndef TSEC_API_CALL_H
#define TSEC_API_CALL_H

#include "api/request.h"
#include "base/strings.h"
#include "codec/json_out.h"
#include "state/txn.h"

struct api;
struct api_route;
struct token;
struct mount;
struct audit_evidence;
struct audit_measurements;
struct appraisal;
struct api_ahead;
struct api_effect;

enum { API_VARS_MAX = 4, API_WARNINGS_MAX = 4 };

struct api_call {
    struct api *api;
    const struct api_request *req;
    const struct api_route *route;
    struct api_reply *reply;
    struct txn *txn;
    /** The template's variables in order: "{name}" one segment, "{path}" the rest (may hold '/').
     */
    struct tsec_span vars[API_VARS_MAX];
    /** The mount the path lies under; NULL outside mounts. */
    const struct mount *mount;
    /** Who calls; NULL on routes that anyone may call and when no valid token came. */
    const struct token *token;
    /** Set by a login: the token it made, for the audit entry. */
    const struct token *made;
    /** Set by what appraises evidence: for the audit entry; in the request's arena. */
    const struct audit_evidence *evidence;
    /** Set by an update of the allowed measurements: for the audit entry; in the arena. */
    const struct audit_measurements *measurements;
    /** Set by a release: the paths of what it hands out, for the audit entry; in the arena. */
    struct tsec_strings released;
    /** Evidence is appraised once, however often the handler runs; in the request's arena. */
    const struct appraisal **appraised;
    /** What this request did ahead of its runs (api/ahead.h). */
    struct api_ahead *ahead;
    /** Whether a policy grants `sudo` on the path. */
    bool sudo;
    const char *warnings[API_WARNINGS_MAX]; /* in the request's arena */
    size_t warnings_len;
    /** Set by the operation that seals the node: it happens when the answer is durable. */
    bool *seal_after;
    /** Set by a handler, anew by each run; what api_work() made for it is still there then. */
    struct api_effect *effect;
    /** The object that existed before, for create-or-update: set by the route's existence check. */
    bool exists;
};

typedef tsec_rc (*api_handler)(struct api_call *call, struct tsec_err *err);

/** What a handler's success means outside of the rows (a channel that is open from now on): done
 * when its answer is durable, before it leaves, and not at all otherwise.  In the request's arena.
 */
struct api_effect {
    void (*run)(struct api_effect *effect);
};

/** Answers with a failure and a sentence for the client (NULL: the table's title; "": none). */
TSEC_MUST_CHECK tsec_rc api_refuse(struct api_call *call, enum tsec_code code,
                                   const char *sentence);
TSEC_MUST_CHECK __attribute__((format(printf, 3, 4))) tsec_rc
api_refusef(struct api_call *call, enum tsec_code code, const char *fmt, ...);

/** 204 without a body. */
TSEC_MUST_CHECK tsec_rc api_no_content(struct api_call *call);

/** The envelope: api_data() writes it up to and including "data": and the caller writes exactly one
 *  value (usually an object); api_data_end() closes it (wrap_info, warnings, auth null,
 * mount_type). */
struct tsec_json_out api_data(struct api_call *call);
TSEC_MUST_CHECK tsec_rc api_data_end(struct api_call *call, struct tsec_json_out *out,
                                     struct tsec_err *err);
/** The same, with every member of the data object repeated at top level (old sys/ endpoints).
 *  `members` is a JSON object. */
TSEC_MUST_CHECK tsec_rc api_data_twice(struct api_call *call, struct tsec_span members,
                                       struct tsec_err *err);
/** A bare JSON body without envelope (sys/health, sys/init…). */
struct tsec_json_out api_bare(struct api_call *call);
TSEC_MUST_CHECK tsec_rc api_bare_end(struct api_call *call, struct tsec_json_out *out, int status,
                                     struct tsec_err *err);

void api_warn(struct api_call *call, const char *warning);

#endif
