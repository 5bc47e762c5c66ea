/* SPDX-License-Identifier: Apache-2.0 */
/* A keyring opens from its own sealed object only; and what is inside, sealed under the fixed key
 * by the harness, never breaks the reader: what it accepts, it seals and opens again. */
#include "codec/pack.h"
#include "sealed/keyring.h"
#include "tests/fuzz/fuzz.h"

static const uint8_t root[32] = { 1 };

enum { HEADER = 16, BODY = HEADER + TSEC_XAES_NONCE_LEN };

static void
seal_plain(struct tsec_span plain, struct tsec_buf *blob)
{
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *key = NULL;
    TSEC_AUTO_BUF struct tsec_buf aad = TSEC_BUF_INIT(64);
    static const uint8_t nonce[TSEC_XAES_NONCE_LEN] = { 0 };

    tsec_buf_put_str(blob, "TSK1");
    tsec_pack_u32(blob, 1);
    tsec_pack_u64(blob, 1);
    tsec_buf_put_span(&aad, tsec_buf_span(blob));
    tsec_pack_str(&aad, "fuzz");
    tsec_buf_put(blob, nonce, sizeof(nonce));

    uint8_t *out = tsec_buf_extend(blob, plain.len + TSEC_AEAD_TAG_LEN);

    FUZZ_ASSERT(out != NULL);
    FUZZ_ASSERT(!tsec_failed(tsec_aead_key_new(TSEC_XAES_256_GCM, root, &key, NULL)));
    FUZZ_ASSERT(!tsec_failed(tsec_aead_seal(key, nonce, tsec_buf_span(&aad), plain, out, NULL)));
}

static void
seal_and_open(const struct keyring *keyring)
{
    TSEC_AUTO(keyring_free) struct keyring *again = NULL;
    TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(2 << 20);

    FUZZ_ASSERT(!tsec_failed(keyring_seal(keyring, root, &blob, NULL)));
    FUZZ_ASSERT(!tsec_failed(keyring_open(tsec_buf_span(&blob), root, "fuzz", &again, NULL)));
    FUZZ_ASSERT(keyring_dek_count(again) == keyring_dek_count(keyring));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TSEC_AUTO(keyring_free) struct keyring *none = NULL;
    TSEC_AUTO(keyring_free) struct keyring *inside = NULL;
    TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(2 << 20);

    FUZZ_ASSERT(keyring_open(tsec_span(data, size), root, "fuzz", &none, NULL).code
                == TSEC_E_TAMPERED);
    FUZZ_ASSERT(none == NULL);
    seal_plain(tsec_span(data, size), &blob);
    if (!tsec_failed(keyring_open(tsec_buf_span(&blob), root, "fuzz", &inside, NULL))) {
        seal_and_open(inside);
    }
    return 0;
}
