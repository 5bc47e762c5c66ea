/* SPDX-License-Identifier: Apache-2.0 */
/* A blob the host made up opens as no row; and a record of any bytes, sealed by the harness, is
 * either read within its bounds or refused with nothing left behind. */
#include "codec/pack.h"
#include "sealed/row.h"
#include "tests/fuzz/fuzz.h"

static const uint8_t rk[ROW_KEY_LEN] = { 7 };

/* Seals any plaintext as row_seal() would its own. */
static void
seal_any(const struct keyring *keyring, struct tsec_span input, uint8_t *blob)
{
    TSEC_AUTO_BUF struct tsec_buf aad = TSEC_BUF_INIT(320);
    uint8_t plain[1 << ROW_CLASS_MIN] = { 0 };
    struct keyring_dek dek;

    FUZZ_ASSERT(keyring_dek_primary(keyring, tsec_span_str("sys"), &dek));
    memcpy(plain, input.ptr, input.len < sizeof(plain) ? input.len : sizeof(plain));
    tsec_buf_put_str(&aad, "TSR1");
    tsec_pack_u8(&aad, 1);
    tsec_pack_u32(&aad, dek.kid);
    memcpy(blob, aad.ptr, aad.len);
    memset(blob + aad.len, 3, TSEC_XAES_NONCE_LEN);

    uint8_t *const nonce = blob + aad.len;

    tsec_pack_str(&aad, keyring_origin(keyring));
    tsec_buf_put(&aad, rk, sizeof(rk));
    tsec_pack_u64(&aad, 1);
    tsec_pack_u8(&aad, ROW_CLASS_MIN);
    FUZZ_ASSERT(!tsec_failed(tsec_aead_seal(dek.key, nonce, tsec_buf_span(&aad),
                                            tsec_span(plain, sizeof(plain)),
                                            nonce + TSEC_XAES_NONCE_LEN, NULL)));
}

static bool
within(struct tsec_span part, const uint8_t *from, size_t len)
{
    return part.len == 0 || (part.ptr >= from && part.ptr + part.len <= from + len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct keyring *keyring; /* reachable to the end of the process */
    static uint8_t plain[1 << ROW_CLASS_MAX];
    uint8_t blob[(1 << ROW_CLASS_MIN) + ROW_OVERHEAD];
    const struct tsec_span input = tsec_span(data, size);
    struct row_record record;

    if (keyring == NULL) {
        FUZZ_ASSERT(!tsec_failed(keyring_new("fuzz", 1, &keyring, NULL)));
    }
    (void)row_kid(input);
    for (unsigned c = ROW_CLASS_MIN - 1; c <= ROW_CLASS_MAX + 1; c++) {
        FUZZ_ASSERT(row_open(keyring, rk, 1, (uint8_t)c, input, plain, &record, NULL).code
                    == TSEC_E_TAMPERED);
    }
    seal_any(keyring, input, blob);
    if (!tsec_failed(row_open(keyring, rk, 1, ROW_CLASS_MIN, tsec_span(blob, sizeof(blob)), plain,
                              &record, NULL))) {
        FUZZ_ASSERT(within(record.key, plain, 1 << ROW_CLASS_MIN));
        FUZZ_ASSERT(within(record.payload, plain, 1 << ROW_CLASS_MIN));
        FUZZ_ASSERT(record.group_len <= record.key.len);
        FUZZ_ASSERT(tsec_span_is(row_mount(record.key), "sys"));
    } else {
        for (size_t i = 0; i < (size_t)1 << ROW_CLASS_MIN; i++) {
            FUZZ_ASSERT(plain[i] == 0);
        }
    }
    return 0;
}
