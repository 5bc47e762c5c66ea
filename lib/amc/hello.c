/* SPDX-License-Identifier: Apache-2.0 */
#include "amc/hello.h"

#include "amc/member.h"
#include "base/base64.h"
#include "base/hex.h"
#include "codec/json_out.h"
#include "crypto/sign.h"

enum { HELLO_VERSION = 1, EXP_DEFAULT_S = 30, EXP_MAX_S = 3600 };

static const struct tsec_json_limits limits = { .depth_max = 8, .members_max = 128 };

#define REFUSE(err, what) TSEC_FAIL((err), TSEC_E_INVALID, "hello: %s", (what))

static bool
is_point(const uint8_t eph[AMC_POINT_LEN])
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;

    return !tsec_failed(
        tsec_key_from_public(TSEC_KEY_P384, tsec_span(eph, AMC_POINT_LEN), &key, NULL));
}

static bool
is_identity(const uint8_t id[AMC_SPKI_LEN])
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;

    return !tsec_failed(tsec_key_from_spki(tsec_span(id, AMC_SPKI_LEN), &key, NULL))
           && tsec_key_kind_of(key) == TSEC_KEY_P384;
}

static bool
read_identity(const struct amc_member *member, uint8_t id[AMC_SPKI_LEN], size_t *len)
{
    *len = AMC_SPKI_LEN;
    return amc_member_fixed(member, id, AMC_SPKI_LEN) && is_identity(id);
}

static bool
read_eph(const struct amc_member *member, uint8_t eph[AMC_POINT_LEN])
{
    return amc_member_fixed(member, eph, AMC_POINT_LEN) && is_point(eph);
}

static bool
read_formats(const struct amc_member *member, char (*out)[AMC_FORMAT_LEN + 1], size_t *len)
{
    *len = 0;
    if (tsec_json_type_of(member->value) != TSEC_JSON_ARRAY) {
        return false;
    }

    struct tsec_json_walk walk = tsec_json_walk(member->value);
    struct tsec_json_member m;

    while (tsec_json_next(&walk, &m)) {
        const struct amc_member format = { NULL, m.value };

        if (*len == AMC_FORMATS_MAX || !amc_member_text(&format, out[*len], AMC_FORMAT_LEN)) {
            return false;
        }
        (*len)++;
    }
    return *len > 0;
}

static bool
read_head(const struct amc_member *v, const struct amc_member *suite)
{
    int64_t version = 0;

    return amc_member_int(v, HELLO_VERSION, HELLO_VERSION, &version)
           && amc_member_is(suite, AMC_SUITE);
}

/* ---- B1 ---- */

enum { B1_V, B1_SUITE, B1_NONCE, B1_EPH, B1_ACCEPT, B1_AUD, B1_ID, B1_PSK, B1_MEMBERS };

tsec_rc
amc_b1_parse(struct tsec_span text, struct amc_b1 *out, struct tsec_err *err)
{
    struct amc_member m[B1_MEMBERS] = {
        [B1_V] = { .name = "v" },           [B1_SUITE] = { .name = "suite" },
        [B1_NONCE] = { .name = "nonce" },   [B1_EPH] = { .name = "eph" },
        [B1_ACCEPT] = { .name = "accept" }, [B1_AUD] = { .name = "aud" },
        [B1_ID] = { .name = "id" },         [B1_PSK] = { .name = "psk" },
    };

    memset(out, 0, sizeof(*out));
    TSEC_TRY(amc_members(text, AMC_HELLO_MAX, &limits, m, B1_MEMBERS, err));
    if (!read_head(&m[B1_V], &m[B1_SUITE])) {
        return REFUSE(err, "another version or suite");
    }
    if (!amc_member_fixed(&m[B1_NONCE], out->nonce, AMC_NONCE_LEN)) {
        return REFUSE(err, "nonce");
    }
    if (!read_formats(&m[B1_ACCEPT], out->accept, &out->accept_len)
        || !amc_member_text(&m[B1_AUD], out->aud, AMC_NAME_MAX)) {
        return REFUSE(err, "accept or aud");
    }
    if (amc_member_there(&m[B1_PSK])) {
        out->has_ticket = amc_member_fixed(&m[B1_PSK], out->ticket, AMC_TICKET_LEN);
        if (!out->has_ticket) {
            return REFUSE(err, "psk");
        }
    }
    if (amc_member_there(&m[B1_ID]) && !read_identity(&m[B1_ID], out->id, &out->id_len)) {
        return REFUSE(err, "id");
    }
    return read_eph(&m[B1_EPH], out->eph) ? TSEC_OK : REFUSE(err, "eph");
}

