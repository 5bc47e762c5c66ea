/* SPDX-License-Identifier: Apache-2.0 */
#include "client/evidence_verifier.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "plugins/attest-maa/attest_maa.h"
#include "plugins/attest-nitro/attest_nitro.h"
#include "plugins/attest-sim/attest_sim.h"

const struct tsec_plugin *const evidence_plugins[] = {
    &attest_nitro_plugin,
    &attest_maa_plugin,
    &attest_sim_plugin,
    NULL,
};

/* ---- the host that a plugin finds here: silent ---- */

static void
host_log(void *ctx, int level, const char *fmt, ...)
{
    (void)ctx;
    (void)level;
    (void)fmt;
}

static const char *
host_setting(void *ctx, const char *key)
{
    for (const struct evidence_setting *s = ctx; s != NULL && s->key != NULL; s++) {
        if (strcmp(s->key, key) == 0) {
            return s->value;
        }
    }
    return NULL;
}

static int64_t
host_now(void *ctx)
{
    (void)ctx;
    return tsec_clock_real_ns(&tsec_clock_system) / TSEC_NS_PER_S;
}

/* ---- which plugin ---- */

static bool
accepts(const struct evidence_verifier *verifier, const char *format)
{
    struct tsec_attest_info info = { .struct_size = (uint32_t)sizeof(info) };

    verifier->ops->describe(verifier->attest, &info);
    for (size_t i = 0; info.accepts != NULL && info.accepts[i] != NULL; i++) {
        if (strcmp(info.accepts[i], format) == 0) {
            return true;
        }
    }
    return false;
}

static tsec_rc
open_one(const struct tsec_plugin *plugin, const struct evidence_setting *settings,
         struct evidence_verifier **out, struct tsec_err *err)
{
    struct evidence_verifier *verifier = calloc(1, sizeof(*verifier));
    tsec_rc rc;

    if (verifier == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a verifier");
    }
    verifier->host = (struct tsec_host){
        .struct_size = (uint32_t)sizeof(struct tsec_host),
        .ctx = (void *)(uintptr_t)settings,
        .log = host_log,
        .setting = host_setting,
        .now = host_now,
    };
    verifier->ops = plugin->attest;
    rc = verifier->ops->open(&verifier->host, &verifier->attest, err);
    if (tsec_failed(rc)) {
        free(verifier);
        return rc;
    }
    *out = verifier;
    return TSEC_OK;
}

tsec_rc
evidence_verifier_open(const struct tsec_plugin *const *plugins,
                       const struct evidence_setting *settings, const char *format,
                       struct evidence_verifier **out, struct tsec_err *err)
{
    for (; *plugins != NULL; plugins++) {
        TSEC_AUTO(evidence_verifier_free) struct evidence_verifier *verifier = NULL;

        TSEC_TRY(open_one(*plugins, settings, &verifier, err));
        if (accepts(verifier, format)) {
            *out = TSEC_TAKE(verifier);
            return TSEC_OK;
        }
    }
    return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "no verifier here knows the format %.40s", format);
}

void
evidence_verifier_free(struct evidence_verifier *verifier)
{
    if (verifier != NULL) {
        verifier->ops->close(verifier->attest);
        free(verifier);
    }
}

bool
evidence_verifier_takes_collateral(const struct evidence_verifier *verifier)
{
    return TSEC_HAS(verifier->ops, collateral_add);
}
