/* SPDX-License-Identifier: Apache-2.0 */
/* The evidence in a certificate: what is taken, written again from its parts, is what was read; all
 * parts lie within it, and it is about the key that was asked for. */
#include "appraisal/ra_tls.h"
#include "tests/fuzz/fuzz.h"

static bool
is_within(struct tsec_span part, const uint8_t *data, size_t size)
{
    return part.len == 0
           || (part.ptr >= data && part.len <= size
               && (size_t)(part.ptr - data) <= size - part.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(TSEC_RA_TLS_MAX);
    const struct tsec_span key = tsec_span_str("key");
    struct tsec_ra_tls read;
    struct tsec_ra_tls other;
    const tsec_rc rc = tsec_ra_tls_read(tsec_span(data, size), key, &read, NULL);

    FUZZ_ASSERT(rc.code == 0 || rc.code == TSEC_E_INVALID || rc.code == TSEC_E_DENIED);
    if (rc.code != 0) {
        return 0;
    }
    FUZZ_ASSERT(is_within(read.evidence, data, size) && is_within(read.claims, data, size));
    FUZZ_ASSERT(is_within(read.nonce, read.claims.ptr, read.claims.len));
    FUZZ_ASSERT(tsec_ra_tls_read(tsec_span(data, size), tsec_span_str("kez"), &other, NULL).code
                == TSEC_E_DENIED);
    if (size <= TSEC_RA_TLS_MAX) {
        FUZZ_ASSERT(!tsec_failed(
            tsec_ra_tls_extension(read.format, read.evidence, read.claims, &again, NULL)));
        FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&again), tsec_span(data, size)));
    }
    return 0;
}
