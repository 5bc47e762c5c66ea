/* SPDX-License-Identifier: Apache-2.0 */
/* SGX quotes and, with PARCEL_VARIANT, TDX quotes (parcel.h), with collateral beside them: the
 * verdict keeps its contract, and nothing is genuine under a root that is all zeroes. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/maa_input.h"
#include "tests/fuzz/verdict.h"

static struct maa_input input;
static struct verifier_cache cache;

static tsec_rc
verify(const struct parcel *p, const struct tsec_expectation *expect, int64_t now, bool cached,
       struct tsec_claims *claims, struct tsec_err *err)
{
    const struct verifier_input in =
        maa_input_verifier(&input, cached ? &cache : NULL, p, expect, now, claims);

    return quote_verify(&in, (p->flags & PARCEL_VARIANT) != 0, err);
}

static tsec_rc
decode(const struct parcel *p, struct tsec_claims *claims, struct tsec_err *err)
{
    return quote_decode(p->evidence, (p->flags & PARCEL_VARIANT) != 0, claims, err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct verdict_subject subject = { verify, decode, true };
    const struct parcel p = parcel_open(data, size);

    maa_input_open(&p, &input);
    FUZZ_ASSERT(!tsec_failed(quote_memo_new(&cache.quote, NULL)));
    verdict_of(&subject, &p, (struct tsec_expectation){ .struct_size = 0 });
    tsec_memo_free(cache.quote);
    maa_input_done(&input);
    return 0;
}
