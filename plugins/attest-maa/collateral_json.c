/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "base/hex.h"
#include "codec/json_scan.h"
#include "collateral_doc.h"
#include "collateral_item.h"

/* How deep documents and PEM are looked for: PCCS and attestation agents nest them once or twice.
 */
enum { DEPTH_MAX = 6, SIGNATURE_LEN = 64 };

static const struct tsec_json_limits limits = { .depth_max = 16, .members_max = 65536 };

/* Which member of the same object holds a document's signature. */
static const struct {
    const char *doc;
    const char *signature;
} signed_members[] = {
    { "tcbInfo", "signature" },
    { "enclaveIdentity", "signature" },
    { "tcb_info", "tcb_info_signature" },
    { "qe_identity", "qe_identity_signature" },
};

struct frame {
    struct tsec_span object;
    struct tsec_json_walk walk;
};

struct walk {
    struct collateral *set;
    struct frame frames[DEPTH_MAX];
    size_t depth;
    bool found;
};

static bool
name_is(const struct tsec_json_member *member, const char *name)
{
    return member->name_raw.len > 0 && tsec_json_string_is(member->name_raw, tsec_span_str(name));
}

/* 64 bytes into `out` when the object has a signature of that name; the span is empty otherwise. */
static struct tsec_span
signature_member(struct tsec_span object, const char *name, uint8_t out[SIGNATURE_LEN])
{
    return collateral_doc_hex(object, name, out, SIGNATURE_LEN) ? tsec_span(out, SIGNATURE_LEN)
                                                                : tsec_span(NULL, 0);
}

static tsec_rc
put_doc(struct walk *w, const struct frame *in, const struct tsec_json_member *member,
        struct tsec_span body, struct tsec_err *err)
{
    uint8_t bytes[SIGNATURE_LEN];
    struct tsec_span signature = tsec_span(NULL, 0);

    for (size_t i = 0; i < TSEC_ARRAY_LEN(signed_members); i++) {
        if (name_is(member, signed_members[i].doc)) {
            signature = signature_member(in->object, signed_members[i].signature, bytes);
        }
    }
    w->found = true;
    return collateral_put_doc(w->set, body, signature, err);
}

/* A document inside a string: bare, or wrapped with its signature. */
static tsec_rc
put_doc_text(struct walk *w, const struct frame *in, const struct tsec_json_member *member,
             struct tsec_span text, struct tsec_err *err)
{
    uint8_t bytes[SIGNATURE_LEN];
    struct tsec_span body;

    if (tsec_failed(tsec_json_check(text, &limits, NULL))) {
        return TSEC_OK; /* some other text in braces */
    }
    if (collateral_doc_is(text)) {
        return put_doc(w, in, member, text, err);
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(signed_members); i++) {
        if (tsec_json_member(text, signed_members[i].doc, &body) == TSEC_JSON_OBJECT
            && collateral_doc_is(body)) {
            w->found = true;
            TSEC_TRY(collateral_put_doc(
                w->set, body, signature_member(text, signed_members[i].signature, bytes), err));
        }
    }
    return TSEC_OK;
}

/* Whether a document that stands beside it has taken this member for its signature. */
static bool
is_taken(const struct frame *in, const struct tsec_json_member *member)
{
    struct tsec_span ignored;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(signed_members); i++) {
        if (name_is(member, signed_members[i].signature)
            && tsec_json_member(in->object, signed_members[i].doc, &ignored) != TSEC_JSON_NONE) {
            return true;
        }
    }
    return false;
}

