/* SPDX-License-Identifier: Apache-2.0 */
#include "tcb_info.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "codec/json_scan.h"
#include "collateral_doc.h"
#include "maa_json.h"

enum { LEVELS_MAX = 256, MODULES_MAX = 32 };

/* ---- components ---- */

/* Version 3: a list of 16 objects. */
static tsec_rc
read_components(struct tsec_span array, const char *name, uint8_t out[PCK_COMPONENTS],
                struct tsec_err *err)
{
    struct tsec_json_walk walk = tsec_json_walk(array);
    struct tsec_json_member member;
    size_t n = 0;
    uint64_t svn = 0;

    if (tsec_json_type_of(array) != TSEC_JSON_ARRAY) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "%s is no list", name);
    }
    for (; n < PCK_COMPONENTS && tsec_json_next(&walk, &member); n++) {
        if (!collateral_doc_number(member.value, "svn", UINT8_MAX, &svn)) {
            return TSEC_FAIL(err, TSEC_E_INVALID, "%s: a component without svn", name);
        }
        out[n] = (uint8_t)svn;
    }
    if (n != PCK_COMPONENTS || tsec_json_next(&walk, &member)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "%s has not %d elements", name, PCK_COMPONENTS);
    }
    return TSEC_OK;
}

/* Version 2: sgxtcbcomp01svn to sgxtcbcomp16svn. */
static tsec_rc
read_components_v2(struct tsec_span tcb, uint8_t out[PCK_COMPONENTS], struct tsec_err *err)
{
    for (unsigned i = 0; i < PCK_COMPONENTS; i++) {
        char name[] = "sgxtcbcomp00svn";
        uint64_t svn = 0;

        (void)snprintf(name, sizeof(name), "sgxtcbcomp%02usvn", (i + 1) % 100);
        if (!collateral_doc_number(tcb, name, UINT8_MAX, &svn)) {
            return TSEC_FAIL(err, TSEC_E_INVALID, "a TCB level without %s", name);
        }
        out[i] = (uint8_t)svn;
    }
    return TSEC_OK;
}

/* ---- levels ---- */

static tsec_rc
read_level(struct tsec_span object, bool tdx, uint64_t version, struct tcb_level *out,
           struct tsec_err *err)
{
    static const struct tsec_span names[] = { MAA_NAME("pcesvn"), MAA_NAME("sgxtcbcomponents"),
                                              MAA_NAME("tdxtcbcomponents") };
    const struct tcb_members members = tcb_members_of(object);
    const struct tsec_span tcb = members.tcb;
    struct tsec_span values[TSEC_ARRAY_LEN(names)];
    uint64_t pce_svn = 0;

    maa_pick(tcb, names, TSEC_ARRAY_LEN(names), values);
    if (!collateral_doc_number_of(values[0], UINT16_MAX, &pce_svn)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a TCB level without pcesvn");
    }
    out->pce_svn = (uint16_t)pce_svn;
    if (version == 2) {
        TSEC_TRY(read_components_v2(tcb, out->sgx, err));
    } else {
        TSEC_TRY(read_components(values[1], "sgxtcbcomponents", out->sgx, err));
    }
    if (tdx) {
        TSEC_TRY(read_components(values[2], "tdxtcbcomponents", out->tdx, err));
    }
    return tcb_verdict_of(&members, &out->verdict, err);
}

/* Room for all there may be, and what is not needed given back: counting first would mean going
 * over the whole list once more. */
static tsec_rc
read_list(struct tsec_span array, uint64_t version, struct tcb_info *out, struct tsec_err *err)
{
    struct tsec_json_walk walk = tsec_json_walk(array);
    struct tsec_json_member member;
    struct tcb_level *fitting;

    out->levels = calloc(LEVELS_MAX, sizeof(*out->levels));
    if (out->levels == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for TCB levels");
    }
    while (tsec_json_next(&walk, &member)) {
        if (out->levels_len == LEVELS_MAX) {
            return TSEC_FAIL(err, TSEC_E_INVALID, "tcbLevels has more than %d elements",
                             LEVELS_MAX);
        }
        out->levels_len++;
        TSEC_TRY(
            read_level(member.value, out->tdx, version, &out->levels[out->levels_len - 1], err));
    }
    if (out->levels_len == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "tcbLevels has no elements");
    }
    fitting = reallocarray(out->levels, out->levels_len, sizeof(*out->levels));
    out->levels = fitting != NULL ? fitting : out->levels;
    return TSEC_OK;
}

