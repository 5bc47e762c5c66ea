/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets for code that proved what it is: appraised, decided, read, encrypted and written down in
 * one request.  All of what was asked for leaves, or nothing; and nothing that any key but the one
 * the evidence vouches for could open. */
#include "api/ahead.h"
#include "api/api.h"
#include "api/envelope.h"
#include "api/op.h"
#include "api/proof.h"
#include "api/read_as.h"
#include "audit/entry.h"
#include "base/base64.h"
#include "core/mount.h"
#include "crypto/cms.h"
#include "crypto/hash.h"
#include "crypto/pubkey.h"

enum {
    PATH_TEXT_MAX = 4096,
    PLAIN_MAX = 4 * 1024 * 1024, /* of all together: base64 of it fits into one reply */
    WRAPPED_MAX = 6 * 1024 * 1024,
    DETAIL_LEN = 128,
    MOUNT_TEXT_MAX = 256,
    WORD_MAX = 8,
    CURVE_US = 1500, /* to make a key pair and agree, P-384 */
    RSA_US = 100,
    BYTES_PER_US = 500,
};

/* The body as it comes, but for the proof. */
struct ask {
    struct tsec_strings paths;
    const char *wrap;
    const char *mount;
    bool cms;
    struct api_proof *proof;
};

/* ---- what is asked ---- */

static bool
is_rsa(struct tsec_span spki)
{
    TSEC_AUTO(tsec_pubkey_free) struct tsec_pubkey *key = NULL;

    return !tsec_failed(tsec_pubkey_from_spki(spki, &key, NULL))
           && tsec_pubkey_kind_of(key) == TSEC_PUBKEY_RSA;
}

/* What AWS's own clients open; the simulator stands in for their TEE. */
static tsec_rc
check_cms(struct api_call *call, const struct api_proof *proof)
{
    const char *format = proof->evidence.format;

    if (strcmp(format, "nitro") != 0 && strcmp(format, "sim-v1") != 0) {
        return api_refuse(call, TSEC_E_INVALID, "wrap \"cms\" goes with format \"nitro\" only");
    }
    return is_rsa(proof->recipient)
               ? TSEC_OK
               : api_refuse(call, TSEC_E_INVALID, "wrap \"cms\" takes an RSA key as recipient");
}

static tsec_rc
check(struct api_call *call, struct ask *ask)
{
    if (!ask->proof->given) {
        return api_refuse(call, TSEC_E_INVALID, "missing evidence");
    }
    if (ask->proof->role == NULL || *ask->proof->role == '\0') {
        return api_refuse(call, TSEC_E_INVALID, "missing role");
    }
    if (ask->paths.len == 0) {
        return api_refuse(call, TSEC_E_INVALID, "missing paths");
    }
    for (size_t i = 0; i < ask->paths.len; i++) {
        if (strlen(ask->paths.items[i]) > PATH_TEXT_MAX) {
            return api_refuse(call, TSEC_E_INVALID, "a path is too long");
        }
    }
    ask->cms = strcmp(ask->wrap, "cms") == 0;
    if (!ask->cms && strcmp(ask->wrap, "jwe") != 0) {
        return api_refuse(call, TSEC_E_INVALID, "wrap must be \"jwe\" or \"cms\"");
    }
    return ask->cms ? check_cms(call, ask->proof) : TSEC_OK;
}

static tsec_rc
read_ask(struct api_call *call, struct ask *ask, struct tsec_err *err)
{
    TSEC_AUTO(tsec_json_free) json_t *body = NULL;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_LIST("paths", &ask->paths, NULL, AUDIT_PATHS_MAX),
        TSEC_JSON_STR("wrap", &ask->wrap, NULL, WORD_MAX),
        TSEC_JSON_STR("mount", &ask->mount, NULL, MOUNT_TEXT_MAX),
    };

    ask->wrap = "jwe";
    TSEC_TRY(api_parse(call, &body, err));
    TSEC_TRY(api_proof_read(call, body, fields, TSEC_ARRAY_LEN(fields), &ask->proof, err));
    return check(call, ask);
}

