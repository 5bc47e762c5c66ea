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
    const char *match;              /* the role's expression that holds */
    /** The claims a token and a channel rest on, for struct token's `attest`. */
    struct tsec_string_map attest;
};

/** Appraises, with the server's policy and then the role's; a worker does what takes long, so that
 * a failure may mean that the run is given up: pass it on as it is.  Fills call->evidence. */
TSEC_MUST_CHECK tsec_rc api_admit(struct api_call *call, const struct api_admit_ask *ask,
                                  struct api_admitted *out, struct tsec_err *err);

/** An appraisal made elsewhere (a channel's), again by the role's rules. */
TSEC_MUST_CHECK tsec_rc api_admit_claims(struct api_call *call, const struct appraisal *appraisal,
                                         const struct api_admit_ask *ask, struct api_admitted *out,
                                         struct tsec_err *err);

/** 403 with the one sentence; `reason` is a static slug, `detail` is for the log. */
TSEC_MUST_CHECK tsec_rc api_refuse_evidence(struct api_call *call, const char *reason,
                                            const char *detail);

/** What a token of this role is to be: policies, lifetimes, `attest`.  In the arena. */
TSEC_MUST_CHECK tsec_rc api_admitted_token(struct api_call *call, const struct api_admitted *who,
                                           struct token *out, struct tsec_err *err);
/** Makes it, as a login does; sets call->made. */
TSEC_MUST_CHECK tsec_rc api_admitted_login(struct api_call *call, const struct api_admitted *who,
                                           struct token_made *out, struct tsec_err *err);

/** Whether what a token or channel rests on still holds: its entry is in the effective list (or its
 *  setting is on), and its role still has its expression.  `attest` empty: always.  *reason: a
 *  static slug ("measurement-removed", "role-changed"). */
TSEC_MUST_CHECK tsec_rc api_stands(struct api_call *call, const struct tsec_string_map *attest,
                                   bool *stands, const char **reason, struct tsec_err *err);

#endif
