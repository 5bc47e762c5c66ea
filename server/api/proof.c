/* SPDX-License-Identifier: Apache-2.0 */
#include "api/proof.h"

#include "api/envelope.h"
#include "api/op.h"
#include "base/base64.h"
#include "core/challenge.h"
#include "crypto/jwe.h"

enum { COLLATERAL_ITEMS_MAX = 32, JWK_MAX = 8192, NONCE_MAX = 128 };

/* The body as it comes. */
struct text {
    const char *role;
    const char *format;
    const char *evidence;
    const char *nonce;
    json_t *recipient;
    struct tsec_strings collateral;
};

enum { OWN_FIELDS = 6 };

static tsec_rc
read_text(struct api_call *call, const json_t *body, const struct tsec_json_field *more, size_t n,
          struct text *out, struct tsec_err *err)
{
    struct tsec_json_field fields[OWN_FIELDS + API_PROOF_MORE] = {
        TSEC_JSON_STR("role", &out->role, NULL, ATTEST_ROLE_NAME_MAX),
        TSEC_JSON_STR("format", &out->format, NULL, VERIFIERS_FORMAT_LEN),
        TSEC_JSON_STR("evidence", &out->evidence, NULL, TSEC_BASE64_LEN(TSEC_EVIDENCE_MAX)),
        TSEC_JSON_STR("nonce", &out->nonce, NULL, TSEC_BASE64_LEN(NONCE_MAX)),
        TSEC_JSON_ANY("recipient", &out->recipient, NULL),
        TSEC_JSON_LIST("collateral", &out->collateral, NULL, COLLATERAL_ITEMS_MAX),
    };

    if (n > API_PROOF_MORE) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "%zu members", n);
    }
    for (size_t i = 0; i < n; i++) {
        fields[OWN_FIELDS + i] = more[i];
    }
    return api_fields_of_strictly(call, body, fields, OWN_FIELDS + n, err);
}

/* ---- the recipient ---- */

static tsec_rc
refuse_recipient(struct api_call *call, const struct tsec_err *why)
{
    return api_refusef(call, TSEC_E_INVALID, "recipient: %s", why->detail);
}

static tsec_rc
read_jwk(struct api_call *call, const json_t *jwk, struct tsec_buf *spki)
{
    struct tsec_err why = { 0 };
    char text[JWK_MAX];
    const size_t len = json_dumpb(jwk, text, sizeof(text), JSON_COMPACT);
    tsec_rc rc;

    if (len == 0 || len > sizeof(text)) {
        return api_refuse(call, TSEC_E_INVALID, "recipient: not a key");
    }
    rc = tsec_jwk_to_spki(tsec_span(text, len), spki, &why);
    return rc.code == TSEC_E_INVALID ? refuse_recipient(call, &why) : rc;
}

static tsec_rc
read_recipient(struct api_call *call, const json_t *given, struct tsec_span *out)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(API_RECIPIENT_MAX);
    struct tsec_err why = { 0 };
    tsec_rc rc;

    if (json_is_object(given)) {
        TSEC_TRY(read_jwk(call, given, &spki));
        *out = tsec_span(tsec_arena_dup(api_arena(call), tsec_buf_span(&spki)), spki.len);
    } else if (json_is_string(given)) {
        TSEC_TRY(api_base64(call, "recipient", json_string_value(given), API_RECIPIENT_MAX,
                            API_BASE64_EITHER, out));
    } else {
        return api_refuse(call, TSEC_E_INVALID, "recipient must be a key: base64, or a JWK");
    }
    if (out->ptr == NULL) {
        return tsec_rc_of(TSEC_E_NO_MEMORY);
    }
    rc = tsec_jwe_recipient_check(*out, &why);
    return rc.code == TSEC_E_INVALID ? refuse_recipient(call, &why) : rc;
}

/* ---- all of it ---- */