/* ---- what is read, and encrypted without any lock ---- */

struct sealing {
    struct api_work work; /* first */
    struct tsec_span recipient;
    bool cms;
    size_t n;
    struct tsec_buf plain[AUDIT_PATHS_MAX];
    struct tsec_buf wrapped[AUDIT_PATHS_MAX];
    uint8_t digest[TSEC_SHA256_LEN]; /* of what was read: the same, so need not be done again */
    tsec_rc rc;
    struct tsec_err err;
};

static tsec_rc
seal_cms(struct sealing *s)
{
    for (size_t i = 0; i < s->n; i++) {
        TSEC_TRY(
            tsec_cms_encrypt(s->recipient, tsec_buf_span(&s->plain[i]), &s->wrapped[i], &s->err));
    }
    return TSEC_OK;
}

/* One key for all of them, each under a nonce of its own: they are for one recipient, and go to it
 * together; agreeing is what takes long. */
static tsec_rc
seal_jwe(struct sealing *s)
{
    TSEC_AUTO(tsec_jwe_free) struct tsec_jwe *jwe = NULL;

    TSEC_TRY(tsec_jwe_begin(s->recipient, tsec_span(NULL, 0), NULL, &jwe, &s->err));
    for (size_t i = 0; i < s->n; i++) {
        TSEC_TRY(tsec_jwe_finish(jwe, tsec_buf_span(&s->plain[i]), &s->wrapped[i], &s->err));
    }
    return TSEC_OK;
}

static void
seal(struct api_work *work)
{
    struct sealing *s = (struct sealing *)(void *)work;

    s->rc = s->cms ? seal_cms(s) : seal_jwe(s);
    for (size_t i = 0; i < s->n; i++) {
        tsec_buf_done(&s->plain[i]);
    }
}

static void
drop_sealing(struct api_work *work)
{
    struct sealing *s = (struct sealing *)(void *)work;

    for (size_t i = 0; i < s->n; i++) {
        tsec_buf_done(&s->plain[i]);
        tsec_buf_done(&s->wrapped[i]);
    }
}

/* The same refusal as of evidence that was not accepted: what exists is for those who may read. */
static tsec_rc
refuse(struct api_call *call, const struct ask *ask, size_t i, const struct api_reading *reading)
{
    char name[AUDIT_PSEUDONYM_LEN + 1];
    const char *detail;

    audit_pseudonym(api_keys_of(call)->pseudonym, "path", tsec_span_str(reading->path), name);
    detail = tsec_arena_printf(api_arena(call), "path %zu of %zu, %s: %s", i + 1, ask->paths.len,
                               name, reading->reason);
    return api_refuse_evidence(
        call, strcmp(reading->reason, "policy") == 0 ? "release-policy" : "release-absent", detail);
}

/* What each read answers, with the token's rights; call->released names what was read. */
static tsec_rc
read_all(struct api_call *call, const struct ask *ask, const struct token *token, struct sealing *s,
         struct tsec_err *err)
{
    const char **paths = tsec_arena_alloc(api_arena(call), ask->paths.len * sizeof(*paths));
    size_t room = PLAIN_MAX;

    if (paths == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a release");
    }
    for (size_t i = 0; i < ask->paths.len; i++) {
        struct api_reading reading;
        tsec_rc rc;

        tsec_buf_init(&s->plain[i], room);
        tsec_buf_init(&s->wrapped[i], WRAPPED_MAX);
        s->n = i + 1;
        rc = api_read_as(call, token, ask->paths.items[i], &s->plain[i], &reading, err);
        if (rc.code == TSEC_E_DENIED) {
            return refuse(call, ask, i, &reading);
        }
        if (rc.code == TSEC_E_TOO_LARGE) {
            return api_refuse(call, TSEC_E_TOO_LARGE, "too much at once: ask for fewer paths");
        }
        TSEC_TRY(rc);
        room -= s->plain[i].len;
        paths[i] = reading.path;
    }
    call->released = (struct tsec_strings){ paths, ask->paths.len };
    return TSEC_OK;
}

