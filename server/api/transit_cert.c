/* SPDX-License-Identifier: Apache-2.0 */
/* Signing requests for a key, and the certificates that came of them. */
#include "api/api.h"
#include "api/routes.h"
#include "api/transit.h"
#include "api/transit_gate.h"
#include "api/transit_wire.h"
#include "core/transit_crypt.h"
#include "crypto/csr.h"

enum { CSR_MAX = 64 * 1024, CHAIN_MAX = 64 * 1024, CHAIN_US = 3000 };

/* Answers 400 unless certificates can be for that key. */
static tsec_rc
find_signing(struct api_call *call, const struct transit_key **out, struct tsec_err *err)
{
    const char *name = api_var(call, 0);
    const char *missing = tsec_arena_printf(
        api_arena(call), "key with provided name '%s' not found", name == NULL ? "" : name);

    TSEC_TRY(transit_find(call, 0, missing == NULL ? "key not found" : missing, out, err));
    if (transit_traits(transit_key_type(*out))->pair == 0
        || !transit_traits(transit_key_type(*out))->signs) {
        return api_refusef(call, TSEC_E_INVALID, "key type '%s' does not support signing",
                           (*out)->type_name);
    }
    return (*out)->derived ? api_refuse(call, TSEC_E_INVALID,
                                        "operation not supported for keys with derivation enabled")
                           : TSEC_OK;
}

/* ---- requests ---- */

struct csr {
    struct api_work work; /* first */
    const struct transit_material *material;
    struct tsec_span template;
    struct tsec_buf pem;
    tsec_rc rc;
    struct tsec_err err;
};

static void
make_csr(struct api_work *work)
{
    struct csr *csr = (struct csr *)(void *)work;
    const struct tsec_pair *pair = transit_material_pair(csr->material);

    csr->rc = tsec_pair_is_private(pair)
                  ? tsec_csr(pair, csr->template, &csr->pem, &csr->err)
                  : TSEC_FAIL(&csr->err, TSEC_E_INVALID,
                              "requested version for signing does not contain a private part");
}

static void
drop_csr(struct api_work *work)
{
    struct csr *csr = (struct csr *)(void *)work;

    transit_material_release(csr->material);
    tsec_buf_done(&csr->pem);
}

static tsec_rc
plan_csr(struct api_call *call, const struct transit_key *key, struct csr *csr,
         struct tsec_err *err)
{
    int64_t version = 0;
    const char *template = "";
    const char *wrong;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_INT("version", &version, NULL, 0, INT64_MAX),
        TSEC_JSON_STR("csr", &template, NULL, CSR_MAX),
    };

    TSEC_TRY(API_FIELDS(call, fields, err));
    wrong = transit_wire_making(TRANSIT_SIGNATURE, key, &version);
    if (wrong != NULL) {
        return api_refuse(call, TSEC_E_INVALID, wrong);
    }
    TSEC_TRY(transit_gate(call, key, 1, true, err));
    csr->template = tsec_span_str(template);
    csr->work.cost_us = transit_traits(transit_key_type(key))->sign_us;
    csr->work.identity = transit_identity(call, key);
    csr->work.run = make_csr;
    csr->work.drop = drop_csr;
    tsec_buf_init(&csr->pem, (size_t)2 * CSR_MAX);
    return transit_cache_get(call->api->options.transit, call->txn, transit_mount(call), key,
                             version, &csr->material, err);
}

tsec_rc
api_op_transitSignCsr(struct api_call *call, struct tsec_err *err)
{
    struct csr *csr = tsec_arena_alloc(api_arena(call), sizeof(*csr));
    const struct transit_key *key = NULL;
    struct api_work *work;
    struct tsec_json_out out;

    if (csr == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a signing request");
    }
    TSEC_TRY(find_signing(call, &key, err));
    TSEC_TRY(plan_csr(call, key, csr, err));
    work = &csr->work;
    TSEC_TRY(api_work(call, &work, err));
    csr = (struct csr *)(void *)work;
    if (tsec_failed(csr->rc)) {
        *err = csr->err;
        return transit_refuse(call, csr->rc, err);
    }
    out = api_data(call);
    tsec_json_object(&out);
    tsec_json_put_str(&out, "name", key->name);
    tsec_json_put_str(&out, "type", key->type_name);
    tsec_json_put_span(&out, "csr", tsec_buf_span(&csr->pem));
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

/* ---- certificates ---- */

struct chain {
    struct api_work work; /* first */
    enum transit_type type;
    struct tsec_span spki; /* of the version */
    struct tsec_span pem;
    tsec_rc rc;
    struct tsec_err err;
};

static void
check_chain(struct api_work *work)
{
    struct chain *chain = (struct chain *)(void *)work;
    struct tsec_pair *pair = NULL;

    chain->rc =
        tsec_pair_from_spki(transit_traits(chain->type)->pair, chain->spki, &pair, &chain->err);
    if (!tsec_failed(chain->rc)) {
        chain->rc = tsec_chain_for(pair, chain->pem, &chain->err);
    }
    tsec_pair_free(pair);
}

static tsec_rc
plan_chain(struct api_call *call, const struct transit_key *key, struct chain *chain,
           int64_t *version, struct tsec_err *err)
{
    struct transit_version there;
    const char *pem = NULL;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_INT("version", version, NULL, 1, INT64_MAX),
        TSEC_JSON_STR_REQ("certificate_chain", &pem, CHAIN_MAX),
    };
    const char *copy;
    tsec_rc rc;

    *version = key->latest;
    TSEC_TRY(API_FIELDS(call, fields, err));
    rc = transit_key_version(call->txn, transit_mount(call), key, *version, &there, err);
    if (rc.code == TSEC_E_NOT_FOUND) {
        return api_refuse(call, TSEC_E_INVALID, "no such key version");
    }
    TSEC_TRY(rc);
    copy = tsec_arena_dup(api_arena(call), there.spki);
    if (copy == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a public key");
    }
    chain->work.cost_us = CHAIN_US;
    chain->work.identity = transit_identity(call, key);
    chain->work.run = check_chain;
    chain->type = transit_key_type(key);
    chain->spki = tsec_span(copy, there.spki.len);
    chain->pem = tsec_span_str(pem);
    return TSEC_OK;
}

tsec_rc
api_op_transitSetCertificate(struct api_call *call, struct tsec_err *err)
{
    struct chain *chain = tsec_arena_alloc(api_arena(call), sizeof(*chain));
    const struct transit_key *key = NULL;
    struct api_work *work;
    struct tsec_json_out out;
    int64_t version = 0;
    tsec_rc rc;

    if (chain == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "certificates");
    }
    TSEC_TRY(find_signing(call, &key, err));
    TSEC_TRY(plan_chain(call, key, chain, &version, err));
    work = &chain->work;
    TSEC_TRY(api_work(call, &work, err));
    chain = (struct chain *)(void *)work;
    if (tsec_failed(chain->rc)) {
        *err = chain->err;
        return transit_refuse(call, chain->rc, err);
    }
    rc = transit_key_set_chain(call->txn, transit_mount(call), key, version, chain->pem, err);
    if (tsec_failed(rc)) {
        return transit_refuse(call, rc, err);
    }
    out = api_data(call);
    tsec_json_object(&out);
    tsec_json_put_str(&out, "name", key->name);
    tsec_json_put_str(&out, "type", key->type_name);
    tsec_json_put_span(&out, "certificate_chain", chain->pem);
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}