static tsec_rc
read_collateral(struct api_call *call, struct tsec_strings items, struct api_proof *proof)
{
    struct tsec_span *spans = tsec_arena_alloc(api_arena(call), (items.len + 1) * sizeof(*spans));

    if (spans == NULL) {
        return tsec_rc_of(TSEC_E_NO_MEMORY);
    }
    for (size_t i = 0; i < items.len; i++) {
        TSEC_TRY(api_base64(call, "each item of collateral", items.items[i], call->req->body.len,
                            API_BASE64_EITHER, &spans[i]));
    }
    proof->evidence.collateral = spans;
    proof->evidence.collateral_len = items.len;
    return TSEC_OK;
}

static tsec_rc
check_whole(struct api_call *call, const struct text *text)
{
    const struct {
        const char *name;
        bool given;
    } members[] = {
        { "format", text->format != NULL },
        { "evidence", text->evidence != NULL },
        { "nonce", text->nonce != NULL },
        { "recipient", text->recipient != NULL },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(members); i++) {
        if (!members[i].given) {
            return api_refusef(call, TSEC_E_INVALID, "missing %s", members[i].name);
        }
    }
    return api_known_format(call, text->format);
}

static bool
has_none(const struct text *text)
{
    return text->format == NULL && text->evidence == NULL && text->nonce == NULL
           && text->recipient == NULL && text->collateral.len == 0;
}

static tsec_rc
fill(struct api_call *call, const struct text *text, struct api_proof *proof)
{
    TSEC_TRY(check_whole(call, text));
    TSEC_TRY(api_base64(call, "evidence", text->evidence, TSEC_EVIDENCE_MAX, API_BASE64_EITHER,
                        &proof->evidence.evidence));
    TSEC_TRY(api_base64(call, "nonce", text->nonce, NONCE_MAX, API_BASE64_EITHER, &proof->nonce));
    TSEC_TRY(read_recipient(call, text->recipient, &proof->recipient));
    TSEC_TRY(read_collateral(call, text->collateral, proof));
    tsec_binding_release_expect(text->format, proof->nonce, proof->recipient, &proof->expect);
    proof->evidence.format = text->format;
    proof->evidence.binding = proof->expect.binding;
    proof->evidence.nonce = proof->expect.nonce;
    proof->evidence.public_key = proof->expect.public_key;
    proof->given = true;
    return TSEC_OK;
}

tsec_rc
api_proof_read(struct api_call *call, const json_t *body, const struct tsec_json_field *more,
               size_t n, struct api_proof **out, struct tsec_err *err)
{
    struct api_proof *proof = tsec_arena_alloc(api_arena(call), sizeof(*proof));
    struct text text = { .role = NULL };

    if (proof == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "evidence");
    }
    TSEC_TRY(read_text(call, body, more, n, &text, err));
    proof->role = text.role;
    *out = proof;
    return has_none(&text) ? TSEC_OK : fill(call, &text, proof);
}

/* ---- the decision ---- */

static const char *
challenge_reason(const struct tsec_err *why)
{
    static const char *const reasons[] = { "challenge-expired", "challenge-used" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(reasons); i++) {
        if (strcmp(why->detail, reasons[i]) == 0) {
            return reasons[i];
        }
    }
    return "challenge";
}

tsec_rc
api_proof_admit(struct api_call *call, const struct api_proof *proof, const struct mount *mount,
                struct api_admitted *out, struct tsec_err *err)
{
    const struct api_admit_ask ask = {
        .evidence = proof->evidence, .mode = "fresh", .role = proof->role, .mount = mount
    };
    const struct appraisal *appraisal = NULL;
    struct tsec_err why = { 0 };
    tsec_rc rc = challenge_check(api_keys_of(call), call->req->received_ns, proof->nonce, &why);

    TSEC_TRY(api_appraise(call, &proof->evidence, true, &appraisal, err));
    if (tsec_failed(rc)) {
        return api_refuse_evidence(call, challenge_reason(&why), NULL);
    }
    TSEC_TRY(api_admit(call, &ask, out, err));
    rc = challenge_use(call->txn, proof->nonce, &why);
    if (rc.code == TSEC_E_DENIED) {
        return api_refuse_evidence(call, challenge_reason(&why), NULL);
    }
    if (tsec_failed(rc) && err != NULL) {
        *err = why;
    }
    return rc;
}