static tsec_rc
read_levels(struct tsec_span body, struct tcb_info *out, struct tsec_err *err)
{
    struct tsec_span array;
    uint64_t version = 0;
    uint64_t type = 0;

    if (!collateral_doc_number(body, "version", 3, &version)
        || !collateral_doc_number(body, "tcbType", 0, &type)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "TCB info: version up to 3 and tcbType 0 are known");
    }
    if (tsec_json_member(body, "tcbLevels", &array) != TSEC_JSON_ARRAY) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "tcbLevels is no list");
    }
    return read_list(array, version, out, err);
}

/* ---- TDX modules ---- */

static tsec_rc
read_module(struct tsec_span object, struct tcb_module *out, struct tsec_err *err)
{
    if (!collateral_doc_hex(object, "mrsigner", out->mrsigner, sizeof(out->mrsigner))
        || !collateral_doc_hex(object, "attributes", out->attributes, sizeof(out->attributes))
        || !collateral_doc_hex(object, "attributesMask", out->attributes_mask,
                               sizeof(out->attributes_mask))) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "a TDX module without mrsigner, attributes and attributesMask");
    }
    return TSEC_OK;
}

/* "TDX_03": the version in hex */
static tsec_rc
read_identity(struct tsec_span object, struct tcb_module *out, struct tsec_err *err)
{
    const struct tsec_span id = collateral_doc_text(object, "id");

    if (id.ptr == NULL || id.len != 6
        || (!tsec_span_starts(id, tsec_span_str("TDX_"))
            && !tsec_span_starts(id, tsec_span_str("tdx_")))
        || !tsec_hex_decode(tsec_span(id.ptr + 4, 2), &out->version, 1) || out->version == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a TDX module's identity without a proper id");
    }
    TSEC_TRY(read_module(object, out, err));
    return tcb_svn_levels_read(object, &out->levels, err);
}

static tsec_rc
read_modules(struct tsec_span body, struct tcb_info *out, struct tsec_err *err)
{
    struct tsec_span module;
    struct tsec_span array = tsec_span(NULL, 0);
    struct tsec_json_member member;
    size_t n = 0;

    if (tsec_json_member(body, "tdxModule", &module) != TSEC_JSON_OBJECT) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "TCB info of TDX without tdxModule");
    }
    /* there since TDX 1.5 */
    if (tsec_json_member(body, "tdxModuleIdentities", &array) != TSEC_JSON_NONE) {
        TSEC_TRY(tcb_array(body, "tdxModuleIdentities", 0, MODULES_MAX, &array, &n, err));
    }
    out->modules = calloc(1 + n, sizeof(*out->modules));
    if (out->modules == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for TDX modules");
    }
    out->modules_len = 1;
    TSEC_TRY(read_module(module, &out->modules[0], err));

    struct tsec_json_walk walk = tsec_json_walk(array);

    while (tsec_json_next(&walk, &member)) {
        out->modules_len++;
        TSEC_TRY(read_identity(member.value, &out->modules[out->modules_len - 1], err));
    }
    return TSEC_OK;
}

/* ---- all of it ---- */

tsec_rc
tcb_info_parse(struct tsec_span body, bool tdx, struct tcb_info **out, struct tsec_err *err)
{
    TSEC_AUTO(tcb_info_free) struct tcb_info *info = calloc(1, sizeof(*info));

    if (info == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for TCB info");
    }
    info->tdx = tdx;
    TSEC_TRY(read_levels(body, info, err));
    if (tdx) {
        TSEC_TRY(read_modules(body, info, err));
    }
    *out = TSEC_TAKE(info);
    return TSEC_OK;
}

void
tcb_info_free(struct tcb_info *info)
{
    if (info == NULL) {
        return;
    }
    for (size_t i = 0; i < info->levels_len; i++) {
        tcb_verdict_done(&info->levels[i].verdict);
    }
    for (size_t i = 0; i < info->modules_len; i++) {
        tcb_svn_levels_done(&info->modules[i].levels);
    }
    free(info->levels);
    free(info->modules);
    free(info);
}

const struct tcb_module *
tcb_info_module(const struct tcb_info *info, uint8_t version)
{
    for (size_t i = 0; i < info->modules_len; i++) {
        if (info->modules[i].version == version) {
            return &info->modules[i];
        }
    }
    return NULL;
}
