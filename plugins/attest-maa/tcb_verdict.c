/* SPDX-License-Identifier: Apache-2.0 */
#include "tcb_verdict.h"

#include <stdlib.h>

#include "appraisal/claims.h"
#include "base/clock.h"
#include "codec/json_scan.h"
#include "collateral_doc.h"
#include "maa_json.h"

enum { ADVISORIES_MAX = 64, SVN_LEVELS_MAX = 64 };
#define ADVISORIES_LEN_MAX ((size_t)2048)

/* ---- one verdict ---- */

tsec_rc
tcb_array(struct tsec_span object, const char *name, size_t min, size_t max,
          struct tsec_span *array, size_t *len, struct tsec_err *err)
{
    struct tsec_json_member member;

    *len = 0;
    if (tsec_json_member(object, name, array) != TSEC_JSON_ARRAY) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "%s is no list", name);
    }

    struct tsec_json_walk walk = tsec_json_walk(*array);

    while (*len <= max && tsec_json_next(&walk, &member)) {
        (*len)++;
    }
    if (*len < min || *len > max) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "%s has not %zu to %zu elements", name, min, max);
    }
    return TSEC_OK;
}

/* Letters, digits and dashes: it goes into logs and claims. */
static bool
is_advisory(struct tsec_span id)
{
    for (size_t i = 0; i < id.len; i++) {
        const uint8_t c = id.ptr[i];

        if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z')
            && c != '-') {
            return false;
        }
    }
    return id.len > 0;
}

static tsec_rc
read_advisories(struct tsec_span array, struct tcb_verdict *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(ADVISORIES_LEN_MAX);
    struct tsec_json_walk walk = tsec_json_walk(array);
    struct tsec_json_member member;
    size_t n = 0;

    if (array.len == 0) {
        return TSEC_OK;
    }
    if (tsec_json_type_of(array) != TSEC_JSON_ARRAY) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "advisoryIDs is no list");
    }
    while (tsec_json_next(&walk, &member)) {
        const struct tsec_span raw = member.value;

        if (n++ == ADVISORIES_MAX) {
            return TSEC_FAIL(err, TSEC_E_INVALID, "advisoryIDs has more than %d elements",
                             ADVISORIES_MAX);
        }
        if (raw.len < 3 || raw.ptr[0] != '"' || !is_advisory(tsec_span(raw.ptr + 1, raw.len - 2))) {
            return TSEC_FAIL(err, TSEC_E_INVALID, "advisoryIDs: not an advisory's name");
        }
        tsec_buf_put(&text, ",", text.len > 0 ? 1 : 0);
        tsec_buf_put(&text, raw.ptr + 1, raw.len - 2);
    }
    TSEC_TRY(tsec_buf_check(&text, err));
    if (text.len > 0) {
        out->advisories = strndup((const char *)text.ptr, text.len);
        if (out->advisories == NULL) {
            return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for advisories");
        }
    }
    return TSEC_OK;
}

/* TCB info and identities name these; the others are what verifiers conclude. */
static bool
is_named(enum tsec_tcb_status status)
{
    return status >= TSEC_TCB_UP_TO_DATE && status != TSEC_TCB_TD_RELAUNCH_ADVISED
           && status != TSEC_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED;
}

struct tcb_members
tcb_members_of(struct tsec_span level)
{
    static const struct tsec_span names[] = { MAA_NAME("tcb"), MAA_NAME("tcbStatus"),
                                              MAA_NAME("tcbDate"), MAA_NAME("advisoryIDs") };
    struct tsec_span values[TSEC_ARRAY_LEN(names)];

    maa_pick(level, names, TSEC_ARRAY_LEN(names), values);
    return (struct tcb_members){ values[0], values[1], values[2], values[3] };
}

tsec_rc
tcb_verdict_of(const struct tcb_members *level, struct tcb_verdict *out, struct tsec_err *err)
{
    const struct tsec_span status = collateral_doc_text_of(level->status);
    const struct tsec_span date = collateral_doc_text_of(level->date);
    int64_t ns;

    if (status.ptr == NULL || !tsec_tcb_status_parse(status, &out->status)
        || !is_named(out->status)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a TCB level with a status that is not known");
    }
    if (date.ptr == NULL || !tsec_rfc3339_parse(date, &ns)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a TCB level without a date");
    }
    out->date = ns / TSEC_NS_PER_S;
    return read_advisories(level->advisories, out, err);
}

tsec_rc
tcb_verdict_read(struct tsec_span level, struct tcb_verdict *out, struct tsec_err *err)
{
    const struct tcb_members members = tcb_members_of(level);

    return tcb_verdict_of(&members, out, err);
}

void
tcb_verdict_done(struct tcb_verdict *verdict)
{
    free(verdict->advisories);
    verdict->advisories = NULL;
}

/* ---- levels by one number ---- */

static tsec_rc
read_svn_level(struct tsec_span object, struct tcb_svn_level *out, struct tsec_err *err)
{
    const struct tcb_members members = tcb_members_of(object);
    uint64_t svn = 0;

    if (!collateral_doc_number(members.tcb, "isvsvn", UINT16_MAX, &svn)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a TCB level without isvsvn");
    }
    out->svn = (uint16_t)svn;
    return tcb_verdict_of(&members, &out->verdict, err);
}

tsec_rc
tcb_svn_levels_read(struct tsec_span object, struct tcb_svn_levels *out, struct tsec_err *err)
{
    struct tsec_span array;
    struct tsec_json_member member;
    size_t n;

    TSEC_TRY(tcb_array(object, "tcbLevels", 1, SVN_LEVELS_MAX, &array, &n, err));
    out->items = calloc(n, sizeof(*out->items));
    if (out->items == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for TCB levels");
    }

    struct tsec_json_walk walk = tsec_json_walk(array);

    while (tsec_json_next(&walk, &member)) {
        out->len++;
        TSEC_TRY(read_svn_level(member.value, &out->items[out->len - 1], err));
    }
    return TSEC_OK;
}

void
tcb_svn_levels_done(struct tcb_svn_levels *levels)
{
    for (size_t i = 0; i < levels->len; i++) {
        tcb_verdict_done(&levels->items[i].verdict);
    }
    free(levels->items);
    *levels = (struct tcb_svn_levels){ NULL, 0 };
}

const struct tcb_verdict *
tcb_svn_levels_find(const struct tcb_svn_levels *levels, uint16_t svn)
{
    for (size_t i = 0; i < levels->len; i++) {
        if (svn >= levels->items[i].svn) {
            return &levels->items[i].verdict;
        }
    }
    return NULL;
}

/* ---- several verdicts ---- */

/* As Intel's QuoteVerificationLibrary converges them (convergeTcbStatusWithQeTcbStatus()). */
enum tsec_tcb_status
tcb_converge(enum tsec_tcb_status platform, enum tsec_tcb_status component)
{
    if (component == TSEC_TCB_UP_TO_DATE || platform == TSEC_TCB_REVOKED) {
        return platform;
    }
    if (component == TSEC_TCB_REVOKED) {
        return TSEC_TCB_REVOKED;
    }
    if (platform == TSEC_TCB_UP_TO_DATE || platform == TSEC_TCB_SW_HARDENING_NEEDED) {
        return TSEC_TCB_OUT_OF_DATE;
    }
    if (platform == TSEC_TCB_CONFIGURATION_NEEDED
        || platform == TSEC_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED) {
        return TSEC_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
    }
    return platform;
}
