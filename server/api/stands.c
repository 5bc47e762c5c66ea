/* SPDX-License-Identifier: Apache-2.0 */
/* Whether what a login proved is still allowed: asked at each use of a token. */
#include "api/admit.h"
#include "api/api.h"
#include "core/measurements.h"
#include "core/strings.h"

/* What is allowed now, as this transaction and this server's configuration have it. */
struct allowed {
    struct admission_policy policy;
    struct appraiser_lists lists;
    const struct measurements *by_operators;
};

static bool
names_tee(const struct allowed *allowed, const char *tee)
{
    const struct tsec_strings *entries = &allowed->by_operators->entries;
    const size_t len = strlen(tee);

    for (size_t i = 0; i < entries->len; i++) {
        if (strncmp(entries->items[i], tee, len) == 0 && entries->items[i][len] == ':') {
            return true;
        }
    }
    return allowlist_names(allowed->lists.configured, tee);
}

static bool
is(const char *text, const char *other)
{
    return text != NULL && strcmp(text, other) == 0;
}

/* As attest/admission.c decides it of evidence. */
static bool
is_allowed(const struct allowed *allowed, const struct tsec_string_map *attest)
{
    const char *entry = string_map_get(attest, "entry");
    const bool simulated = is(string_map_get(attest, "tee"), "sim");
    const bool debug = is(string_map_get(attest, "debug"), "true");

    if ((simulated && !allowed->policy.allow_simulated)
        || (debug && !allowed->policy.allow_debug)) {
        return false;
    }
    if (entry == NULL || *entry == '\0') { /* a setting admitted it */
        return simulated ? !names_tee(allowed, "sim") : allowed->policy.allow_debug;
    }
    return allowlist_has(allowed->lists.configured, entry)
           || measurements_has(allowed->by_operators, entry);
}

static tsec_rc
look_at_list(struct api_call *call, const struct tsec_string_map *attest, bool *stands,
             struct tsec_err *err)
{
    struct appraiser *appraiser = call->api->options.appraiser;
    struct allowed allowed = { .by_operators = NULL };

    *stands = false;
    if (appraiser == NULL) {
        return TSEC_OK;
    }
    TSEC_TRY(measurements_read(call->txn, &allowed.by_operators, err));
    allowed.policy = appraiser_policy(appraiser);
    appraiser_lists_take(appraiser, &allowed.lists);
    *stands = is_allowed(&allowed, attest);
    appraiser_lists_done(&allowed.lists);
    return TSEC_OK;
}

/* Of the role that the login asked for, if it did. */
static tsec_rc
look_at_role(struct api_call *call, const struct tsec_string_map *attest, bool *stands,
             struct tsec_err *err)
{
    const char *mount = string_map_get(attest, "mount");
    const char *name = string_map_get(attest, "role");
    const char *match = string_map_get(attest, "match");
    const struct attest_role *role = NULL;
    tsec_rc rc;

    *stands = true;
    if (name == NULL || *name == '\0') {
        return TSEC_OK;
    }
    *stands = false;
    if (mount == NULL || match == NULL) {
        return TSEC_OK;
    }
    rc = attest_role_find(call->txn, mount, name, &role, err);
    if (rc.code == TSEC_E_NOT_FOUND) {
        return TSEC_OK;
    }
    TSEC_TRY(rc);
    *stands = strings_have(role->match, match);
    return TSEC_OK;
}

tsec_rc
api_stands(struct api_call *call, const struct tsec_string_map *attest, bool *stands,
           const char **reason, struct tsec_err *err)
{
    *stands = true;
    *reason = NULL;
    if (attest->len == 0) {
        return TSEC_OK;
    }
    TSEC_TRY(look_at_list(call, attest, stands, err));
    if (!*stands) {
        *reason = "measurement-removed";
        return TSEC_OK;
    }
    TSEC_TRY(look_at_role(call, attest, stands, err));
    *reason = *stands ? NULL : "role-changed";
    return TSEC_OK;
}
