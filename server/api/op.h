/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/op.h
 * @brief Inside the dispatcher: one request on its way from the gateway through the node and back.
 *
 * Lives in the request's arena.  What a run finds out is written anew by every run.
 */
#ifndef TSEC_API_OP_H
#define TSEC_API_OP_H

#include "api/ahead.h"
#include "api/api.h"
#include "core/policy.h"
#include "core/token.h"

struct api_op {
    struct node_op node; /* first: the node hands it back */
    struct api *api;
    const struct api_request *req;
    struct api_reply *reply;
    void (*done)(void *ctx);
    void *done_ctx;

    enum api_method method;            /* PUT is POST, GET with list=true is LIST */
    const char *path;                  /* without "/v1/"; of a LIST with a '/' at its end */
    const struct api_resource *system; /* found without looking at mounts; NULL: below a mount */
    struct tsec_span system_vars[API_VARS_MAX];
    int64_t wrap_ttl_s; /* 0: no wrapping */

    const struct api_route *at_the_end; /* to be run once memory is known to be at the end of the
                                           log; NULL: none */
    const struct appraisal *appraised;  /* by the first run; later ones are told */
    struct api_ahead ahead;
    struct worker_job job;          /* while a worker has it */
    const struct api_route *device; /* which that worker is to run; NULL: none */

    /* written by each run */
    struct api_call call;
    const struct api_resource *resource;
    struct policy_decision decision;
    struct tsec_strings policies; /* that decided */
    const char *granted_by;       /* a policy's name */
    const char *reason;           /* of a refusal; static */
    bool stranger;                /* refused, and nobody we know: no leaf */
    bool recorded;                /* it has an audit entry, whose leaf the client is told */
    bool allowed;
    bool seal_after; /* the node seals itself once this is durable */
};

typedef tsec_rc (*api_op_run_fn)(struct node_op *op, struct txn *txn, struct tsec_buf *audit,
                                 struct tsec_err *err);
/** Hands the operation to the node.  True: answered. */
bool api_op_submit(struct api_op *op, api_op_run_fn run);
/** Forgets what an earlier run found out. */
void api_op_start(struct api_op *op, struct txn *txn);
/** From the path to the reply. */
TSEC_MUST_CHECK tsec_rc api_op_run(struct api_op *op, struct tsec_err *err);
/** What a failure means to the client when a handler did not say so itself. */
void api_op_fail(struct api_op *op, tsec_rc rc, const struct tsec_err *err);
/** A route that leaves no leaf.  True: answered. */
bool api_op_unaudited(struct api_op *op, const struct api_route *route);
/** The same for a route that asks the TEE, which takes a while: a worker runs it.  True: answered.
 */
bool api_op_device(struct api_op *op, const struct api_route *route);
/** Takes a message of a channel apart, runs the request in it, and seals the reply to that.  True:
 * answered. */
bool api_op_message(struct api_op *op, const struct api_route *route);
/** Whether the route may be asked where the request comes from, inside a channel or outside; false:
 *  answered. */
bool api_op_is_its_place(struct api_op *op);
/** Runs a route that anybody may ask, of the server more than of the rows: no waiting. */
void api_op_anyone(struct api_op *op, const struct api_route *route);

/** Reads method, path and headers.  False: answered already. */
bool api_op_prepare(struct api_op *op);
/** Resource, variables and mount of the path.  Leaves resource NULL when there is none. */
TSEC_MUST_CHECK tsec_rc api_op_resolve(struct api_op *op, struct tsec_err *err);
/** Who calls and whether they may; on refusal the reply is filled and the result is a failure. */
TSEC_MUST_CHECK tsec_rc api_op_authorise(struct api_op *op, struct tsec_err *err);
/** The same for somebody who is to be judged like the holder of this token: what it rests on is not
 *  looked at. */
TSEC_MUST_CHECK tsec_rc api_op_authorise_as(struct api_op *op, const struct token *token,
                                            struct tsec_err *err);
/** A path that nothing answers, or not by that method: fills the reply and fails. */
TSEC_MUST_CHECK tsec_rc api_op_missing(struct api_op *op);
/** Puts the reply away and answers with a wrapping token instead, where that was asked for. */
TSEC_MUST_CHECK tsec_rc api_op_wrap(struct api_op *op, struct tsec_err *err);
/** Answers a write that was answered before under the same Idempotency-Key; *answered says so. */
TSEC_MUST_CHECK tsec_rc api_op_repeat(struct api_op *op, bool *answered, struct tsec_err *err);
/** Keeps the answer of a write for the next time. */
TSEC_MUST_CHECK tsec_rc api_op_remember(struct api_op *op, struct tsec_err *err);
/** The role that the token's login proved, or NULL.  Who makes a token at auth/token/ writes its
 *  metadata himself, and would be whom he likes: such a token has the role of the evidence that its
 *  maker's login proved, which nobody writes, or none. */
const char *api_op_proven_role(const struct token *token);
/** The audit entry of this run. */
TSEC_MUST_CHECK tsec_rc api_op_audit(const struct api_op *op, struct tsec_buf *out,
                                     struct tsec_err *err);
/** The capability a method needs. */
enum policy_capability api_op_capability(const struct api_op *op);

const struct core_keys *api_keys_of(const struct api_call *call);

/** 403 in Vault's words: the caller's policies do not grant it. */
TSEC_MUST_CHECK tsec_rc api_deny(struct api_call *call);
/** The decision of a token's policies on a path. */
TSEC_MUST_CHECK tsec_rc api_decide(struct api_call *call, const struct token *token,
                                   struct tsec_span path, struct policy_decision *out,
                                   struct tsec_err *err);

#endif