static void
plan(const struct ask *ask, struct sealing *s)
{
    struct tsec_span parts[AUDIT_PATHS_MAX];
    size_t bytes = 0;

    for (size_t i = 0; i < s->n; i++) {
        parts[i] = tsec_buf_span(&s->plain[i]);
        bytes += parts[i].len;
    }
    tsec_hash_parts(TSEC_SHA256, parts, s->n, s->digest);
    s->recipient = ask->proof->recipient;
    s->cms = ask->cms;
    s->work.identity = tsec_span(s->digest, sizeof(s->digest));
    s->work.cost_us = (s->cms ? s->n * RSA_US : CURVE_US) + bytes / BYTES_PER_US;
    s->work.run = seal;
    s->work.drop = drop_sealing;
}

static tsec_rc
read_and_seal(struct api_call *call, const struct ask *ask, const struct token *token,
              struct sealing **out, struct tsec_err *err)
{
    struct sealing *s = tsec_arena_alloc(api_arena(call), sizeof(*s));
    struct api_work *work;
    tsec_rc rc;

    if (s == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a release");
    }
    s->n = 0;
    rc = read_all(call, ask, token, s, err);
    if (tsec_failed(rc)) {
        drop_sealing(&s->work);
        return rc;
    }
    plan(ask, s);
    work = &s->work;
    TSEC_TRY(api_work(call, &work, err));
    *out = (struct sealing *)(void *)work;
    if (tsec_failed((*out)->rc)) {
        *err = (*out)->err;
    }
    return (*out)->rc;
}

/* ---- the answer ---- */

static tsec_rc
put_wrapped(struct tsec_json_out *out, const struct sealing *s, size_t i, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TSEC_BASE64_LEN(s->wrapped[i].len) + 1);

    if (!s->cms) {
        tsec_json_put_span(out, "wrapped", tsec_buf_span(&s->wrapped[i]));
        return TSEC_OK;
    }
    tsec_base64_append(&text, TSEC_BASE64_STD, tsec_buf_span(&s->wrapped[i]));
    TSEC_TRY(tsec_buf_check(&text, err));
    tsec_json_put_span(out, "wrapped", tsec_buf_span(&text));
    return TSEC_OK;
}

static tsec_rc
answer(struct api_call *call, const struct ask *ask, const struct sealing *s, struct tsec_err *err)
{
    struct tsec_json_out out = api_data(call);

    tsec_json_object(&out);
    tsec_json_key(&out, "released");
    tsec_json_array(&out);
    for (size_t i = 0; i < s->n; i++) {
        tsec_json_object(&out);
        tsec_json_put_str(&out, "path", ask->paths.items[i]);
        TSEC_TRY(put_wrapped(&out, s, i, err));
        tsec_json_object_end(&out);
    }
    tsec_json_array_end(&out);
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

tsec_rc
api_op_teeRelease(struct api_call *call, struct tsec_err *err)
{
    struct token *token = tsec_arena_alloc(api_arena(call), sizeof(*token));
    struct ask ask = { .mount = NULL };
    const struct mount *mount = NULL;
    struct sealing *sealed = NULL;
    struct api_admitted who;

    if (token == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a release");
    }
    TSEC_TRY(read_ask(call, &ask, err));
    TSEC_TRY(api_admit_mount(call, ask.mount, &mount, err));
    TSEC_TRY(api_proof_admit(call, ask.proof, mount, &who, err));
    TSEC_TRY(api_admitted_token(call, &who, token, err));
    TSEC_TRY(read_and_seal(call, &ask, token, &sealed, err));
    TSEC_TRY(answer(call, &ask, sealed, err));
    call->made = token; /* it is never made, and says who this was */
    return api_count_grant(call, GRANT_RELEASE, who.role->name, err);
}
