/* SPDX-License-Identifier: Apache-2.0 */
#include "collateral_doc.h"

#include "base/clock.h"
#include "base/hex.h"
#include "codec/json_scan.h"

bool
collateral_doc_is(struct tsec_span object)
{
    struct tsec_span value;

    return tsec_json_member(object, "tcbLevels", &value) == TSEC_JSON_ARRAY
           && tsec_json_member(object, "issueDate", &value) == TSEC_JSON_STRING;
}

struct tsec_span
collateral_doc_text_of(struct tsec_span raw)
{
    if (tsec_json_type_of(raw) != TSEC_JSON_STRING || raw.len < 2
        || memchr(raw.ptr, '\\', raw.len) != NULL) {
        return tsec_span(NULL, 0);
    }
    return tsec_span(raw.ptr + 1, raw.len - 2);
}

struct tsec_span
collateral_doc_text(struct tsec_span object, const char *name)
{
    struct tsec_span raw;

    (void)tsec_json_member(object, name, &raw);
    return collateral_doc_text_of(raw);
}

bool
collateral_doc_hex(struct tsec_span object, const char *name, uint8_t *out, size_t len)
{
    const struct tsec_span text = collateral_doc_text(object, name);

    return text.ptr != NULL && text.len == 2 * len && tsec_hex_decode(text, out, len);
}

bool
collateral_doc_number(struct tsec_span object, const char *name, uint64_t max, uint64_t *out)
{
    struct tsec_span value;

    (void)tsec_json_member(object, name, &value);
    return collateral_doc_number_of(value, max, out);
}

bool
collateral_doc_number_of(struct tsec_span value, uint64_t max, uint64_t *out)
{
    int64_t number = 0;

    if (tsec_json_type_of(value) != TSEC_JSON_NUMBER || !tsec_json_to_i64(value, &number)
        || number < 0 || (uint64_t)number > max) {
        return false;
    }
    *out = (uint64_t)number;
    return true;
}

static bool
time_of(struct tsec_span object, const char *name, int64_t *out)
{
    const struct tsec_span text = collateral_doc_text(object, name);
    int64_t ns;

    if (text.ptr == NULL || !tsec_rfc3339_parse(text, &ns)) {
        return false;
    }
    *out = ns / TSEC_NS_PER_S;
    return true;
}

static tsec_rc
read_tcb_info(struct tsec_span body, struct collateral_doc *out, uint64_t version,
              struct tsec_err *err)
{
    const struct tsec_span id = collateral_doc_text(body, "id");

    out->kind = COLLATERAL_TCB_INFO;
    out->tdx = tsec_span_is(id, "TDX");
    if (version < 2 || version > 3) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "TCB info of version %llu: 2 and 3 are known",
                         (unsigned long long)version);
    }
    if (version == 3 && !out->tdx && !tsec_span_is(id, "SGX")) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "TCB info is neither of SGX nor of TDX");
    }
    if (version == 2 && id.ptr != NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "TCB info of version 2 has no id");
    }
    if (!collateral_doc_hex(body, "fmspc", out->fmspc, sizeof(out->fmspc))
        || !collateral_doc_hex(body, "pceId", out->pce_id, sizeof(out->pce_id))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "TCB info without a proper fmspc and pceId");
    }
    return TSEC_OK;
}

static tsec_rc
read_identity(struct tsec_span body, struct collateral_doc *out, uint64_t version, bool *ours,
              struct tsec_err *err)
{
    const struct tsec_span id = collateral_doc_text(body, "id");

    out->kind = COLLATERAL_QE_IDENTITY;
    out->tdx = tsec_span_is(id, "TD_QE");
    *ours = out->tdx || tsec_span_is(id, "QE");
    if (*ours && version != 2) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "QE identity of version %llu: 2 is known",
                         (unsigned long long)version);
    }
    return TSEC_OK;
}

tsec_rc
collateral_doc_read(struct tsec_span body, struct collateral_doc *out, bool *ours,
                    struct tsec_err *err)
{
    struct tsec_span ignored;
    uint64_t version = 0;

    memset(out, 0, sizeof(*out));
    out->body = body;
    *ours = true;
    if (!collateral_doc_number(body, "version", UINT8_MAX, &version)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "collateral without a version");
    }
    if (!time_of(body, "issueDate", &out->issued_at)
        || !time_of(body, "nextUpdate", &out->next_update)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "collateral without issueDate and nextUpdate");
    }
    (void)collateral_doc_number(body, "tcbEvaluationDataNumber", UINT32_MAX, &out->evaluation);
    if (tsec_json_member(body, "fmspc", &ignored) != TSEC_JSON_NONE) {
        TSEC_TRY(read_tcb_info(body, out, version, err));
    } else {
        TSEC_TRY(read_identity(body, out, version, ours, err));
    }
    tsec_sha256(body, out->sha256);
    return TSEC_OK;
}
