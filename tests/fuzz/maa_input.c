/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/maa_input.h"

#include "tests/fuzz/fuzz.h"

static void
take_digest(struct tsec_span *rest, uint8_t out[TSEC_SHA256_LEN])
{
    const size_t len = rest->len < TSEC_SHA256_LEN ? rest->len : TSEC_SHA256_LEN;

    if (len > 0) {
        memcpy(out, rest->ptr, len);
        *rest = tsec_span(rest->ptr + len, rest->len - len);
    }
}

static void
own_anchors(struct tsec_span rest, struct verifier_anchors *out)
{
    memset(out, 0, sizeof(*out));
    take_digest(&rest, out->amd[0].ark);
    take_digest(&rest, out->amd[0].ask);
    take_digest(&rest, out->amd[0].asvk);
    take_digest(&rest, out->intel_spki);
    take_digest(&rest, out->azure_tpm[0]);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(out->amd); i++) {
        out->amd[i] = out->amd[0];
        out->amd[i].product = verifier_anchors_pinned.amd[i].product;
    }
}

void
maa_input_open(const struct parcel *parcel, struct maa_input *out)
{
    out->collateral = NULL;
    if ((parcel->flags & PARCEL_PINNED) != 0) {
        out->anchors = verifier_anchors_pinned;
    } else {
        own_anchors(parcel->anchors, &out->anchors);
    }
    FUZZ_ASSERT(!tsec_failed(collateral_new(&out->collateral, NULL)));
    for (size_t i = 0; i < parcel->items_len; i++) {
        (void)collateral_add(out->collateral, parcel->items[i], NULL).code;
    }
}

void
maa_input_done(struct maa_input *input)
{
    collateral_free(input->collateral);
}

struct verifier_input
maa_input_verifier(const struct maa_input *input, struct verifier_cache *cache,
                   const struct parcel *parcel, const struct tsec_expectation *expect, int64_t now,
                   struct tsec_claims *claims)
{
    return (struct verifier_input){
        .anchors = &input->anchors,
        .cache = cache,
        .collateral = input->collateral,
        .evidence = parcel->evidence,
        .expect = expect,
        .now = now,
        .claims = claims,
    };
}