/* ---- B2 ---- */

enum {
    B2_V,
    B2_SUITE,
    B2_CID,
    B2_NONCE,
    B2_EPH,
    B2_ID,
    B2_POLICY,
    B2_BIND,
    B2_ACCEPT,
    B2_EXP,
    B2_PSK,
    B2_MEMBERS
};

static bool
read_policy(const struct amc_member *member, uint8_t policy[AMC_HASH_LEN])
{
    return tsec_json_type_of(member->value) == TSEC_JSON_STRING
           && tsec_hex_decode(tsec_span(member->value.ptr + 1, member->value.len - 2), policy,
                              AMC_HASH_LEN);
}

static bool
read_bind(const struct amc_member *member, enum amc_layout *bind)
{
    return tsec_json_type_of(member->value) == TSEC_JSON_STRING
           && amc_layout_parse(tsec_span(member->value.ptr + 1, member->value.len - 2), bind);
}

/* Those that may be missing. */
static bool
read_b2_options(const struct amc_member *m, struct amc_b2 *out)
{
    int64_t exp = EXP_DEFAULT_S;

    if (amc_member_there(&m[B2_ACCEPT])
        && !read_formats(&m[B2_ACCEPT], out->accept, &out->accept_len)) {
        return false;
    }
    if (amc_member_there(&m[B2_EXP]) && !amc_member_int(&m[B2_EXP], 1, EXP_MAX_S, &exp)) {
        return false;
    }
    out->exp_s = (unsigned)exp;
    return !amc_member_there(&m[B2_PSK]) || amc_member_bool(&m[B2_PSK], &out->resumed);
}

tsec_rc
amc_b2_parse(struct tsec_span text, struct amc_b2 *out, struct tsec_err *err)
{
    struct amc_member m[B2_MEMBERS] = {
        [B2_V] = { .name = "v" },           [B2_SUITE] = { .name = "suite" },
        [B2_CID] = { .name = "cid" },       [B2_NONCE] = { .name = "nonce" },
        [B2_EPH] = { .name = "eph" },       [B2_ID] = { .name = "id" },
        [B2_POLICY] = { .name = "policy" }, [B2_BIND] = { .name = "bind" },
        [B2_ACCEPT] = { .name = "accept" }, [B2_EXP] = { .name = "exp" },
        [B2_PSK] = { .name = "psk" },
    };

    memset(out, 0, sizeof(*out));
    TSEC_TRY(amc_members(text, AMC_HELLO_MAX, &limits, m, B2_MEMBERS, err));
    if (!read_head(&m[B2_V], &m[B2_SUITE])) {
        return REFUSE(err, "another version or suite");
    }
    if (!amc_member_fixed(&m[B2_CID], out->cid, AMC_CID_LEN)
        || !amc_member_fixed(&m[B2_NONCE], out->nonce, AMC_NONCE_LEN)) {
        return REFUSE(err, "cid or nonce");
    }
    if (!read_policy(&m[B2_POLICY], out->policy) || !read_bind(&m[B2_BIND], &out->bind)) {
        return REFUSE(err, "policy or bind");
    }
    if (!read_b2_options(m, out)) {
        return REFUSE(err, "accept, exp or psk");
    }
    if (!read_identity(&m[B2_ID], out->id, &out->id_len)) {
        return REFUSE(err, "id");
    }
    return read_eph(&m[B2_EPH], out->eph) ? TSEC_OK : REFUSE(err, "eph");
}

/* ---- written ---- */

static void
put_bytes(struct tsec_json_out *json, const char *key, const uint8_t *bytes, size_t len)
{
    char text[TSEC_BASE64_LEN(AMC_SPKI_LEN) + 1];

    tsec_base64_encode(TSEC_BASE64_URL, tsec_span(bytes, len), text);
    tsec_json_put_str(json, key, text);
}

