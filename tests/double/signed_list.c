/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/double/signed_list.h"

#include "base/base64.h"
#include "tests/test.h"

void
signed_list_key_new(struct signed_list_key *key, enum tsec_key_kind kind)
{
    tsec_buf_init(&key->spki, OPERATOR_SPKI_MAX);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_generate(kind, &key->key, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_spki(key->key, &key->spki, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(operators_id(tsec_buf_span(&key->spki), key->id, NULL)));
}

void
signed_list_key_done(struct signed_list_key *key)
{
    tsec_key_free(key->key);
    tsec_buf_done(&key->spki);
}

/* A DER INTEGER of an unsigned number. */
static void
put_number(struct tsec_buf *out, const uint8_t *bytes, size_t len)
{
    while (len > 1 && bytes[0] == 0) {
        bytes++;
        len--;
    }
    const size_t pad = bytes[0] >= 0x80 ? 1 : 0;

    tsec_buf_put_byte(out, 0x02);
    tsec_buf_put_byte(out, (uint8_t)(len + pad));
    if (pad != 0) {
        tsec_buf_put_byte(out, 0);
    }
    tsec_buf_put(out, bytes, len);
}

void
signed_list_sign(const struct signed_list_key *key, struct tsec_span message, bool der,
                 struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf raw = TSEC_BUF_INIT(256);
    TSEC_AUTO_BUF struct tsec_buf numbers = TSEC_BUF_INIT(256);
    const enum tsec_hash hash =
        tsec_key_kind_of(key->key) == TSEC_KEY_P256 ? TSEC_SHA256 : TSEC_SHA384;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_sign(key->key, hash, message, &raw, NULL)));
    if (!der) {
        tsec_buf_put_span(out, tsec_buf_span(&raw));
        return;
    }
    put_number(&numbers, raw.ptr, raw.len / 2);
    put_number(&numbers, raw.ptr + raw.len / 2, raw.len / 2);
    tsec_buf_put_byte(out, 0x30);
    tsec_buf_put_byte(out, (uint8_t)numbers.len);
    tsec_buf_put_span(out, tsec_buf_span(&numbers));
}

void
signed_list_document(const char *ledger, long sequence, const char *measurements,
                     struct tsec_buf *out)
{
    tsec_buf_printf(out,
                    "{\"type\":\"tee-secrets/measurements/1\",\"ledger\":\"%s\","
                    "\"sequence\":%ld,\"measurements\":%s}",
                    ledger, sequence, measurements);
}

void
signed_list_body(const struct signed_list_key *key, struct tsec_span document, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf signature = TSEC_BUF_INIT(256);

    signed_list_sign(key, document, false, &signature);
    tsec_buf_put_str(out, "{\"document\":\"");
    tsec_base64_append(out, TSEC_BASE64_STD, document);
    tsec_buf_put_str(out, "\",\"signature\":\"");
    tsec_base64_append(out, TSEC_BASE64_STD, tsec_buf_span(&signature));
    tsec_buf_put_str(out, "\"}");
}
