/* SPDX-License-Identifier: Apache-2.0 */
#include "tcb_level.h"

#include "base/hex.h"

/* Bytes of TEE_TCB_SVN that say which TDX module runs. */
enum { MODULE_SVN = 0, MODULE_VERSION = 1, MICROCODE_SVN = 2 };

/* ---- which level ---- */

static bool
reaches(const uint8_t *have, const uint8_t *needed, size_t from)
{
    for (size_t i = from; i < PCK_COMPONENTS; i++) {
        if (have[i] < needed[i]) {
            return false;
        }
    }
    return true;
}

static bool
reaches_sgx(const struct tcb_input *in, const struct tcb_level *level)
{
    return reaches(in->pck->components, level->sgx, 0) && in->pck->pce_svn >= level->pce_svn;
}

static bool
reaches_tdx(const struct tcb_input *in, const struct tcb_level *level)
{
    const uint8_t *svn = in->quote->body.ptr + TD_TEE_TCB_SVN;

    /* a module that has an identity of its own is judged by that */
    return reaches(svn, level->tdx, svn[MODULE_VERSION] > 0 ? 2 : 0);
}

struct levels {
    const struct tcb_level *sgx; /* the first that the platform reaches */
    const struct tcb_level *all; /* the first that TDX reaches as well; sgx when there is no TDX */
};

static tsec_rc
find_levels(const struct tcb_input *in, struct levels *out, struct tsec_err *err)
{
    char have[2 * PCK_COMPONENTS + 1];

    *out = (struct levels){ NULL, NULL };
    for (size_t i = 0; i < in->info->levels_len && out->all == NULL; i++) {
        const struct tcb_level *level = &in->info->levels[i];

        if (reaches_sgx(in, level)) {
            out->sgx = out->sgx == NULL ? level : out->sgx;
            out->all = !in->info->tdx || reaches_tdx(in, level) ? level : NULL;
        }
    }
    if (out->all != NULL) {
        return TSEC_OK;
    }
    tsec_hex_encode(out->sgx == NULL ? tsec_span(in->pck->components, PCK_COMPONENTS)
                                     : quote_at(in->quote->body, TD_TEE_TCB_SVN, PCK_COMPONENTS),
                    have);
    return TSEC_FAIL(err, TSEC_E_DENIED,
                     "no matching level: %s %s with PCE SVN %u is below all %zu of the TCB info",
                     out->sgx == NULL ? "components" : "TEE TCB SVN", have, in->pck->pce_svn,
                     in->info->levels_len);
}

/* ---- the TDX module ---- */

tsec_rc
tcb_module_match(const struct tcb_info *info, const struct quote *quote, struct tsec_err *err)
{
    const uint8_t version = quote->body.ptr[TD_TEE_TCB_SVN + MODULE_VERSION];
    const struct tcb_module *module = tcb_info_module(info, version);
    const struct tsec_span signer = quote_at(quote->body, TD_MRSIGNERSEAM, 48);
    const struct tsec_span attributes = quote_at(quote->body, TD_SEAM_ATTRIBUTES, 8);

    if (module == NULL) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "TDX module of version %u, which the TCB info lacks",
                         version);
    }
    if (!tsec_span_equal(signer, tsec_span(module->mrsigner, sizeof(module->mrsigner)))) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "the TDX module's signer is not Intel");
    }
    /* today all of them are zero, and Intel's library insists on it */
    for (size_t i = 0; i < attributes.len; i++) {
        if (attributes.ptr[i] != 0
            || (attributes.ptr[i] & module->attributes_mask[i]) != module->attributes[i]) {
            return TSEC_FAIL(err, TSEC_E_DENIED, "the TDX module has SEAM attributes set");
        }
    }
    return TSEC_OK;
}

/* *out is NULL for a module of version 0: the platform's levels tell. */
static tsec_rc
module_verdict(const struct tcb_input *in, const struct tcb_verdict **out, struct tsec_err *err)
{
    const uint8_t *svn = in->quote->body.ptr + TD_TEE_TCB_SVN;
    const struct tcb_module *module = tcb_info_module(in->info, svn[MODULE_VERSION]);

    *out = NULL;
    if (svn[MODULE_VERSION] == 0) {
        return TSEC_OK;
    }
    *out = module == NULL ? NULL : tcb_svn_levels_find(&module->levels, svn[MODULE_SVN]);
    if (*out == NULL) {
        return TSEC_FAIL(err, TSEC_E_DENIED,
                         "no matching level: TDX module of version %u with SVN %u",
                         svn[MODULE_VERSION], svn[MODULE_SVN]);
    }
    return TSEC_OK;
}

/* ---- a TD that an update of its module has overtaken ---- */

static bool
needs_configuration(enum tsec_tcb_status status)
{
    return status == TSEC_TCB_CONFIGURATION_NEEDED
           || status == TSEC_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED
           || status == TSEC_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
}