static void
put_formats(struct tsec_json_out *json, const char (*formats)[AMC_FORMAT_LEN + 1], size_t len)
{
    tsec_json_key(json, "accept");
    tsec_json_array(json);
    for (size_t i = 0; i < len; i++) {
        tsec_json_str(json, formats[i]);
    }
    tsec_json_array_end(json);
}

static void
put_head(struct tsec_json_out *json)
{
    tsec_json_object(json);
    tsec_json_put_int(json, "v", HELLO_VERSION);
    tsec_json_put_str(json, "suite", AMC_SUITE);
}

void
amc_b1_write(const struct amc_b1 *b1, struct tsec_buf *out)
{
    struct tsec_json_out json = tsec_json_out(out);

    put_head(&json);
    put_bytes(&json, "nonce", b1->nonce, AMC_NONCE_LEN);
    put_bytes(&json, "eph", b1->eph, AMC_POINT_LEN);
    put_formats(&json, b1->accept, b1->accept_len);
    tsec_json_put_str(&json, "aud", b1->aud);
    if (b1->id_len > 0) {
        put_bytes(&json, "id", b1->id, b1->id_len);
    }
    if (b1->has_ticket) {
        put_bytes(&json, "psk", b1->ticket, AMC_TICKET_LEN);
    }
    tsec_json_object_end(&json);
}

void
amc_b2_write(const struct amc_b2 *b2, struct tsec_buf *out)
{
    struct tsec_json_out json = tsec_json_out(out);
    char policy[2 * AMC_HASH_LEN + 1];

    tsec_hex_encode(tsec_span(b2->policy, AMC_HASH_LEN), policy);
    put_head(&json);
    put_bytes(&json, "cid", b2->cid, AMC_CID_LEN);
    put_bytes(&json, "nonce", b2->nonce, AMC_NONCE_LEN);
    put_bytes(&json, "eph", b2->eph, AMC_POINT_LEN);
    put_bytes(&json, "id", b2->id, b2->id_len);
    tsec_json_put_str(&json, "policy", policy);
    tsec_json_put_str(&json, "bind", amc_layout_name(b2->bind));
    if (b2->accept_len > 0) {
        put_formats(&json, b2->accept, b2->accept_len);
    }
    if (b2->exp_s > 0) {
        tsec_json_put_int(&json, "exp", b2->exp_s);
    }
    if (b2->resumed) {
        tsec_json_put_bool(&json, "psk", true);
    }
    tsec_json_object_end(&json);
}

bool
amc_aud_is(const char *aud, struct tsec_span id)
{
    TSEC_AUTO_BUF struct tsec_buf named = TSEC_BUF_INIT(AMC_SPKI_LEN);
    const struct tsec_span text = tsec_span_str(aud);

    if (text.len != TSEC_BASE64_LEN(AMC_SPKI_LEN)) {
        return true;
    }

    const tsec_rc rc = tsec_base64_decode(&named, TSEC_BASE64_URL, text, NULL);

    if (tsec_failed(rc)) {
        return rc.code == TSEC_E_INVALID; /* a name; without memory nobody knows */
    }
    return tsec_span_equal(tsec_buf_span(&named), id);
}

/* ---- the shares of a rekey ---- */

tsec_rc
amc_share_parse(struct tsec_span text, struct amc_share *out, struct tsec_err *err)
{
    struct amc_member m[] = { { .name = "eph" }, { .name = "nonce" } };

    memset(out, 0, sizeof(*out));
    TSEC_TRY(amc_members(text, AMC_HELLO_MAX, &limits, m, TSEC_ARRAY_LEN(m), err));
    if (!amc_member_fixed(&m[1], out->nonce, AMC_NONCE_LEN)) {
        return REFUSE(err, "nonce");
    }
    return read_eph(&m[0], out->eph) ? TSEC_OK : REFUSE(err, "eph");
}

void
amc_share_write(const struct amc_share *share, struct tsec_buf *out)
{
    struct tsec_json_out json = tsec_json_out(out);

    tsec_json_object(&json);
    put_bytes(&json, "eph", share->eph, AMC_POINT_LEN);
    put_bytes(&json, "nonce", share->nonce, AMC_NONCE_LEN);
    tsec_json_object_end(&json);
}
