/* SPDX-License-Identifier: Apache-2.0 */
/* A new key out of an agreement: both sides compute it, and it is never sent. */
#include "api/op.h"
#include "api/routes.h"
#include "api/transit.h"
#include "api/transit_gate.h"
#include "codec/pem.h"
#include "core/mount.h"
#include "core/transit_crypt.h"
#include "crypto/rand.h"

enum { PEER_MAX = 8 * 1024, SHARED_MAX = 128 };

struct agreement {
    struct api_work work; /* first */
    struct tsec_arena *arena;
    const struct transit_material *own;
    struct tsec_span peer; /* PEM */
    struct transit_fresh fresh;
    tsec_rc rc;
    struct tsec_err err;
};

static tsec_rc
read_peer(const struct agreement *a, struct tsec_pair **out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
    struct tsec_span rest = a->peer;
    struct tsec_span label;
    bool found = false;

    if (tsec_failed(tsec_pem_next(&rest, &label, &spki, &found, err)) || !found
        || !tsec_span_is(label, "PUBLIC KEY")) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "failed to parse supplied peer public key PEM");
    }
    return tsec_pair_from_spki(transit_traits(transit_material_type(a->own))->pair,
                               tsec_buf_span(&spki), out, err);
}

/* HKDF-SHA-256 of the shared secret without salt or info, as OpenBao derives it. */
static tsec_rc
agree(struct agreement *a, struct tsec_err *err)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *peer = NULL;
    TSEC_AUTO_BUF struct tsec_buf shared = TSEC_BUF_INIT(SHARED_MAX);
    const size_t len = tsec_aead_key_len(transit_traits(a->fresh.type)->aead);
    uint8_t *key = tsec_arena_alloc(a->arena, len);
    uint8_t *hmac_key = tsec_arena_alloc(a->arena, TRANSIT_HMAC_KEY_LEN);

    if (key == NULL || hmac_key == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a derived key");
    }
    if (!tsec_pair_is_private(transit_material_pair(a->own))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the base key has no private part");
    }
    TSEC_TRY(read_peer(a, &peer, err));
    TSEC_TRY(tsec_pair_agree(transit_material_pair(a->own), peer, &shared, err));
    TSEC_TRY(tsec_hkdf(TSEC_SHA256, tsec_buf_span(&shared), tsec_span(NULL, 0), tsec_span(NULL, 0),
                       key, len, err));
    tsec_rand_bytes(hmac_key, TRANSIT_HMAC_KEY_LEN);
    a->fresh.material = tsec_span(key, len);
    a->fresh.hmac_key = tsec_span(hmac_key, TRANSIT_HMAC_KEY_LEN);
    a->fresh.imported = true; /* somebody else has it too */
    return TSEC_OK;
}

static void
run_agreement(struct api_work *work)
{
    struct agreement *a = (struct agreement *)(void *)work;

    a->rc = agree(a, &a->err);
}

static void
drop_agreement(struct api_work *work)
{
    transit_material_release(((struct agreement *)(void *)work)->own);
}

struct ask {
    const char *algorithm;
    const char *peer;
    const char *base;
    const char *type;
    int64_t version;
};

static tsec_rc
read_ask(struct api_call *call, struct ask *ask, enum transit_type *type, struct tsec_err *err)
{
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR("key_derivation_algorithm", &ask->algorithm, NULL, 64),
        TSEC_JSON_STR("peer_public_key", &ask->peer, NULL, PEER_MAX),
        TSEC_JSON_STR("base_key_name", &ask->base, NULL, TRANSIT_NAME_MAX),
        TSEC_JSON_STR("derived_key_type", &ask->type, NULL, TRANSIT_TYPE_NAME_MAX),
        TSEC_JSON_INT("base_key_version", &ask->version, NULL, INT64_MIN, INT64_MAX),
    };

    TSEC_TRY(API_FIELDS(call, fields, err));
    if (strcmp(ask->algorithm, "ecdh") != 0) {
        return api_refusef(call, TSEC_E_INVALID, "key derivation algorithm %s not supported",
                           ask->algorithm);
    }
    if (*ask->peer == '\0') {
        return api_refuse(call, TSEC_E_INVALID, "peer public key not provided");
    }
    TSEC_TRY(transit_type_read(call, ask->type, type));
    return transit_traits(*type)->aead != 0
               ? TSEC_OK
               : api_refusef(call, TSEC_E_INVALID, "unknown key type %s", ask->type);
}

