/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of Azure Attestation (parcel.h); the items beside them are the issuer's JWKS and its name.
 * The verdict keeps its contract, and without a JWKS nothing is genuine. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/maa_input.h"
#include "tests/fuzz/verdict.h"

enum { ISSUER_MAX = 256 };

static struct verifier_cache cache;

static tsec_rc
verify(const struct parcel *p, const struct tsec_expectation *expect, int64_t now, bool cached,
       struct tsec_claims *claims, struct tsec_err *err)
{
    const struct verifier_input in = {
        .anchors = &verifier_anchors_pinned,
        .cache = cached ? &cache : NULL,
        .evidence = p->evidence,
        .expect = expect,
        .now = now,
        .claims = claims,
    };
    const tsec_rc rc = maa_verify(&in, err);

    FUZZ_ASSERT(tsec_failed(rc) || p->items_len >= 1);
    FUZZ_ASSERT(tsec_failed(rc) || strcmp(claims->issuer, expect->issuer) == 0);
    return rc;
}

static tsec_rc
decode(const struct parcel *p, struct tsec_claims *claims, struct tsec_err *err)
{
    return maa_decode(p->evidence, claims, err);
}

/* The issuer is the operator's word, and so a plain one. */
static void
take_issuer(struct tsec_span text, char issuer[ISSUER_MAX])
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~') {
            return;
        }
    }
    if (text.len > 0 && text.len < ISSUER_MAX) {
        memset(issuer, 0, ISSUER_MAX);
        memcpy(issuer, text.ptr, text.len);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct verdict_subject subject = { verify, decode, false };
    const struct parcel p = parcel_open(data, size);
    char issuer[ISSUER_MAX] = "https://issuer.example";
    struct tsec_expectation expect = { .issuer = issuer, .jwks = tsec_span("", 0) };

    if (p.items_len >= 1) {
        expect.jwks = p.items[0];
    }
    if (p.items_len >= 2) {
        take_issuer(p.items[1], issuer);
    }
    FUZZ_ASSERT(!tsec_failed(maa_memo_new(&cache.token_keys, NULL)));
    verdict_of(&subject, &p, expect);
    tsec_memo_free(cache.token_keys);
    return 0;
}
