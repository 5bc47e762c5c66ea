/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/locked.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "crypto/internal.h"

tsec_rc
tsec_locked_new(size_t len, uint8_t **out, struct tsec_err *err)
{
    if (len == 0 || len > TSEC_LOCKED_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "%zu bytes of locked memory", len);
    }

    uint8_t *bytes = tsec_crypto_heap_has_room() ? OPENSSL_secure_zalloc(len) : NULL;

    if (bytes == NULL) {
        ERR_clear_error();
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "%zu bytes of locked memory", len);
    }
    *out = bytes;
    return TSEC_OK;
}

void
tsec_locked_free(uint8_t *bytes, size_t len)
{
    OPENSSL_secure_clear_free(bytes, len);
}