static tsec_rc
put_hex(struct walk *w, const struct frame *in, const struct tsec_json_member *member,
        struct tsec_span text, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(text.len);
    const struct tsec_span name = member->name_raw;
    uint8_t *out;

    if (text.len == (size_t)2 * SIGNATURE_LEN) {
        /* other things are as long; a signature says that it is one */
        if (name.len == 0 || memmem(name.ptr, name.len, "ignature", 8) == NULL
            || is_taken(in, member)) {
            return TSEC_OK;
        }
    } else if (!tsec_span_starts(text, tsec_span_str("308"))) {
        return TSEC_OK;
    }
    out = tsec_buf_extend(&bytes, text.len / 2);
    if (out == NULL || !tsec_hex_decode(text, out, text.len / 2)) {
        return tsec_buf_check(&bytes, err);
    }
    w->found = true;
    return bytes.len == SIGNATURE_LEN ? collateral_put_signature(w->set, tsec_buf_span(&bytes), err)
                                      : collateral_put_der(w->set, tsec_buf_span(&bytes), err);
}

static tsec_rc
put_base64(struct walk *w, struct tsec_span text, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(text.len);

    if (tsec_failed(tsec_base64_decode(&bytes, TSEC_BASE64_STD, text, NULL))) {
        return TSEC_OK; /* some other text that begins so */
    }
    w->found = true;
    return collateral_put_der(w->set, tsec_buf_span(&bytes), err);
}

static tsec_rc
string_member(struct walk *w, const struct frame *in, const struct tsec_json_member *member,
              struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf buf = TSEC_BUF_INIT(member->value.len);
    struct tsec_span text;

    if (member->value.len < (size_t)2 * SIGNATURE_LEN) {
        return TSEC_OK; /* too short for anything */
    }
    tsec_json_unescape(&buf, member->value);
    TSEC_TRY(tsec_buf_check(&buf, err));
    text = tsec_json_trim(tsec_buf_span(&buf));
    if (collateral_is_pct_pem(text)) {
        w->found = true;
        return collateral_put_pct_pem(w->set, text, err);
    }
    if (tsec_span_starts(text, tsec_span_str("-----BEGIN "))) {
        w->found = true;
        return collateral_put_pem(w->set, text, err);
    }
    if (tsec_span_starts(text, tsec_span_str("{"))) {
        return put_doc_text(w, in, member, text, err);
    }
    if (collateral_is_hex(text)) {
        return put_hex(w, in, member, text, err);
    }
    return tsec_span_starts(text, tsec_span_str("MI")) ? put_base64(w, text, err) : TSEC_OK;
}

static void
enter(struct walk *w, struct tsec_span value)
{
    if (w->depth < DEPTH_MAX) {
        w->frames[w->depth].object = value;
        w->frames[w->depth].walk = tsec_json_walk(value);
        w->depth++;
    }
}

static tsec_rc
visit(struct walk *w, const struct frame *in, const struct tsec_json_member *member,
      struct tsec_err *err)
{
    const enum tsec_json_type type = tsec_json_type_of(member->value);

    if (type == TSEC_JSON_STRING) {
        return string_member(w, in, member, err);
    }
    if (type == TSEC_JSON_OBJECT && collateral_doc_is(member->value)) {
        return put_doc(w, in, member, member->value, err);
    }
    if (type == TSEC_JSON_OBJECT || type == TSEC_JSON_ARRAY) {
        enter(w, member->value);
    }
    return TSEC_OK;
}

tsec_rc
collateral_put_json(struct collateral *set, struct tsec_span text, struct tsec_err *err)
{
    struct walk w = { .set = set };

    TSEC_TRY(tsec_json_check(text, &limits, err));
    text = tsec_json_trim(text);
    if (collateral_doc_is(text)) {
        return collateral_put_doc(set, text, tsec_span(NULL, 0), err);
    }
    enter(&w, text);
    while (w.depth > 0) {
        struct frame *in = &w.frames[w.depth - 1];
        struct tsec_json_member member;

        if (!tsec_json_next(&in->walk, &member)) {
            w.depth--;
            continue;
        }
        TSEC_TRY(visit(&w, in, &member, err));
    }
    if (!w.found) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "not collateral: this JSON holds no TCB info, QE identity, certificate "
                         "or CRL");
    }
    return TSEC_OK;
}