static bool
is_out_of_date(enum tsec_tcb_status status)
{
    return status == TSEC_TCB_OUT_OF_DATE || status == TSEC_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
}

/* Whether the module that runs now (TEE_TCB_SVN2) is the newest. */
static tsec_rc
runs_newest(const struct tcb_input *in, bool *newest, struct tsec_err *err)
{
    const uint8_t *now = in->quote->body.ptr + TD_TEE_TCB_SVN2;
    const struct tcb_level *latest = &in->info->levels[0];
    const struct tcb_module *module = tcb_info_module(in->info, now[MODULE_VERSION]);
    unsigned svn = latest->tdx[MODULE_SVN];

    if (module == NULL) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "TDX module of version %u, which the TCB info lacks",
                         now[MODULE_VERSION]);
    }
    if (now[MODULE_VERSION] != 0) {
        svn = module->levels.items[0].svn;
    }
    *newest = now[MODULE_SVN] >= svn && now[MICROCODE_SVN] >= latest->tdx[MICROCODE_SVN];
    return TSEC_OK;
}

/* All of the platform is in order but the module that the TD was started under: starting the TD
 * again is all it takes. */
static tsec_rc
consider_relaunch(const struct tcb_input *in, enum tsec_tcb_status sgx, enum tsec_tcb_status module,
                  struct tcb_result *out, struct tsec_err *err)
{
    const bool qe_good = in->qe == NULL || in->qe->status == TSEC_TCB_UP_TO_DATE;
    bool newest = false;

    if (!in->quote->td15 || !qe_good || is_out_of_date(sgx) || sgx == TSEC_TCB_REVOKED
        || !is_out_of_date(out->status) || module != TSEC_TCB_OUT_OF_DATE) {
        return TSEC_OK;
    }
    TSEC_TRY(runs_newest(in, &newest, err));
    if (newest) {
        out->status = needs_configuration(sgx) || needs_configuration(out->status)
                          ? TSEC_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED
                          : TSEC_TCB_TD_RELAUNCH_ADVISED;
    }
    return TSEC_OK;
}

/* ---- all of it ---- */

static bool
has_advisory(const char *list, const char *id, size_t len)
{
    for (const char *at = list; *at != '\0';) {
        const size_t n = strcspn(at, ",");

        if (n == len && strncmp(at, id, len) == 0) {
            return true;
        }
        at += n;
        at += *at == ',' ? 1 : 0;
    }
    return false;
}

/* One that does not fit any more is left out, whole. */
static void
add_advisory(struct tcb_result *out, const char *id, size_t len)
{
    const size_t used = strlen(out->advisories);
    const size_t comma = used > 0 ? 1 : 0;

    if (has_advisory(out->advisories, id, len) || used + comma + len >= sizeof(out->advisories)) {
        return;
    }
    memcpy(out->advisories + used, ",", comma);
    memcpy(out->advisories + used + comma, id, len);
    out->advisories[used + comma + len] = '\0';
}

static void
add_advisories(struct tcb_result *out, const char *list)
{
    while (list != NULL && *list != '\0') {
        const size_t n = strcspn(list, ",");

        add_advisory(out, list, n);
        list += n;
        list += *list == ',' ? 1 : 0;
    }
}

static void
count_in(struct tcb_result *out, const struct tcb_verdict *verdict)
{
    if (verdict != NULL) {
        out->date = verdict->date < out->date ? verdict->date : out->date;
        add_advisories(out, verdict->advisories);
    }
}

tsec_rc
tcb_evaluate(const struct tcb_input *in, struct tcb_result *out, struct tsec_err *err)
{
    const struct tcb_verdict *module = NULL;
    struct levels levels;

    memset(out, 0, sizeof(*out));
    TSEC_TRY(find_levels(in, &levels, err));
    out->level = (size_t)(levels.all - in->info->levels);
    out->status = levels.all->verdict.status;
    out->date = levels.all->verdict.date;
    count_in(out, &levels.all->verdict);
    if (in->info->tdx) {
        out->module_version = in->quote->body.ptr[TD_TEE_TCB_SVN + MODULE_VERSION];
        TSEC_TRY(module_verdict(in, &module, err));
    }
    if (module != NULL) {
        out->module_status = module->status;
        out->status = tcb_converge(out->status, module->status);
        TSEC_TRY(consider_relaunch(in, levels.sgx->verdict.status, module->status, out, err));
        count_in(out, module);
    }
    if (in->qe != NULL) {
        out->status = tcb_converge(out->status, in->qe->status);
        count_in(out, in->qe);
    } else {
        out->partly_unknown = true;
        /* no better than that, and what is known to be worse stays said */
        out->status = out->status == TSEC_TCB_UP_TO_DATE ? TSEC_TCB_UNKNOWN : out->status;
    }
    return TSEC_OK;
}
