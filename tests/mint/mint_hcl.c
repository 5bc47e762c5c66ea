/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mint/mint_hcl.h"

#include "base/base64.h"
#include "base/hex.h"
#include "codec/json_out.h"
#include "crypto/hash.h"
#include "tests/mint/mint_internal.h"

enum { PCR_LEN = 32, PCRS = 24 };

static void
put_u32(uint8_t *at, size_t value)
{
    for (unsigned i = 0; i < 4; i++) {
        at[i] = (uint8_t)(value >> 8 * i);
    }
}

static void
put_upper(struct tsec_buf *out, struct tsec_span bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        tsec_buf_printf(out, "%02X", bytes.ptr[i]);
    }
}

void
mint_hcl_runtime(const struct mint_key *ak, struct tsec_span user_data, struct tsec_buf *json)
{
    TSEC_AUTO_BUF struct tsec_buf n = TSEC_BUF_INIT(1024);

    mint_key_modulus(ak, &n);
    tsec_buf_put_str(json,
                     "{\"keys\":[{\"kid\":\"HCLAkPub\",\"key_ops\":[\"sign\"],\"kty\":\"RSA\","
                     "\"e\":\"AQAB\",\"n\":\"");
    tsec_base64_append(json, TSEC_BASE64_URL, tsec_buf_span(&n));
    tsec_buf_put_str(json, "\"},{\"kid\":\"HCLEkPub\",\"key_ops\":[\"encrypt\"],\"kty\":\"RSA\","
                           "\"e\":\"AQAB\",\"n\":\"AQ\"}],\"vm-configuration\":{"
                           "\"console-enabled\":false,\"secure-boot\":true,\"tpm-enabled\":true,"
                           "\"vmUniqueId\":\"00000000-1111-4222-8333-444444444444\"}");
    if (user_data.len != 0) {
        tsec_buf_put_str(json, ",\"user-data\":\"");
        put_upper(json, user_data);
        tsec_buf_put_str(json, "\"");
    }
    tsec_buf_put_str(json, "}");
}

void
mint_hcl(uint8_t report[static MINT_SNP_REPORT_LEN], const struct mint_key *vek_key,
         struct tsec_span runtime, struct tsec_buf *out)
{
    uint8_t *at = tsec_buf_extend(out, MINT_HCL_LEN);

    mint_need(at != NULL && runtime.len <= MINT_HCL_LEN - MINT_HCL_JSON, "an HCL report");
    memset(report + MINT_SNP_REPORT_DATA, 0, 64);
    tsec_sha256(runtime, report + MINT_SNP_REPORT_DATA);
    mint_snp_sign(vek_key, report);
    memcpy(at, "HCLA", 4);
    at[MINT_HCL_VERSION] = 1;
    put_u32(at + MINT_HCL_REPORT_SIZE, MINT_HCL_JSON + runtime.len);
    at[MINT_HCL_REQUEST] = 2;
    memcpy(at + MINT_HCL_REPORT, report, MINT_SNP_REPORT_LEN);
    put_u32(at + MINT_HCL_DATA_SIZE, 20 + runtime.len);
    at[MINT_HCL_DATA_SIZE + 4] = 1;
    at[MINT_HCL_REPORT_TYPE] = 2;
    at[MINT_HCL_HASH_TYPE] = 1;
    put_u32(at + MINT_HCL_JSON_SIZE, runtime.len);
    memcpy(at + MINT_HCL_JSON, runtime.ptr, runtime.len);
}

static void
put_be(struct tsec_buf *out, uint64_t value, unsigned len)
{
    for (unsigned i = len; i-- > 0;) {
        tsec_buf_put_byte(out, (uint8_t)(value >> 8 * i));
    }
}

void
mint_quote_pcrs(uint32_t selected, struct tsec_buf *out)
{
    for (unsigned i = 0; i < PCRS; i++) {
        if ((selected >> i & 1) != 0) {
            memset(tsec_buf_extend(out, PCR_LEN), (int)i + 1, PCR_LEN);
        }
    }
}

