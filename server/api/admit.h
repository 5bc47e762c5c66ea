/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/admit.h
 * @brief Evidence in a request, from base64 to a role: what login, release and the channel decide
 * alike.
 *
 * A refusal answers 403 in one sentence, whatever its reason: the reason is logged with the
 * request's id and counted in the audit log, for operators.
 */
#ifndef TSEC_API_ADMIT_H
#define TSEC_API_ADMIT_H

#include "api/call.h"
#include "attest/appraiser.h"
#include "core/attest_role.h"
#include "core/token.h"

/** What is asked; spans live in the request's arena. */
struct api_admit_ask {
    struct appraiser_request evidence;
    const char *mode; /* "fresh", "identity" */
    const char *role; /* NULL or "": none is asked for, the server's allowlist decides alone */
    const struct mount *mount; /* the attest mount of the role */
};

/** Who was admitted.  Everything lives in the request's arena. */
struct api_admitted {
    const struct appraisal *appraisal;
    const struct attest_role *role; /* NULL: none was asked for */
    const struct mount *mount;      /* of the role; NULL likewise */
    const char *match;              /* the role's expression that holds */
    /** The claims a token and a channel rest on, for struct token's `attest`. */
    struct tsec_string_map attest;
};

/** The attest login mount at this path ("attest", "a/b/"; NULL or "": "attest/").  *out NULL: there
 *  is none, which api_admit() refuses like a role that is none. */
TSEC_MUST_CHECK tsec_rc api_admit_mount(struct api_call *call, const char *path,
                                        const struct mount **out, struct tsec_err *err);

/** 400, with the formats that are known, unless a verifier knows this one; 503 when there is no
 *  verifier at all. */
TSEC_MUST_CHECK tsec_rc api_known_format(struct api_call *call, const char *format);

enum api_base64 { API_BASE64_STD = 0, API_BASE64_EITHER /* base64url without padding as well */ };
/** At most `max` bytes, in the arena; text NULL: a NULL span.  Answers 400, with the member's name.
 */
TSEC_MUST_CHECK tsec_rc api_base64(struct api_call *call, const char *name, const char *text,
                                   size_t max, enum api_base64 kind, struct tsec_span *out);

/** Appraises with the server's policy, once in the life of a request however often it runs; a
 *  worker does it, so that a failure may mean that the run is given up: pass it on as it is.  The
 *  request, and all that it points to, in the request's arena.  `fresh`: it must answer a nonce of
 *  this server's, so that it counts as made now when it does not say when it was made. */
TSEC_MUST_CHECK tsec_rc api_appraise(struct api_call *call, const struct appraiser_request *request,
                                     bool fresh, const struct appraisal **out,
                                     struct tsec_err *err);
/** Tells the log (once) and the audit entry what came of it.  `format` in the arena. */
TSEC_MUST_CHECK tsec_rc api_tell_verdict(struct api_call *call, const struct appraisal *appraisal,
                                         const char *format, struct tsec_err *err);

/** Appraises, with the server's policy and then the role's; a worker does what takes long, so that
 * a failure may mean that the run is given up: pass it on as it is.  Fills call->evidence. */
TSEC_MUST_CHECK tsec_rc api_admit(struct api_call *call, const struct api_admit_ask *ask,
                                  struct api_admitted *out, struct tsec_err *err);

/** An appraisal made elsewhere (a channel's), again by the role's rules. */
TSEC_MUST_CHECK tsec_rc api_admit_claims(struct api_call *call, const struct appraisal *appraisal,
                                         const struct api_admit_ask *ask, struct api_admitted *out,
                                         struct tsec_err *err);

/** 403 with the one sentence; `reason` is a static slug, `detail` (may be NULL) is for the log. */
TSEC_MUST_CHECK tsec_rc api_refuse_evidence(struct api_call *call, const char *reason,
                                            const char *detail);

/** What a token of this role is to be: policies, lifetimes, `attest`.  In the arena.
 *  TSEC_E_INTERNAL: no role was asked for. */
TSEC_MUST_CHECK tsec_rc api_admitted_token(struct api_call *call, const struct api_admitted *who,
                                           struct token *out, struct tsec_err *err);
/** Makes it, as a login does; sets call->made.  out->text is to be wiped. */
TSEC_MUST_CHECK tsec_rc api_admitted_login(struct api_call *call, const struct api_admitted *who,
                                           struct token_made *out, struct tsec_err *err);

/** Whether what a token or channel rests on still holds: its entry is in the effective list (or its
 *  setting is on), and its role still has its expression.  `attest` empty: always.  *reason: a
 *  static slug ("measurement-removed", "role-changed"). */
TSEC_MUST_CHECK tsec_rc api_stands(struct api_call *call, const struct tsec_string_map *attest,
                                   bool *stands, const char **reason, struct tsec_err *err);

#endif
