/* SPDX-License-Identifier: Apache-2.0 */
#include "sim_seal.h"

#include <string.h>

#include "crypto/aead.h"
#include "crypto/rand.h"

enum { MAGIC_LEN = 4, NONCE_AT = MAGIC_LEN, SEALED_AT = MAGIC_LEN + TSEC_GCM_NONCE_LEN };

static const uint8_t magic[MAGIC_LEN] = { 'T', 'S', 'W', '1' };
static const char label[] = "tee-secrets/simulated/root key/1";

/* A TEE in debug mode is another TEE, as with SGX and SEV-SNP. */
static void
put_aad(struct tsec_buf *out, const uint8_t *measurement, bool debug)
{
    tsec_buf_put(out, label, sizeof(label));
    tsec_buf_put(out, measurement, SIM_MEASUREMENT_LEN);
    tsec_buf_put_byte(out, debug ? 1 : 0);
}

tsec_rc
sim_wrap(struct tsec_secret *seal_key, const uint8_t measurement[SIM_MEASUREMENT_LEN], bool debug,
         const uint8_t key[TSEC_ROOT_KEY_LEN], uint8_t out[SIM_WRAPPING_LEN], struct tsec_err *err)
{
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *aead = NULL;
    TSEC_AUTO_BUF struct tsec_buf aad = TSEC_BUF_INIT(256);

    put_aad(&aad, measurement, debug);
    TSEC_TRY(tsec_buf_check(&aad, err));
    TSEC_TRY(tsec_aead_key_new(TSEC_AES_256_GCM, tsec_secret_bytes(seal_key), &aead, err));
    memcpy(out, magic, sizeof(magic));
    tsec_rand_bytes(out + NONCE_AT, TSEC_GCM_NONCE_LEN);
    return tsec_aead_seal(aead, out + NONCE_AT, tsec_buf_span(&aad),
                          tsec_span(key, TSEC_ROOT_KEY_LEN), out + SEALED_AT, err);
}

tsec_rc
sim_unwrap(struct tsec_secret *seal_key, const uint8_t measurement[SIM_MEASUREMENT_LEN], bool debug,
           struct tsec_span wrapping, uint8_t key[TSEC_ROOT_KEY_LEN], struct tsec_err *err)
{
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *aead = NULL;
    TSEC_AUTO_BUF struct tsec_buf aad = TSEC_BUF_INIT(256);
    tsec_rc rc;

    if (wrapping.len != SIM_WRAPPING_LEN
        || !tsec_span_starts(wrapping, tsec_span(magic, sizeof(magic)))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "not a root key wrapped by a simulated TEE");
    }
    put_aad(&aad, measurement, debug);
    TSEC_TRY(tsec_buf_check(&aad, err));
    TSEC_TRY(tsec_aead_key_new(TSEC_AES_256_GCM, tsec_secret_bytes(seal_key), &aead, err));
    rc = tsec_aead_open(aead, wrapping.ptr + NONCE_AT, tsec_buf_span(&aad),
                        tsec_span(wrapping.ptr + SEALED_AT, wrapping.len - SEALED_AT), key, err);
    if (rc.code == TSEC_E_TAMPERED) {
        return TSEC_FAIL(err, TSEC_E_DENIED,
                         "the root key was wrapped by another simulated TEE or for another "
                         "measurement, or was changed");
    }
    return rc;
}
