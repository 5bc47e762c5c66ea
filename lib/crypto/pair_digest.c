/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pair_internal.h"

tsec_rc
tsec_pair_digest(const struct tsec_signing *how, struct tsec_span input, uint8_t *digest,
                 struct tsec_span *out, struct tsec_err *err)
{
    if (!tsec_hash_is(how->hash)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "this kind of signature needs a hash algorithm");
    }

    const size_t len = tsec_hash_len(how->hash);

    if (!how->prehashed) {
        tsec_hash_parts(how->hash, &input, 1, digest);
    } else if (input.len == len) {
        memcpy(digest, input.ptr, len);
    } else {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a digest of %zu bytes, where the hash has %zu",
                         input.len, len);
    }
    *out = tsec_span(digest, len);
    return TSEC_OK;
}
