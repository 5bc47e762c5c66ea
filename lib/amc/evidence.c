/* SPDX-License-Identifier: Apache-2.0 */
#include "amc/evidence.h"

#include "amc/member.h"
#include "base/base64.h"
#include "codec/json_out.h"
#include "crypto/hash.h"

enum { TPM_LEN = 32 };

enum { FORMAT, EVIDENCE, MODE, MADE_AT, COLLATERAL, ROLE, BIND, MEMBERS };

static const char *const mode_names[] = {
    [AMC_FRESH] = "fresh",
    [AMC_IDENTITY] = "identity",
    [AMC_RESUMED] = "resumed",
    [AMC_NONE] = "none",
};

const char *
amc_mode_name(enum amc_mode mode)
{
    return mode_names[mode >= AMC_FRESH && mode <= AMC_NONE ? mode : AMC_NONE];
}

static bool
has_evidence(enum amc_mode mode)
{
    return mode == AMC_FRESH || mode == AMC_IDENTITY;
}

/* ---- read ---- */

static bool
read_mode(const struct amc_member *member, enum amc_mode *out)
{
    for (int i = AMC_FRESH; i <= AMC_NONE; i++) {
        if (amc_member_is(member, mode_names[i])) {
            *out = (enum amc_mode)i;
            return true;
        }
    }
    return false;
}

static bool
read_collateral(const struct amc_member *member, struct tsec_buf *bytes, struct amc_evidence *out)
{
    if (!amc_member_there(member)) {
        return true;
    }
    if (tsec_json_type_of(member->value) != TSEC_JSON_ARRAY) {
        return false;
    }

    struct tsec_json_walk walk = tsec_json_walk(member->value);
    struct tsec_json_member m;

    while (tsec_json_next(&walk, &m)) {
        const struct amc_member item = { NULL, m.value };

        if (out->collateral_len == AMC_COLLATERAL_MAX
            || !amc_member_bytes(&item, bytes, &out->collateral[out->collateral_len])) {
            return false;
        }
        out->collateral_len++;
    }
    return true;
}

/* The layout is the format's: no other place of the evidence is looked at because it says so. */
static bool
read_layout(const struct amc_member *member, struct amc_evidence *out)
{
    out->layout = amc_layout_of(out->format);
    return !amc_member_there(member) || amc_member_is(member, amc_layout_name(out->layout));
}

/* A mode has what it needs, and nothing that would be passed over. */
static bool
is_whole(const struct amc_evidence *e)
{
    if (has_evidence(e->mode) != (strcmp(e->format, "none") != 0)) {
        return false;
    }
    if (has_evidence(e->mode) != (e->evidence.len > 0)) {
        return false;
    }
    return (e->mode == AMC_IDENTITY ? e->made_at_s > 0 : true)
           && (has_evidence(e->mode) || e->collateral_len == 0);
}

static bool
read_all(const struct amc_member *m, struct tsec_buf *bytes, struct amc_evidence *out)
{
    out->evidence = tsec_span("", 0);
    return amc_member_text(&m[FORMAT], out->format, AMC_FORMAT_LEN)
           && read_mode(&m[MODE], &out->mode) && read_layout(&m[BIND], out)
           && (!amc_member_there(&m[EVIDENCE])
               || amc_member_bytes(&m[EVIDENCE], bytes, &out->evidence))
           && (!amc_member_there(&m[MADE_AT])
               || amc_member_int(&m[MADE_AT], 0, INT64_MAX, &out->made_at_s))
           && (!amc_member_there(&m[ROLE]) || amc_member_text(&m[ROLE], out->role, AMC_NAME_MAX))
           && read_collateral(&m[COLLATERAL], bytes, out);
}

tsec_rc
amc_evidence_parse(struct tsec_span text, struct tsec_buf *bytes, struct amc_evidence *out,
                   struct tsec_err *err)
{
    static const struct tsec_json_limits limits = { .depth_max = 8, .members_max = 128 };
    struct amc_member m[MEMBERS] = {
        [FORMAT] = { .name = "format" },
        [EVIDENCE] = { .name = "evidence" },
        [MODE] = { .name = "mode" },
        [MADE_AT] = { .name = "made_at" },
        [COLLATERAL] = { .name = "collateral" },
        [ROLE] = { .name = "role" },
        [BIND] = { .name = "bind" },
    };

