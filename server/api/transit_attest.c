/* SPDX-License-Identifier: Apache-2.0 */
/* What this server, as its evidence shows it, says about a key: which it is, where it came from and
 * what its settings let happen to it.  The bytes are in docs/formats.md. */
#include "api/api.h"
#include "api/evidence.h"
#include "api/routes.h"
#include "api/transit.h"
#include "appraisal/binding.h"
#include "base/base64.h"
#include "core/mount.h"
#include "crypto/hash.h"

static const char TAG[] = "tee-secrets/key-attestation/1";
enum { STATEMENT_MAX = 4 * 1024 * 1024, EVIDENCE_US = 200000 };

static tsec_rc
put_base64(struct tsec_json_out *out, const char *key, struct tsec_span bytes, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TSEC_BASE64_LEN(bytes.len) + 1);

    tsec_base64_append(&text, TSEC_BASE64_STD, bytes);
    TSEC_TRY(tsec_buf_check(&text, err));
    tsec_json_put_span(out, key, tsec_buf_span(&text));
    return TSEC_OK;
}

static tsec_rc
put_server(struct api_call *call, struct tsec_json_out *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf vkey = TSEC_BUF_INIT(4096);
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(4096);
    struct node *node = call->api->options.node;
    struct node_info info = { 0 };

    node_info(node, &info);
    TSEC_TRY(node_vkey(node, &vkey, err));
    TSEC_TRY(node_identity(node, &spki, err));
    tsec_json_put_str(out, "ledger_origin", info.origin);
    tsec_json_put_span(out, "ledger_vkey", tsec_buf_span(&vkey));
    TSEC_TRY(put_base64(out, "identity_key", tsec_buf_span(&spki), err));
    api_put_hex(out, "config_digest", tsec_span(info.config_digest, TSEC_SHA384_LEN));
    return TSEC_OK;
}

static void
put_settings(struct tsec_json_out *out, const struct transit_key *key)
{
    tsec_json_key(out, "settings");
    tsec_json_object(out);
    tsec_json_put_bool(out, "exportable", key->exportable);
    tsec_json_put_bool(out, "allow_plaintext_backup", key->plaintext_backup);
    tsec_json_put_bool(out, "deletion_allowed", key->deletion_allowed);
    tsec_json_put_bool(out, "derived", key->derived);
    tsec_json_put_bool(out, "convergent_encryption", key->convergent);
    tsec_json_put_bool(out, "imported_key", key->imported);
    tsec_json_put_bool(out, "attested_only", key->attested_only);
    tsec_json_put_bool(out, "never_exportable", key->never_exportable);
    tsec_json_object_end(out);
}

static tsec_rc
put_versions(struct api_call *call, struct tsec_json_out *out, const struct transit_key *key,
             struct tsec_err *err)
{
    tsec_json_key(out, "versions");
    tsec_json_array(out);
    for (int64_t n = transit_key_oldest(key); n <= key->latest; n++) {
        struct transit_version version;

        TSEC_TRY(transit_key_version(call->txn, transit_mount(call), key, n, &version, err));
        tsec_json_object(out);
        tsec_json_put_int(out, "version", n);
        tsec_json_put_time(out, "created_time", version.created_ns);
        tsec_json_put_str(out, "origin", version.imported ? "imported" : "generated");
        TSEC_TRY(put_base64(out, "public_key", version.spki, err));
        tsec_json_object_end(out);
    }
    tsec_json_array_end(out);
    return TSEC_OK;
}

static tsec_rc
write_statement(struct api_call *call, const struct transit_key *key, struct tsec_span nonce,
                struct tsec_buf *statement, struct tsec_err *err)
{
    struct tsec_json_out out = tsec_json_out(statement);

    tsec_json_object(&out);
    tsec_json_put_str(&out, "type", TAG);
    TSEC_TRY(put_base64(&out, "nonce", nonce, err));
    tsec_json_put_str(&out, "mount", call->mount->path);
    tsec_json_put_str(&out, "name", key->name);
    tsec_json_put_str(&out, "id", key->id);
    tsec_json_put_str(&out, "key_type", key->type_name);
    put_settings(&out, key);
    TSEC_TRY(put_versions(call, &out, key, err));
    tsec_json_put_int(&out, "latest_version", key->latest);
    TSEC_TRY(put_server(call, &out, err));
    tsec_json_object_end(&out);
    return tsec_buf_check(statement, err);
}

struct attestation {
    struct api_work work; /* first */
    struct node *node;
    struct tsec_evidence_request request;
    struct tsec_buf nonce;
    struct tsec_buf statement;
    const char *format;
    struct tsec_buf evidence;
    tsec_rc rc;
    struct tsec_err err;
};

static void
attest(struct api_work *work)
{
    struct attestation *a = (struct attestation *)(void *)work;

    a->rc = api_evidence(a->node, &a->request, &a->format, &a->evidence, &a->err);
}

static void
drop_attestation(struct api_work *work)
{
    struct attestation *a = (struct attestation *)(void *)work;

    tsec_buf_done(&a->nonce);
    tsec_buf_done(&a->statement);
    tsec_buf_done(&a->evidence);
}

static tsec_rc
plan(struct api_call *call, const struct transit_key *key, struct attestation *a,
     struct tsec_err *err)
{
    TSEC_TRY(api_nonce(call, api_query(call->req, "nonce"), &a->nonce, err));
    TSEC_TRY(write_statement(call, key, tsec_buf_span(&a->nonce), &a->statement, err));
    a->node = call->api->options.node;
    a->request.struct_size = sizeof(a->request);
    a->request.nonce = tsec_buf_span(&a->nonce);
    tsec_binding_statement(TAG, tsec_buf_span(&a->statement), a->request.binding);
    a->work.identity = transit_identity(call, key);
    a->work.cost_us = EVIDENCE_US;
    a->work.run = attest;
    a->work.drop = drop_attestation;
    return TSEC_OK;
}

static tsec_rc
answer(struct api_call *call, const struct attestation *a, struct tsec_err *err)
{
    struct tsec_json_out out = api_data(call);

    tsec_json_object(&out);
    TSEC_TRY(api_put_evidence(&out, a->format, tsec_buf_span(&a->evidence),
                              tsec_span(a->request.binding, sizeof(a->request.binding)), err));
    TSEC_TRY(put_base64(&out, "statement", tsec_buf_span(&a->statement), err));
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

tsec_rc
api_op_transitAttestKey(struct api_call *call, struct tsec_err *err)
{
    struct attestation *a = tsec_arena_alloc(api_arena(call), sizeof(*a));
    const struct transit_key *key = NULL;
    struct api_work *work;
    tsec_rc rc;

    if (a == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "evidence of a key");
    }
    TSEC_TRY(transit_find(call, 0, NULL, &key, err));
    tsec_buf_init(&a->nonce, API_NONCE_TEXT_MAX);
    tsec_buf_init(&a->statement, STATEMENT_MAX);
    tsec_buf_init(&a->evidence, API_EVIDENCE_MAX);
    rc = plan(call, key, a, err);
    if (tsec_failed(rc)) {
        drop_attestation(&a->work);
        return rc;
    }
    work = &a->work;
    TSEC_TRY(api_work(call, &work, err));
    a = (struct attestation *)(void *)work;
    if (tsec_failed(a->rc)) {
        *err = a->err;
        return a->rc;
    }
    return answer(call, a, err);
}
