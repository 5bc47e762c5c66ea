/* SPDX-License-Identifier: Apache-2.0 */
/* Whose evidence this server appraises, and by which policy. */
#include <stdlib.h>

#include "appraisal/claims.h"
#include "base/log.h"
#include "boot/boot_internal.h"

/* The server's own is open already. */
tsec_rc
boot_open_further(struct boot *boot, struct tsec_err *err)
{
    static const char *const pure[] = { "aws_nitro", "azure_cc" };
    const struct tsec_conf *conf = boot->conf;

    for (size_t i = 0; i < conf->verifiers.len; i++) {
        if (strcmp(conf->verifiers.items[i].value, conf->provider) != 0) {
            TSEC_TRY(boot_open_verifier(boot, conf->verifiers.items[i].value, false, err));
        }
    }
    for (size_t i = 0; conf->verifiers.len == 0 && i < TSEC_ARRAY_LEN(pure); i++) {
        if (strcmp(pure[i], conf->provider) != 0) {
            TSEC_TRY(boot_open_verifier(boot, pure[i], true, err));
        }
    }
    return TSEC_OK;
}

static tsec_rc
make_set(struct boot *boot, struct tsec_err *err)
{
    struct verifier items[VERIFIERS_MAX];
    size_t n = 0;

    items[n++] = (struct verifier){ boot->attest_plugin.plugin->name,
                                    boot->attest_plugin.plugin->attest, boot->attest };
    for (size_t i = 0; i < boot->further_len; i++) {
        const struct boot_verifier *v = &boot->further[i];

        items[n++] =
            (struct verifier){ v->plugin.plugin->name, v->plugin.plugin->attest, v->attest };
    }
    return verifiers_new(items, n, &boot->verifiers, err);
}

static struct admission_policy
policy_of(const struct tsec_conf *conf)
{
    struct admission_policy policy = {
        .allow_debug = conf->allow_debug,
        .allow_simulated = conf->allow_simulated,
        .require_revocation = conf->require_revocation,
        .max_age_s = conf->max_evidence_age_ns / TSEC_NS_PER_S,
    };

    for (size_t i = 0; i < conf->allow_tcb.len; i++) {
        enum tsec_tcb_status status = TSEC_TCB_UP_TO_DATE;

        if (tsec_tcb_status_parse(tsec_span_str(conf->allow_tcb.items[i].value), &status)) {
            policy.allow_tcb |= TSEC_TCB_BIT(status);
        }
    }
    return policy;
}

static tsec_rc
list_of(const struct tsec_conf *conf, struct allowlist **out, struct tsec_err *err)
{
    const size_t n = conf->measurements.len;
    struct tsec_span *entries = calloc(n + 1, sizeof(*entries));
    tsec_rc rc;

    if (entries == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the allowed measurements");
    }
    for (size_t i = 0; i < n; i++) {
        entries[i] = tsec_span_str(conf->measurements.items[i].value);
    }
    rc = allowlist_new(entries, n, out, err);
    free(entries);
    return rc;
}

tsec_rc
boot_set_policy(struct boot *boot, const struct tsec_conf *conf, struct tsec_err *err)
{
    TSEC_AUTO(allowlist_free) struct allowlist *list = NULL;
    const struct admission_policy policy = policy_of(conf);

    TSEC_TRY(list_of(conf, &list, err));
    if (boot->appraiser == NULL) {
        return appraiser_new(boot->verifiers, &policy, list, &boot->appraiser, err);
    }
    appraiser_set_policy(boot->appraiser, &policy, list);
    return TSEC_OK;
}

static void
say_what_is_admitted(const struct tsec_conf *conf)
{
    if (conf->allow_debug) {
        tsec_log(
            TSEC_LOG_WARN,
            "allow_debug is on: evidence of TEEs is admitted whose memory their host can read");
    }
    if (conf->allow_simulated) {
        tsec_log(TSEC_LOG_WARN,
                 "allow_simulated is on: evidence is admitted that no hardware stands behind");
    }
}

tsec_rc
boot_open_verifiers(struct boot *boot, struct tsec_err *err)
{
    TSEC_TRY(boot_open_further(boot, err));
    TSEC_TRY(make_set(boot, err));
    TSEC_TRY(boot_set_policy(boot, boot->conf, err));
    say_what_is_admitted(boot->conf);
    return boot_refresh_start(&boot->refresh, boot->verifiers, boot->conf->collateral_refresh_ns,
                              err);
}

void
boot_close_verifiers(struct boot *boot)
{
    boot_refresh_stop(&boot->refresh);
    appraiser_free(boot->appraiser);
    operators_free(boot->operators);
    boot->operators = NULL;
    verifiers_free(boot->verifiers);
    boot->appraiser = NULL;
    boot->verifiers = NULL;
}