static void
put_bank(const struct mint_quote *quote, struct tsec_buf *out)
{
    put_be(out, quote->bank != 0 ? quote->bank : 0x000b, 2);
    tsec_buf_put_byte(out, 3);
    for (unsigned i = 0; i < 3; i++) {
        tsec_buf_put_byte(out, (uint8_t)(quote->selected >> 8 * i));
    }
}

void
mint_quote_message(const struct mint_quote *quote, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf pcrs = TSEC_BUF_INIT((size_t)PCRS * PCR_LEN);
    uint8_t digest[TSEC_SHA256_LEN];
    const uint8_t name[34] = { 0x00, 0x0b };

    mint_quote_pcrs(quote->selected, &pcrs);
    tsec_sha256(tsec_buf_span(&pcrs), digest);
    digest[0] ^= quote->wrong_digest ? 1 : 0;
    put_be(out, quote->magic != 0 ? quote->magic : 0xff544347, 4);
    put_be(out, quote->type != 0 ? quote->type : 0x8018, 2);
    put_be(out, sizeof(name), 2);
    tsec_buf_put(out, name, sizeof(name));
    put_be(out, quote->extra_data.len, 2);
    tsec_buf_put_span(out, quote->extra_data);
    put_be(out, 123456, 8); /* clock */
    put_be(out, 5, 4);      /* resets */
    put_be(out, 1, 4);      /* restarts */
    put_be(out, 1, 1);      /* safe */
    put_be(out, 0x20200101, 8);
    put_be(out, quote->two_banks ? 2 : 1, 4);
    put_bank(quote, out);
    if (quote->two_banks) {
        put_bank(quote, out);
    }
    put_be(out, sizeof(digest), 2);
    tsec_buf_put(out, digest, sizeof(digest));
}

static void
put_bytes(struct tsec_json_out *json, const char *key, struct tsec_span bytes, int version)
{
    TSEC_AUTO_BUF struct tsec_buf hex = TSEC_BUF_INIT(64 * 1024);

    if (key != NULL) {
        tsec_json_key(json, key);
    }
    if (version != 0) {
        tsec_hex_append(&hex, bytes);
        tsec_json_span(json, tsec_buf_span(&hex));
        return;
    }
    tsec_json_array(json);
    for (size_t i = 0; i < bytes.len; i++) {
        tsec_json_int(json, bytes.ptr[i]);
    }
    tsec_json_array_end(json);
}

static void
put_base64(struct tsec_json_out *json, const char *key, struct tsec_span bytes)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(64 * 1024);

    tsec_base64_append(&text, TSEC_BASE64_URL, bytes);
    while (text.len % 4 != 0) {
        tsec_buf_put_str(&text, "=");
    }
    tsec_json_put_span(json, key, tsec_buf_span(&text));
}

static void
put_quote(struct tsec_json_out *json, const struct mint_hcl_json *parts)
{
    tsec_json_key(json, parts->version == 0 ? "quote" : "tpm_quote");
    tsec_json_object(json);
    put_bytes(json, "message", parts->message, parts->version);
    put_bytes(json, "signature", parts->signature, parts->version);
    tsec_json_key(json, "pcrs");
    tsec_json_array(json);
    for (size_t i = 0; i < parts->pcrs.len; i += PCR_LEN) {
        put_bytes(json, NULL, tsec_span(parts->pcrs.ptr + i, PCR_LEN), parts->version);
    }
    tsec_json_array_end(json);
    tsec_json_object_end(json);
}

void
mint_hcl_json(const struct mint_hcl_json *parts, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(64 * 1024);
    struct tsec_json_out json = tsec_json_out(out);

    tsec_json_object(&json);
    if (parts->version == 0) {
        put_bytes(&json, "report", parts->hcl, 0);
    } else {
        tsec_json_put_int(&json, "version", parts->version);
        put_base64(&json, "hcl_report", parts->hcl);
    }
    if (parts->message.len != 0) {
        put_quote(&json, parts);
    }
    if (parts->vcek.len != 0 && parts->version == 0) {
        mint_pem("CERTIFICATE", parts->vcek, &pem);
        tsec_json_put_span(&json, "vcek", tsec_buf_span(&pem));
    } else if (parts->vcek.len != 0) {
        put_base64(&json, "vcek", parts->vcek);
    }
    tsec_json_object_end(&json);
}