    memset(out, 0, sizeof(*out));
    TSEC_TRY(amc_members(text, AMC_EVIDENCE_MAX, &limits, m, MEMBERS, err));
    /* Spans point into it: it may not move any more. */
    tsec_buf_reserve(bytes, text.len);
    TSEC_TRY(tsec_buf_check(bytes, err));
    if (!read_all(m, bytes, out) || !is_whole(out)) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "evidence: a member is missing or not what it must be");
    }
    return TSEC_OK;
}

/* ---- written ---- */

static void
put_bytes(struct tsec_json_out *json, struct tsec_span bytes, struct tsec_buf *text)
{
    tsec_buf_reset(text);
    tsec_base64_append(text, TSEC_BASE64_URL, bytes);
    tsec_json_span(json, tsec_buf_span(text));
}

void
amc_evidence_write(const struct amc_evidence *e, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TSEC_BASE64_LEN(AMC_EVIDENCE_MAX) + 1);
    struct tsec_json_out json = tsec_json_out(out);

    tsec_json_object(&json);
    tsec_json_put_str(&json, "format", e->format);
    tsec_json_key(&json, "evidence");
    put_bytes(&json, e->evidence, &text);
    tsec_json_put_str(&json, "mode", amc_mode_name(e->mode));
    if (e->made_at_s > 0) {
        tsec_json_put_int(&json, "made_at", e->made_at_s);
    }
    if (e->collateral_len > 0) {
        tsec_json_key(&json, "collateral");
        tsec_json_array(&json);
        for (size_t i = 0; i < e->collateral_len; i++) {
            put_bytes(&json, e->collateral[i], &text);
        }
        tsec_json_array_end(&json);
    }
    if (e->role[0] != '\0') {
        tsec_json_put_str(&json, "role", e->role);
    }
    tsec_json_put_str(&json, "bind", amc_layout_name(amc_layout_of(e->format)));
    tsec_json_object_end(&json);
    out->failed |= text.failed;
    out->no_memory |= text.no_memory;
}

/* ---- what it must show ---- */

void
amc_expect(const char *format, enum amc_layout layout, const uint8_t binding[AMC_HASH_LEN],
           struct tsec_span nonce, struct tsec_span spki, struct amc_expect *out)
{
    memset(out, 0, sizeof(*out));
    memcpy(out->own, binding, AMC_HASH_LEN);
    switch (layout) {
    case AMC_MAA32:
        out->binding = tsec_span(binding, AMC_HASH_LEN);
        out->nonce = nonce;
        return;
    case AMC_TPM32:
        out->binding = tsec_span(binding, TPM_LEN);
        return;
    case AMC_RAW48:
    default:
        break;
    }
    if (strcmp(format, "nitro") == 0) {
        out->binding = tsec_span(binding, AMC_HASH_LEN);
        out->nonce = nonce;
        out->public_key = spki;
        return;
    }
    out->binding = tsec_span(out->own, sizeof(out->own));
}

void
amc_request_binding(enum amc_layout layout, const uint8_t binding[AMC_HASH_LEN], uint8_t out[64])
{
    memset(out, 0, 64);
    memcpy(out, binding, layout == AMC_TPM32 ? TPM_LEN : AMC_HASH_LEN);
}

void
amc_runtime_data(const uint8_t binding[AMC_HASH_LEN], struct tsec_span nonce, struct tsec_buf *out)
{
    struct tsec_json_out json = tsec_json_out(out);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TSEC_BASE64_LEN(AMC_EVIDENCE_MAX) + 1);

    tsec_json_object(&json);
    tsec_json_key(&json, "amc");
    put_bytes(&json, tsec_span(binding, AMC_HASH_LEN), &text);
    tsec_json_key(&json, "nonce");
    put_bytes(&json, nonce, &text);
    tsec_json_object_end(&json);
}
