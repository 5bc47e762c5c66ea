/* SPDX-License-Identifier: Apache-2.0 */
/* Simulated evidence that is read is the only spelling of what was read, and no input is genuine
 * to a verifier whose root signed nothing; a PEM text gives roots or none. */
#include <stdlib.h>
#include <string.h>

#include "attest-sim/sim_roots.h"
#include "attest-sim/sim_verify.h"
#include "crypto/crypto.h"
#include "tests/fuzz/fuzz.h"

static void
read_evidence(struct tsec_span input)
{
    TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);
    struct sim_evidence e;
    const tsec_rc rc = sim_parse(input, &e, NULL);

    FUZZ_ASSERT(rc.code == TSEC_OK_CODE || rc.code == TSEC_E_INVALID);
    if (tsec_failed(rc)) {
        return;
    }
    FUZZ_ASSERT(e.nonce_len <= sizeof(e.nonce) && e.public_key_len <= sizeof(e.public_key));
    FUZZ_ASSERT(e.leaf_len <= sizeof(e.leaf) && e.svn >= 0 && e.issued_at >= 0);
    sim_encode(&e, &again);
    FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&again), input));
}

static void
appraise(struct tsec_span input)
{
    static struct tsec_claims claims;
    static const struct tsec_claims untouched;
    const struct sim_roots none = { .len = 0 };
    const struct tsec_expectation expect = { .struct_size = (uint32_t)sizeof(expect),
                                             .allow_debug = true };
    const tsec_rc rc = sim_verify(&none, input, &expect, 1800000000, &claims, NULL);

    FUZZ_ASSERT(rc.code == TSEC_E_INVALID || rc.code == TSEC_E_DENIED);
    FUZZ_ASSERT(memcmp(&claims, &untouched, sizeof(claims)) == 0);
}

static void
read_roots(struct tsec_span input)
{
    struct sim_roots roots = { .len = 0 };
    const tsec_rc rc = sim_roots_add_pem(&roots, input, NULL);

    FUZZ_ASSERT(rc.code == TSEC_OK_CODE || rc.code == TSEC_E_CONFIG);
    FUZZ_ASSERT(tsec_failed(rc) || roots.len > 0);
    sim_roots_done(&roots);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FUZZ_ASSERT(!tsec_failed(tsec_crypto_setup(NULL)));
    read_evidence(tsec_span(data, size));
    appraise(tsec_span(data, size));
    read_roots(tsec_span(data, size));
    return 0;
}