/* The path names the new key only, and agreeing uses the other one: so the caller's policies must
 * grant that as well, whether it is there or not. */
static tsec_rc
check_may_use(struct api_call *call, const char *base, struct tsec_err *err)
{
    const char *path =
        tsec_arena_printf(api_arena(call), "%sderive-key/%s", call->mount->path, base);
    struct policy_decision decision;

    if (path == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the path of a key");
    }
    TSEC_TRY(api_decide(call, call->token, tsec_span_str(path), &decision, err));
    return policy_allows(&decision, POLICY_UPDATE) ? TSEC_OK : api_deny(call);
}

static tsec_rc
find_base(struct api_call *call, struct ask *ask, const struct transit_key **out,
          struct tsec_err *err)
{
    const tsec_rc rc =
        transit_key_find(call->txn, transit_mount(call), tsec_span_str(ask->base), out, err);

    if (rc.code == TSEC_E_NOT_FOUND) {
        return api_refuse(call, TSEC_E_INVALID, "specified base key not found");
    }
    if (tsec_failed(rc)) {
        return transit_refuse(call, rc, err);
    }
    if (!transit_traits(transit_key_type(*out))->agrees) {
        return api_refusef(call, TSEC_E_INVALID, "base key type %s does not support key agreement",
                           (*out)->type_name);
    }
    if (ask->version < 0 || ask->version > (*out)->latest) {
        return api_refuse(call, TSEC_E_INVALID,
                          ask->version < 0 ? "requested version of the base key is negative"
                                           : "requested version of the base key is higher than "
                                             "the latest key version");
    }
    ask->version = ask->version == 0 ? (*out)->latest : ask->version;
    return ask->version >= (*out)->min_decryption
               ? TSEC_OK
               : api_refuse(call, TSEC_E_INVALID,
                            "requested version of the base key is less than its "
                            "min_decryption_version");
}

static tsec_rc
plan(struct api_call *call, struct ask *ask, struct agreement *a, struct tsec_err *err)
{
    const struct transit_key *base = NULL;

    TSEC_TRY(check_may_use(call, ask->base, err));
    TSEC_TRY(find_base(call, ask, &base, err));
    TSEC_TRY(transit_gate(call, base, 1, true, err));
    a->work.identity = transit_identity(call, base);
    a->work.cost_us = transit_traits(transit_key_type(base))->sign_us;
    a->work.run = run_agreement;
    a->work.drop = drop_agreement;
    a->arena = api_arena(call);
    a->peer = tsec_span_str(ask->peer);
    return transit_cache_get(call->api->options.transit, call->txn, transit_mount(call), base,
                             ask->version, &a->own, err);
}

static tsec_rc
keep(struct api_call *call, const struct agreement *a, struct tsec_err *err)
{
    const struct transit_key settings = {
        .name = api_var(call, 0),
        .type_name = transit_traits(a->fresh.type)->name,
        .imported = true,
    };
    const struct transit_key *key = NULL;
    tsec_rc rc;

    if (settings.name == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a derived key");
    }
    rc = transit_key_create(call->txn, transit_mount(call), &settings, &a->fresh, &key, err);
    return tsec_failed(rc) ? transit_refuse(call, rc, err) : api_no_content(call);
}

tsec_rc
api_op_transitDeriveKey(struct api_call *call, struct tsec_err *err)
{
    struct ask ask = { "ecdh", "", "", "aes256-gcm96", 0 };
    struct agreement *a = tsec_arena_alloc(api_arena(call), sizeof(*a));
    struct api_work *work;
    struct tsec_span name;

    if (a == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a derived key");
    }
    TSEC_TRY(transit_name(call, 0, &name, err));
    TSEC_TRY(read_ask(call, &ask, &a->fresh.type, err));
    TSEC_TRY(plan(call, &ask, a, err));
    work = &a->work;
    TSEC_TRY(api_work(call, &work, err));
    a = (struct agreement *)(void *)work;
    if (tsec_failed(a->rc)) {
        *err = a->err;
        return transit_refuse(call, a->rc, err);
    }
    return keep(call, a, err);
}
