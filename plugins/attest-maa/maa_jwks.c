/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_jwks.h"

#include <stdlib.h>

#include "codec/json_scan.h"
#include "maa_json.h"
#include "maa_jwk.h"

static const struct tsec_json_limits limits = { .depth_max = 8, .members_max = 4096 };

struct maa_jwks {
    struct tsec_buf text;
    size_t len;
    struct maa_key keys[MAA_JWKS_KEYS];
};

void
maa_jwks_free(struct maa_jwks *jwks)
{
    if (jwks == NULL) {
        return;
    }
    for (size_t i = 0; i < jwks->len; i++) {
        tsec_cert_free(jwks->keys[i].cert);
        tsec_pubkey_free(jwks->keys[i].own);
    }
    tsec_buf_done(&jwks->text);
    free(jwks);
}

/* ---- one entry ---- */

enum { KID, KTY, USE, ALG, N, E, X5C, FIELDS };

static const struct tsec_span names[FIELDS] = {
    [KID] = MAA_NAME("kid"), [KTY] = MAA_NAME("kty"), [USE] = MAA_NAME("use"),
    [ALG] = MAA_NAME("alg"), [N] = MAA_NAME("n"),     [E] = MAA_NAME("e"),
    [X5C] = MAA_NAME("x5c"),
};

static bool
same_key(const struct tsec_cert *cert, struct tsec_span spki)
{
    uint8_t digest[TSEC_SHA256_LEN];

    tsec_sha256(spki, digest);
    return tsec_span_equal(tsec_span(digest, sizeof(digest)),
                           tsec_span(tsec_cert_spki_sha256(cert), TSEC_SHA256_LEN));
}

/* The first of x5c, RFC 7517 section 4.7: plain base64 and not base64url. */
static const char *
read_cert(struct tsec_span x5c, struct tsec_cert **out)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(TSEC_CERT_MAX);
    struct tsec_json_walk walk = tsec_json_walk(x5c);
    struct tsec_json_member first;

    if (tsec_json_type_of(x5c) != TSEC_JSON_ARRAY || !tsec_json_next(&walk, &first)) {
        return "its x5c is no list of certificates";
    }
    if (!maa_base64(first.value, TSEC_BASE64_STD, &der)
        || tsec_failed(tsec_cert_parse(tsec_buf_span(&der), out, NULL))) {
        return "its x5c holds no certificate in base64";
    }
    return NULL;
}

static const char *
key_of_cert(struct tsec_span x5c, struct tsec_span spki, struct maa_key *key)
{
    const char *why = read_cert(x5c, &key->cert);

    if (why != NULL) {
        return why;
    }
    if (spki.len > 0 && !same_key(key->cert, spki)) {
        return "its certificate is of another key than n and e";
    }
    key->rsa = tsec_cert_key(key->cert);
    return NULL;
}

static const char *
bare_key(struct tsec_span spki, struct maa_key *key)
{
    if (tsec_failed(tsec_pubkey_from_spki(spki, &key->own, NULL))) {
        return "its n and e are no RSA key that can be used";
    }
    key->rsa = key->own;
    return NULL;
}

/* What is wrong with it, or NULL. */
static const char *
read_key(const struct tsec_span *v, struct tsec_span entry, struct maa_key *key)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(MAA_SPKI_MAX);
    const char *why;

    if (!maa_says(v[KTY], "RSA")) {
        return "it is no RSA key";
    }
    if ((maa_has(v[USE]) && !maa_says(v[USE], "sig"))
        || (maa_has(v[ALG]) && !maa_says(v[ALG], "RS256"))) {
        return "it is not for RS256 signatures";
    }
    if ((maa_has(v[N]) || maa_has(v[E]) || !maa_has(v[X5C])) && !maa_jwk_spki(entry, &spki)) {
        return "its n and e are no RSA key in base64url";
    }
    why = maa_has(v[X5C]) ? key_of_cert(v[X5C], tsec_buf_span(&spki), key)
                          : bare_key(tsec_buf_span(&spki), key);
    if (why == NULL && (key->rsa == NULL || tsec_pubkey_kind_of(key->rsa) != TSEC_PUBKEY_RSA)) {
        return "its certificate has no RSA key that can be used";
    }
    return why;
}

/* ---- the set ---- */

static tsec_rc
read_entry(struct maa_jwks *jwks, struct tsec_span entry, struct tsec_span kid,
           struct tsec_err *err)
{
    struct tsec_span v[FIELDS];
    struct maa_key *key;

    maa_pick(entry, names, FIELDS, v);
    if (tsec_json_type_of(v[KID]) != TSEC_JSON_STRING
        || (kid.ptr != NULL && !tsec_json_strings_equal(v[KID], kid))) {
        return TSEC_OK; /* nothing can name it, or nobody asks for it */
    }
    if (jwks->len >= MAA_JWKS_KEYS) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "JWKS: more than %d keys", MAA_JWKS_KEYS);
    }
    key = &jwks->keys[jwks->len++];
    key->kid = v[KID];
    key->why = read_key(v, entry, key);
    key->rsa = key->why == NULL ? key->rsa : NULL;
    return TSEC_OK;
}

bool
maa_jwks_is(struct tsec_span json)
{
    struct tsec_span keys;

    return tsec_json_member(json, "keys", &keys) == TSEC_JSON_ARRAY;
}

static tsec_rc
read_all(struct maa_jwks *jwks, struct tsec_span kid, struct tsec_err *err)
{
    const struct tsec_span text = tsec_buf_span(&jwks->text);
    struct tsec_span keys;
    struct tsec_json_walk walk;
    struct tsec_json_member entry;

    TSEC_TRY(tsec_json_check(text, &limits, err));
    if (tsec_json_member(text, "keys", &keys) != TSEC_JSON_ARRAY) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "JWKS: no list \"keys\" in it");
    }
    walk = tsec_json_walk(keys);
    while (tsec_json_next(&walk, &entry)) {
        TSEC_TRY(read_entry(jwks, entry.value, kid, err));
    }
    return TSEC_OK;
}

tsec_rc
maa_jwks_parse(struct tsec_span json, struct tsec_span kid, struct maa_jwks **out,
               struct tsec_err *err)
{
    TSEC_AUTO(maa_jwks_free) struct maa_jwks *jwks = NULL;

    if (json.len > MAA_JWKS_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "JWKS: more than %d bytes", MAA_JWKS_MAX);
    }
    jwks = calloc(1, sizeof(*jwks));
    if (jwks == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for token keys");
    }
    tsec_buf_init(&jwks->text, MAA_JWKS_MAX);
    tsec_buf_put_span(&jwks->text, json);
    TSEC_TRY(tsec_buf_check(&jwks->text, err));
    TSEC_TRY(read_all(jwks, kid, err));
    *out = jwks;
    jwks = NULL;
    return TSEC_OK;
}

const struct maa_key *
maa_jwks_next(const struct maa_jwks *jwks, struct tsec_span kid, size_t *at)
{
    while (jwks != NULL && *at < jwks->len) {
        const struct maa_key *key = &jwks->keys[(*at)++];

        if (tsec_json_strings_equal(key->kid, kid)) {
            return key;
        }
    }
    return NULL;
}

size_t
maa_jwks_usable(const struct maa_jwks *jwks)
{
    size_t n = 0;

    for (size_t i = 0; jwks != NULL && i < jwks->len; i++) {
        n += jwks->keys[i].rsa != NULL ? 1 : 0;
    }
    return n;
}
