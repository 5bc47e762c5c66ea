/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_keys.h"

#include <inttypes.h>

#include "appraisal/report.h"
#include "maa_json.h"
#include "maa_jwks.h"

/* Each holds the keys of one name out of one document. */
enum { REMEMBERED = 64 };

static void
forget(void *value)
{
    maa_jwks_free(value);
}

tsec_rc
maa_memo_new(struct tsec_memo **out, struct tsec_err *err)
{
    return tsec_memo_new(REMEMBERED, forget, out, err);
}

/* ---- keys that came with the call ---- */

static void
memo_key(struct tsec_span jwks, struct tsec_span kid, uint8_t out[TSEC_MEMO_KEY_LEN])
{
    /* A raw string has no byte 0, so that the two cannot be divided differently. */
    const struct tsec_span parts[] = { kid, { (const uint8_t *)"", 1 }, jwks };

    tsec_hash_parts(TSEC_SHA256, parts, TSEC_ARRAY_LEN(parts), out);
}

static tsec_rc
given_keys(const struct verifier_input *in, struct tsec_span kid, const struct maa_jwks **out,
           struct tsec_err *err)
{
    struct tsec_memo *memo = in->cache == NULL ? NULL : in->cache->token_keys;
    uint8_t key[TSEC_MEMO_KEY_LEN];
    struct maa_jwks *fresh = NULL;

    memo_key(in->expect->jwks, kid, key);
    *out = memo == NULL ? NULL : tsec_memo_get(memo, key);
    if (*out != NULL) {
        return TSEC_OK;
    }
    if (tsec_failed(maa_jwks_parse(in->expect->jwks, kid, &fresh, err))) {
        return tsec_check_passed_on(in->expect->checks, TSEC_REASON_COLLATERAL, "jwks", err);
    }
    *out = memo == NULL ? fresh : tsec_memo_put(memo, key, fresh);
    return TSEC_OK;
}

static void
give_back(const struct verifier_input *in, const struct maa_jwks *keys)
{
    if (in->cache != NULL && in->cache->token_keys != NULL) {
        tsec_memo_release(in->cache->token_keys, keys);
    } else {
        const uintptr_t own = (uintptr_t)keys; /* nobody else holds them */

        maa_jwks_free((struct maa_jwks *)own);
    }
}

/* ---- which of them ---- */

static tsec_rc
check_window(const struct verifier_input *in, const struct maa_key *key, struct maa_key_window *out,
             struct tsec_err *err)
{
    struct tsec_checks *checks = in->expect->checks;

    *out = (struct maa_key_window){ 0, 0 };
    if (key->cert == NULL) {
        return TSEC_OK;
    }
    out->not_before = tsec_cert_not_before(key->cert);
    out->not_after = tsec_cert_not_after(key->cert);
    if (in->now > out->not_after) {
        return tsec_check_failed(checks, TSEC_REASON_EXPIRED, "key", err,
                                 "the key's certificate expired %" PRId64 " s ago",
                                 in->now - out->not_after);
    }
    if (in->now < out->not_before) {
        return tsec_check_failed(checks, TSEC_REASON_NOT_YET_VALID, "key", err,
                                 "the key's certificate is valid in %" PRId64 " s",
                                 out->not_before - in->now);
    }
    return TSEC_OK;
}

/* Why no key of that name has signed it. */
static tsec_rc
none_fits(const struct verifier_input *in, const struct maa_signed *what, const char *unusable,
          bool tried, struct tsec_err *err)
{
    struct tsec_checks *checks = in->expect->checks;

    if (tried) {
        return tsec_check_failed(checks, TSEC_REASON_SIGNATURE, "signature", err,
                                 "not of the issuer's key %.*s", MAA_SHOW(what->kid));
    }
    if (unusable != NULL) {
        return tsec_check_failed(checks, TSEC_REASON_NO_ENDORSEMENT, "key", err,
                                 "the issuer's key %.*s cannot be used: %s", MAA_SHOW(what->kid),
                                 unusable);
    }
    return tsec_check_failed(checks, TSEC_REASON_NO_ENDORSEMENT, "key", err,
                             "the issuer's keys here have none named %.*s", MAA_SHOW(what->kid));
}

static tsec_rc
try_keys(const struct verifier_input *in, const struct maa_jwks *keys,
         const struct maa_signed *what, struct maa_key_window *out, struct tsec_err *err)
{
    const struct maa_key *key;
    const char *unusable = NULL;
    bool tried = false;
    size_t at = 0;

    while ((key = maa_jwks_next(keys, what->kid, &at)) != NULL) {
        if (key->rsa == NULL) {
            unusable = key->why;
            continue;
        }
        tried = true;
        if (!tsec_failed(tsec_pubkey_verify(key->rsa, TSEC_SIG_RS256, what->message,
                                            what->signature, NULL))) {
            tsec_check_ok(in->expect->checks, "signature", "RS256, the issuer's key %.*s",
                          MAA_SHOW(what->kid));
            return check_window(in, key, out, err);
        }
    }
    return none_fits(in, what, unusable, tried, err);
}

tsec_rc
maa_keys_check(const struct verifier_input *in, const struct maa_signed *what,
               struct maa_key_window *out, struct tsec_err *err)
{
    const struct maa_jwks *keys = in->token_keys;
    tsec_rc rc;

    if (in->expect->jwks.ptr != NULL) {
        TSEC_TRY(given_keys(in, what->kid, &keys, err));
    }
    if (keys == NULL) {
        return tsec_check_failed(in->expect->checks, TSEC_REASON_NO_ENDORSEMENT, "key", err,
                                 "no keys of %s are here", in->expect->issuer);
    }
    rc = try_keys(in, keys, what, out, err);
    if (keys != in->token_keys) {
        give_back(in, keys);
    }
    return rc;
}
