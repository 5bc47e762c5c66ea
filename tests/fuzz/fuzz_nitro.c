/* SPDX-License-Identifier: Apache-2.0 */
/* Nitro attestation documents (parcel.h): the verdict keeps its contract, and nothing is genuine
 * under a root that is all zeroes.  An item beside the document is a root that is kept. */
#include "attest-nitro/nitro_verify.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/verdict.h"

static struct tsec_memo *memo;

static tsec_rc
verify(const struct parcel *p, const struct tsec_expectation *expect, int64_t now, bool cached,
       struct tsec_claims *claims, struct tsec_err *err)
{
    uint8_t root[TSEC_SHA256_LEN] = { 0 };
    const size_t own = p->anchors.len < sizeof(root) ? p->anchors.len : sizeof(root);

    if (own > 0) {
        memcpy(root, p->anchors.ptr, own);
    }

    const struct nitro_input in = {
        .root = (p->flags & PARCEL_PINNED) != 0 ? nitro_root_pinned : root,
        .chains = cached ? memo : NULL,
        .kept_root = p->items[0],
        .evidence = p->evidence,
        .expect = expect,
        .now = now,
        .claims = claims,
    };

    return nitro_verify(&in, err);
}

static tsec_rc
decode(const struct parcel *p, struct tsec_claims *claims, struct tsec_err *err)
{
    return nitro_decode(p->evidence, claims, err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct verdict_subject subject = { verify, decode, true };
    const struct parcel p = parcel_open(data, size);

    FUZZ_ASSERT(!tsec_failed(nitro_memo_new(&memo, NULL)));
    verdict_of(&subject, &p, (struct tsec_expectation){ .struct_size = 0 });
    tsec_memo_free(memo);
    return 0;
}
