/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/routes.h
 * @brief Every operation of the HTTP API, in one table, and the tree that finds one by its path.
 *
 * Templates are those of the OpenAPI document.  "{path}", "{mount}" and "{index}" stand for the
 * rest, which may hold '/' and be empty, or for what stands before a last literal segment; any
 * other
 * "{name}" for one segment.  Templates that begin with "/v1/{mount}/" lie below every kv mount,
 * those that begin with "/v1/{transit}/" below every transit mount,
 * those that begin with "/v1/auth/approle/" and "/v1/auth/attest/" below every login mount of that
 * type; finding the mount
 * is the dispatcher's business, since mounts are rows.
 */
#ifndef TSEC_API_ROUTES_H
#define TSEC_API_ROUTES_H

#include "api/call.h"

/** Zero is no value: a route that forgets to say who may call does not compile. */
enum api_caller {
    API_CALLER_UNSET = 0,
    API_CALLER_ANYONE,  /* no token is looked at */
    API_CALLER_VISITOR, /* anyone; a valid token may show more */
    API_CALLER_HOLDER,  /* any valid token; the handler decides the rest */
    API_CALLER_TOKEN,   /* a valid token whose policies grant the capability of the method */
    API_CALLER_SUDO,    /* and `sudo` on the path */
    API_CALLER_PEER,    /* the other end of the channel the request came through; nobody else */
};

enum api_audit {
    API_AUDIT_UNSET = 0,
    API_AUDIT_NOTHING, /* changes nothing and reveals nothing: answered at once */
    API_AUDIT_DEVICE,  /* the same, but it asks the TEE: a worker does it */
    API_AUDIT_READ,
    API_AUDIT_WRITE,
    API_AUDIT_AUTH, /* a login: refusals come from strangers, and are counted rather than listed */
    API_AUDIT_NODE, /* the node records it itself: init and unseal, which come before there is state
                     */
    API_AUDIT_INNER, /* carries another request, which is audited as what it is */
};

enum api_family {
    API_FAMILY_SYSTEM = 0,
    API_FAMILY_KV,
    API_FAMILY_APPROLE,
    API_FAMILY_ATTEST,
    API_FAMILY_TRANSIT,
    API_FAMILIES
};

struct api_route {
    enum api_method method;
    enum api_caller caller;
    enum api_audit audit;
    size_t body_max;
    const char *path;
    const char *operation;
    api_handler run;
    /** Whether the object is there already, which tells create from update; NULL: always update. */
    bool (*exists)(struct api_call *call);
};

extern const struct api_route api_routes[];
extern const size_t api_routes_len;

/** The routes of one template. */
struct api_resource {
    const struct api_route *by_method[API_OPTIONS + 1];
    char allow[64]; /* for 405 and OPTIONS */
};

struct api_routes_tree;
TSEC_MUST_CHECK tsec_rc api_routes_build(struct api_routes_tree **out, struct tsec_err *err);
void api_routes_free(struct api_routes_tree *tree);
TSEC_DEFINE_AUTO(struct api_routes_tree, api_routes_free)

/**
 * The resource at a path: for the system family without "/v1/", for the others without the mount.
 * NULL: no such path.  vars: what the variables stand for, borrowed from `path`.
 */
const struct api_resource *api_routes_find(const struct api_routes_tree *tree,
                                           enum api_family family, struct tsec_span path,
                                           struct tsec_span vars[API_VARS_MAX]);

/* Every handler is declared here, so that a route without one does not link. */
#define TSEC_ROUTE(verb, url, op, who, limit, kind, existence) \
    tsec_rc api_op_##op(struct api_call *call, struct tsec_err *err) TSEC_MUST_CHECK;
#include "api/routes.def"
#include "api/routes_kv.def"
#include "api/routes_transit.def"
#undef TSEC_ROUTE

bool api_exists_token_role(struct api_call *call);
bool api_exists_approle(struct api_call *call);
bool api_exists_attest_role(struct api_call *call);
bool api_exists_secret(struct api_call *call);
bool api_exists_transit_key(struct api_call *call);

#endif
